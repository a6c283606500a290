/**
 * `prestart`: what must be there before Node 24 can run the starter. Two tracks at once: the npm packages, and the
 * homeserver's Python environment. Plain JavaScript without packages, for the system's Node (20 or later).
 */
import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { preparePython } from '../synapse/python.mjs';
import { lockFile } from './lock-file.mjs';
import { checkMachine, preparePackages } from './packages.mjs';
import { say, step } from './progress.mjs';
import { Sentence, explain } from './run.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const LONG_MS = 10_000; // a track that takes longer says that it goes on

/** Says « toujours en cours » now and then, so that a slow network does not look like a hang. */
async function track(number, what, work) {
  const waiting = setInterval(() => step(number, `${what} : toujours en cours`), LONG_MS);
  try {
    return await work();
  } finally {
    clearInterval(waiting);
  }
}

async function packages(log) {
  const name = createHash('sha256').update(root).digest('hex').slice(0, 16);
  const file = join(tmpdir(), `ecritoire-${process.getuid()}-${name}.lock`);
  const unlock = await lockFile(file); // two starts in one fresh folder: the second waits
  try {
    const done = await track(1, 'Paquets npm', () => preparePackages(root, { log }));
    step(1, done ? 'Paquets npm : installés' : 'Paquets npm : à jour');
  } finally {
    unlock();
  }
}

/**
 * Whether a homeserver of ours is wanted at all stands in the configuration, and its path among arguments that npm gives to the
 * starter only. So a failure is noted for the starter, which says it or has no need of Python.
 */
async function python(log) {
  const note = join(root, '.local/python-failed');
  try {
    await track(2, 'Serveur Matrix', () => preparePython({ log, say: (text) => step(2, `Serveur Matrix : ${text}`) }));
    await rm(note, { force: true });
    step(2, 'Serveur Matrix : environnement Python prêt');
  } catch (error) {
    await writeFile(note, error.message, { mode: 0o600 });
    step(2, 'Serveur Matrix : pas prêt');
  }
}

async function main() {
  checkMachine();
  const folder = join(root, '.local/log');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const log = (name) => join(folder, name);
  await Promise.all(['npm.log', 'python.log'].map((name) => writeFile(log(name), '', { mode: 0o600 })));
  const tracks = await Promise.allSettled([packages(log('npm.log')), python(log('python.log'))]);
  const failed = tracks.filter(({ status }) => status === 'rejected').map(({ reason }) => reason);
  for (const reason of failed) {
    complain(reason);
  }
  process.exitCode = failed.length > 0 ? 1 : 0;
}

function complain(reason) {
  const registry = { name: 'Le réseau', setting: 'HTTPS_PROXY' };
  const sentence =
    reason instanceof Sentence
      ? reason
      : explain(String(reason), { what: 'La préparation', folder: root, registry, log: join(root, '.local/log') });
  say(`\nÉcritoire n’a pas démarré. ${sentence.message}`);
}

main().catch((error) => {
  complain(error);
  process.exitCode = 1;
});

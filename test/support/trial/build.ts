/** Builds the web when its sources have changed since the last build; tests and starters at once build it once. */
import { createHash } from 'node:crypto';
import { mkdir, open, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ended, spawnCommand, withDeathSignal } from '../guarded.ts';
import { lockFile } from './lock-file.mjs';
import { Sentence, lastLine } from './run.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const STAMP = join(ROOT, 'build/.sources');
const LOCK = join(ROOT, 'node_modules/.ecritoire-build');

/** What the pages are made of. */
const SOURCES = ['web', 'appservice/desk', 'config', 'svelte.config.js', 'vite.config.ts', 'package-lock.json'];
const LEFT_OUT = /(^|\/)(node_modules|\.svelte-kit)(\/|$)/;

/** Answers whether it built. Throws a Sentence, with the place of the log. */
export async function buildWeb({ log }: { log: string }): Promise<boolean> {
  if (await isFresh()) {
    return false;
  }
  const unlock = await lockFile(LOCK);
  try {
    if (await isFresh()) {
      return false;
    }
    const sources = await hashSources();
    await rm(STAMP, { force: true });
    await build(log);
    await mkdir(join(ROOT, 'build'), { recursive: true });
    await writeFile(STAMP, sources);
    return true;
  } finally {
    unlock();
  }
}

async function isFresh(): Promise<boolean> {
  const stamp = await readFile(STAMP, 'utf8').catch(() => '');
  return stamp !== '' && stamp === (await hashSources());
}

async function hashSources(): Promise<string> {
  const files = (await Promise.all(SOURCES.map(listFiles))).flat().sort();
  const contents = await Promise.all(files.map((file) => readFile(join(ROOT, file)).catch(() => Buffer.alloc(0))));
  const hash = createHash('sha256');
  for (const [index, file] of files.entries()) {
    hash.update(`${file}\0${contents[index]?.length ?? 0}\0`).update(contents[index] ?? '');
  }
  return hash.digest('hex');
}

async function listFiles(source: string): Promise<string[]> {
  const entries = await readdir(join(ROOT, source), { recursive: true, withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) {
    return [source];
  }
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length));
  return files.filter((file) => !LEFT_OUT.test(file));
}

async function build(log: string): Promise<void> {
  const output = await open(log, 'w', 0o600);
  const command = withDeathSignal([process.execPath, join(ROOT, 'node_modules/vite/bin/vite.js'), 'build'], 'TERM');
  const child = spawnCommand(command, {
    cwd: ROOT,
    stdio: ['ignore', output.fd, output.fd],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  await output.close();
  await ended(child);
  if (child.exitCode !== 0) {
    const said = await readFile(log, 'utf8').catch(() => '');
    const cause = /ENOSPC|No space left/i.test(said)
      ? 'le disque est plein, libérez de la place puis relancez'
      : lastLine(said).slice(0, 200);
    throw new Sentence(`La construction des pages a échoué : ${cause} (journal : ${log}).`);
  }
}

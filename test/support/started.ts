/**
 * A running trial for tests: the real starter in a throw-away folder on free ports. What it answers is what any tool, person
 * or Matrix client would do to it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ended, isAlive, until } from './guarded.ts';
import { type Addressee, type HookEvent, postEvents, readSecret } from './hook.ts';
import { Jar } from './jar.ts';
import { personOf } from './people.ts';
import { RunFile } from './trial/run-file.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const START = fileURLToPath(new URL('./trial/start.ts', import.meta.url));
const READY_MS = 240_000; // with a web build on a busy machine
const STOP_MS = 60_000;

export type MatrixLogin = { userId: string; accessToken: string; deviceId: string };

export interface Started {
  readonly folder: string;
  /** run.json as it was when the trial became ready; {@link Started.read} for now. */
  readonly run: RunFile;
  readonly starter: ChildProcess;
  /** Everything the starter has said so far. */
  said(): string;
  read(): Promise<RunFile>;
  /** run.json once it satisfies the condition; throws when it does not in time. */
  waitFor(what: (run: RunFile) => boolean, options?: { withinMs?: number }): Promise<RunFile>;
  /** kill -9 of a part by its name; answers its pid. */
  kill(part: string): Promise<number>;
  /** SIGTERM to the starter; resolves with its exit code, the folder removed unless it was given. */
  stop(): Promise<number | null>;
  /** Posts one event to a connection: `data` is the event's, `overrides` its attributes. */
  post(connection: string, data: Record<string, unknown>, overrides?: Partial<HookEvent>): Promise<Response>;
  /** Signs in at the desk through the real pages of the identity provider; the jar holds the desk's cookie. */
  signIn(login: string): Promise<Jar>;
  /** Signs in as another Matrix client does, by `m.login.sso`. */
  matrixLogin(login: string): Promise<MatrixLogin>;
}

export type StartOptions = {
  /** Off unless asked for: a test knows what comes. */
  town?: boolean;
  env?: NodeJS.ProcessEnv;
  /** Kept after the stop when given; else a temporary one. */
  folder?: string;
  /** More of what can follow `npm start --`. */
  args?: readonly string[];
};

/** Starts the trial and waits until it is ready. Throws with everything the starter said when it does not become ready. */
export async function startTrial({ town = false, env = {}, folder, args = [] }: StartOptions = {}): Promise<Started> {
  const place = folder ?? (await mkdtemp(join(tmpdir(), 'ecritoire-essai-')));
  const { starter, said } = spawnStarter(place, { args: [...(town ? [] : ['--no-town']), ...args], env });
  const { read, waitFor } = watch(place, { starter, said });
  const stop = async (): Promise<number | null> => {
    const code = await stopStarter(starter);
    if (folder === undefined) {
      await rm(place, { recursive: true, force: true });
    }
    return code;
  };
  const run = await waitFor((now) => now.ready && now.pid === starter.pid).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    folder: place,
    run,
    starter,
    said,
    read,
    waitFor,
    stop,
    kill: async (part) => killPart(await read(), part),
    post: (connection, data, overrides) => post(run, connection, data, overrides),
    signIn: (login) => signIn(run, login),
    matrixLogin: async (login) => matrixLogin(run, await signIn(run, login)),
  };
}

/** Reads run.json of a living starter, now or once it says something. */
function watch(folder: string, { starter, said }: { starter: ChildProcess; said: () => string }): Pick<Started, 'read' | 'waitFor'> {
  const read = async (): Promise<RunFile> => RunFile.parse(JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')));
  const waitFor: Started['waitFor'] = async (what, { withinMs = READY_MS } = {}) => {
    const attempt = async (): Promise<RunFile | undefined> => {
      const run = await read().catch(() => undefined);
      if (starter.exitCode !== null || starter.signalCode !== null) {
        throw new Error(`the trial has stopped:\n${said()}`);
      }
      return run !== undefined && what(run) ? run : undefined;
    };
    const found = await until(attempt, { withinMs, everyMs: 25 });
    if (found === undefined) {
      const parts = (await read().catch(() => undefined))?.parts;
      throw new Error(`not within ${withinMs} ms:\n${said()}\n${JSON.stringify(parts)}`);
    }
    return found;
  };
  return { read, waitFor };
}

/** The starter itself, not waited for. */
export function spawnStarter(
  folder: string,
  { args = [], env = {} }: { args?: readonly string[]; env?: NodeJS.ProcessEnv } = {},
): { starter: ChildProcess; said: () => string } {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_') && name !== 'NODE_OPTIONS'));
  const starter = spawn(process.execPath, [START, '--folder', folder, ...args], {
    cwd: ROOT,
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [starter.stdout, starter.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => (text += chunk));
  }
  return { starter, said: () => text };
}

async function stopStarter(starter: ChildProcess): Promise<number | null> {
  const over = ended(starter);
  starter.kill('SIGTERM');
  const killing = setTimeout(() => starter.kill('SIGKILL'), STOP_MS);
  await over;
  clearTimeout(killing);
  return starter.exitCode;
}

async function killPart(run: RunFile, name: string): Promise<number> {
  const part = run.parts.find((one) => one.name === name);
  if (part === undefined || !(await isAlive(part.pid))) {
    throw new Error(`no such part is running: ${name}`);
  }
  process.kill(part.pid, 'SIGKILL');
  return part.pid;
}

async function post(
  run: RunFile,
  connection: string,
  data: Record<string, unknown>,
  overrides: Partial<HookEvent> = {},
): Promise<Response> {
  const found = run.connections.find(({ id }) => id === connection);
  if (found === undefined) {
    throw new RangeError(`no such connection: ${connection}`);
  }
  const event: HookEvent = {
    specversion: '1.0',
    id: randomUUID(),
    source: `urn:essai:${connection}`,
    type: 'fr.collectivite.essai',
    time: new Date().toISOString(),
    data,
    ...overrides,
  };
  return postEvents({ url: found.hook, secret: await readSecret(found.secretFile) }, event);
}

/** `data` of an upsert for one agent, the rest as given. */
export function upsert(login: string, item: Record<string, unknown>, { reason }: { reason?: string } = {}): Record<string, unknown> {
  const to: Addressee = { mail: personOf(login).mail, ...(reason !== undefined && { reason }) };
  return { op: 'upsert', to: [to], item };
}

/** The desk sends to the picker, one button is pressed, and the redirects lead back to the desk. */
async function signIn(run: RunFile, login: string): Promise<Jar> {
  const jar = new Jar();
  const { url } = await jar.follow(`${run.web}/auth/login/essai`);
  if (!url.pathname.startsWith('/qui/')) {
    throw new Error(`the sign-in led to ${url.href} and not to the picker`);
  }
  const body = new URLSearchParams({ login }).toString();
  const chosen = await jar.get(url.href, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  const next = chosen.headers.get('location');
  if (next === null) {
    throw new Error(`the picker answered ${chosen.status}: ${(await chosen.text()).slice(0, 500)}`);
  }
  await jar.follow(new URL(next, url).href);
  return jar;
}

const CLIENT = 'http://client.example/retour';

async function matrixLogin(run: RunFile, jar: Jar): Promise<MatrixLogin> {
  const begin = `${run.homeserver}/_matrix/client/v3/login/sso/redirect/oidc-ecritoire?redirectUrl=${encodeURIComponent(CLIENT)}`;
  const { answer } = await jar.follow(begin, { stopAt: ({ href }) => href.startsWith(CLIENT) });
  const page = answer.headers.get('location') ?? (await answer.text());
  const token = /loginToken=([\w.~-]+)/.exec(page)?.[1];
  if (token === undefined) {
    throw new Error(`the homeserver gave no login token: ${page.slice(0, 1000)}`);
  }
  const answered = await fetch(`${run.homeserver}/_matrix/client/v3/login`, {
    method: 'POST',
    body: JSON.stringify({ type: 'm.login.token', token }),
  });
  if (!answered.ok) {
    throw new Error(`the homeserver refused the login token: ${answered.status} ${await answered.text()}`);
  }
  const {
    user_id: userId,
    access_token: accessToken,
    device_id: deviceId,
  } = (await answered.json()) as Record<'user_id' | 'access_token' | 'device_id', string>;
  return { userId, accessToken, deviceId };
}

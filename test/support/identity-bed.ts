/** Where sign-in is tested: real PostgreSQL and Synapse, an OpenID provider, and our directory on an internal listener. */
import { spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { exportJWK, generateKeyPair } from 'jose';
import { type Directory, makeDirectory } from '../../appservice/directory/index.ts';
import { openLog } from '../../appservice/log.ts';
import { makeBots } from '../../appservice/matrix/bridge.ts';
import { createClient } from '../../appservice/matrix/client.ts';
import { makeRooms } from '../../appservice/matrix/rooms.ts';
import { migrate, openStore, type Store } from '../../appservice/store/open.ts';
import { homeserverSnippet, registration } from '../../config/homeserver.ts';
import { loadConfig, type LoadedConfig } from '../../config/load.ts';
import { begin, finish } from '../../web/src/lib/server/oidc.ts';
import { stopChild, until } from './guarded.ts';
import { Jar } from './jar.ts';
import { KNOWN_PEOPLE, fullName, ORGANISATIONS } from './people.ts';
import { type Claimed, type PlainIssuer, startPlainIssuer } from './plain-issuer.ts';
import { postgresUrl, startPostgres } from './postgres.ts';
import { prepareSynapse, startSynapse, type Synapse } from './synapse.ts';
import { buildWeb } from './trial/build.ts';
import { freePort } from './trial/ports.ts';

export type IdentityBed = {
  folder: string;
  config: LoadedConfig;
  store: Store;
  directory: Directory;
  issuer: PlainIssuer;
  synapse: Synapse;
  /** What the directory asked to have delivered, in order. */
  reached: Reached[];
  /** The internal listener, to be stopped and started again by tests of an outage. */
  internal: { stop: () => Promise<void>; start: () => Promise<void> };
  stop: () => Promise<void>;
};

export type Reached = { organisation: string; localpart: string };

export const PROVIDER = 'essai';
export const DEAD_PROVIDER = 'eteint';

/** ProConnect's claims of one of the fictional people. */
export function claimsOf(person: { login: string; givenName: string; familyName: string; mail: string; siret: string }): Claimed {
  return {
    sub: `sub-${person.login}`,
    given_name: person.givenName,
    usual_name: person.familyName,
    email: person.mail,
    uid: person.login,
    siret: person.siret,
  };
}

/** `deadProvider` adds a second provider, {@link DEAD_PROVIDER}, whose issuer nobody answers for. */
export async function startIdentityBed({ signedUserinfo = false, deadProvider = false } = {}): Promise<IdentityBed> {
  const folder = await mkdtemp(join(tmpdir(), 'ecritoire-identity-'));
  const place = join(folder, 'postgres');
  const [databaseUrl, python, ...ports] = await Promise.all([
    postgresUrl(place, 'ecritoire'),
    prepareSynapse(),
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ]);
  const [web, internal, homeserver, appservice] = ports;
  const client = { id: 'bureau', secret: 'secret-of-the-desk', publicUrl: `http://127.0.0.1:${String(web)}`, provider: PROVIDER };
  const issuer = await startPlainIssuer(client, { signedUserinfo });
  const config = await writeConfig(folder, {
    client,
    issuer: issuer.url,
    ports: { web, internal, homeserver, appservice },
    databaseUrl,
    signedUserinfo,
    deadProvider,
  });
  const registrationFile = join(folder, 'registration.json');
  await writeFile(registrationFile, JSON.stringify(registration(config)), { mode: 0o600 });
  const snippet = homeserverSnippet(config, { registrationFile });
  const [postgres, synapse] = await Promise.all([
    startPostgres({ folder: place, databases: ['ecritoire'] }),
    startSynapse({ folder: join(folder, 'synapse'), port: homeserver, python, homeserver: snippet }),
  ]);
  const { store, pool } = openStore(config.store.url);
  await migrate(store);
  const reached: Reached[] = [];
  const directory = assemble(config, store, reached);
  await directory.syncPeople();
  const listener = internalListener(config, directory);
  await listener.start();
  return {
    folder,
    config,
    store,
    directory,
    issuer,
    synapse,
    reached,
    internal: listener,
    async stop() {
      directory.stop();
      await listener.stop();
      await issuer.stop();
      await synapse.stop();
      await store.destroy();
      await pool.end().catch(() => undefined); // the store has ended it
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function assemble(config: LoadedConfig, store: Store, reached: Reached[]): Directory {
  const { serverName, homeserver, appservice, organisations } = config;
  const client = createClient({ url: homeserver.url, asToken: appservice.asToken });
  const bots = makeBots({ client, serverName, homeserverUrl: homeserver.url, registration: registration(config), names: new Map() });
  const rooms = makeRooms({ client, bots, store, serverName, organisations });
  return makeDirectory({
    config,
    store,
    log: openLog('warn'),
    ensureAgentRooms: (organisation, localpart) => rooms.ensureAgentRooms(organisation, localpart),
    deliverWaiting: (_db, person) => Promise.resolve(reached.push(person)),
  });
}

function internalListener({ appservice }: LoadedConfig, directory: Directory): IdentityBed['internal'] {
  let server: Server | undefined;
  return {
    start: () =>
      new Promise((started) => {
        server = express()
          .use(directory.routes)
          .listen(appservice.internal.port, '127.0.0.1', () => started());
      }),
    stop: () =>
      new Promise((stopped) => {
        if (!server) stopped();
        server?.close(() => stopped());
        server?.closeAllConnections();
      }),
  };
}

type Making = {
  client: { id: string; secret: string; publicUrl: string };
  issuer: string;
  ports: { web: number; internal: number; homeserver: number; appservice: number };
  databaseUrl: string;
  signedUserinfo: boolean;
  deadProvider: boolean;
};

async function writeConfig(
  folder: string,
  { client, issuer, ports, databaseUrl, signedUserinfo, deadProvider }: Making,
): Promise<LoadedConfig> {
  const secrets = join(folder, 'secrets');
  await mkdir(secrets, { mode: 0o700 });
  const secret = async (name: string, value: string): Promise<{ file: string }> => {
    await writeFile(join(secrets, name), value, { mode: 0o600 });
    return { file: `secrets/${name}` };
  };
  const key = () => randomBytes(32).toString('base64');
  const token = () => randomBytes(32).toString('hex');
  const jwt = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const signing = await exportJWK((await generateKeyPair('RS256', { extractable: true })).privateKey);
  const listen = (port: number) => ({ host: '127.0.0.1', port });
  const local = (port: number) => `http://127.0.0.1:${String(port)}`;
  const config = {
    serverName: 'desk.localhost',
    publicUrl: client.publicUrl,
    organisations: ORGANISATIONS,
    homeserver: { url: local(ports.homeserver) },
    appservice: {
      listen: listen(ports.appservice),
      url: local(ports.appservice),
      internal: listen(ports.internal),
      asToken: await secret('as', token()),
      hsToken: await secret('hs', token()),
      internalToken: await secret('internal', token()),
      recordKey: await secret('record', key()),
    },
    store: { url: await secret('store', databaseUrl) },
    session: { jwtKey: await secret('jwt', jwt), cookieKeys: await secret('cookies', `${key()}\n${key()}`) },
    web: { listen: listen(ports.web), internalUrl: local(ports.internal) },
    providers: [
      {
        id: PROVIDER,
        kind: 'proconnect',
        label: 'Fournisseur d’essai',
        issuer,
        clientId: client.id,
        clientSecret: await secret('client', client.secret),
        ...(signedUserinfo && { userinfoAlg: 'RS256' }),
      },
      ...(deadProvider
        ? [
            {
              id: DEAD_PROVIDER,
              label: 'Fournisseur éteint',
              issuer: local(1),
              clientId: client.id,
              clientSecret: await secret('dead', client.secret),
            },
          ]
        : []),
    ],
    sso: {
      clientSecret: await secret('sso', token()),
      keys: await secret('keys', JSON.stringify({ keys: [{ ...signing, kid: 'sso-1', alg: 'RS256', use: 'sig' }] })),
    },
    people: KNOWN_PEOPLE.map((person) => ({
      name: fullName(person),
      mail: person.mail,
      uid: person.login,
      groups: person.groups,
      organisations: person.organisations,
    })),
  };
  const file = join(folder, 'ecritoire.yaml');
  await writeFile(file, JSON.stringify(config, null, 1), { mode: 0o600 });
  return loadConfig(file);
}

/** Signs in at the provider as `who`, the way the web does, up to what it hands to the directory. */
export async function prove(
  bed: IdentityBed,
  who: Claimed,
): Promise<{ provider: string; idToken: string; userinfo: unknown; nonce: string }> {
  const provider = bed.config.providers.find((one) => one.id === PROVIDER);
  if (!provider) throw new RangeError('no provider');
  bed.issuer.who = who;
  const { url, pending } = await begin(bed.config, provider, { back: '/', sharedPost: false });
  const back = await new Jar().follow(url.href, { stopAt: (at) => at.origin === bed.config.publicUrl });
  return { provider: provider.id, nonce: pending.nonce, ...(await finish(bed.config, provider, pending, back.url.search)) };
}

/** A call of the internal listener with its token, or with another. */
export async function callDirectory(
  bed: IdentityBed,
  method: string,
  path: string,
  body?: unknown,
  token = bed.config.appservice.internalToken,
) {
  const answer = await fetch(bed.config.web.internalUrl + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    type: answer.headers.get('content-type') ?? '',
    body: (text ? JSON.parse(text) : {}) as Record<string, unknown>,
  };
}

/** What the homeserver answers to an agent's token. */
export async function asAgent(
  bed: IdentityBed,
  accessToken: string,
  path: string,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(bed.config.homeserver.url + path, { headers: { authorization: `Bearer ${accessToken}` } });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

/** The web itself, as `npm start` runs it: `node web/server.ts --config FILE`; its pages are built first when stale. */
export async function startWeb(bed: IdentityBed): Promise<{ stop: () => Promise<void>; output: () => string }> {
  await buildWeb({ log: join(dirname(bed.config.file), 'build.log') });
  const server = fileURLToPath(new URL('../../web/server.ts', import.meta.url));
  const child = spawn(process.execPath, [server, '--config', bed.config.file], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let output = '';
  child.stdout?.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr?.on('data', (text: Buffer) => (output += text.toString()));
  const isUp = async (): Promise<true | undefined> => {
    if (child.exitCode !== null) throw new Error(`the web ended: ${output}`);
    const answer = await fetch(`${bed.config.publicUrl}/livez`).catch(() => undefined);
    return answer?.ok === true ? true : undefined;
  };
  if ((await until(isUp)) === undefined) throw new Error(`the web does not answer: ${output}`);
  return { stop: () => stopChild(child), output: () => output };
}

/** Signs in through the web in this browser, as whoever the provider is told; answers the page it ends on. */
export function signInByWeb(bed: IdentityBed, jar: Jar, who: Claimed | undefined, query = ''): Promise<{ url: URL; answer: Response }> {
  bed.issuer.who = who;
  return jar.follow(`${bed.config.publicUrl}/auth/login/${PROVIDER}${query}`);
}

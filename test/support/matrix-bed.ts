/** Where the way into rooms is tested: real PostgreSQL and Synapse, a complete configuration, a proxy that can misbehave. */
import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, importPKCS8, SignJWT } from 'jose';
import { homeserverSnippet, registration } from '../../config/homeserver.ts';
import { loadConfig, type LoadedConfig } from '../../config/load.ts';
import { migrate, openStore, type Store } from '../../appservice/store/open.ts';
import { ended } from './guarded.ts';
import { type FaultyProxy, startFaultyProxy } from './faulty-proxy.ts';
import { type Postgres, postgresUrl, startPostgres } from './postgres.ts';
import { prepareSynapse, startSynapse, type Synapse } from './synapse.ts';
import { freePort } from './trial/ports.ts';

export type MatrixBed = {
  folder: string;
  config: LoadedConfig;
  store: Store;
  postgres: Postgres;
  /** In front of Synapse; the configuration's homeserver. */
  proxy: FaultyProxy;
  /** In front of the appservice; where the homeserver sends its transactions. */
  door: FaultyProxy;
  synapse: () => Synapse;
  /** Stops Synapse the hard way, or starts it again on the same folder. */
  killSynapse: () => Promise<void>;
  restartSynapse: () => Promise<void>;
  /** The same for PostgreSQL: its clients come back by themselves, the address stays. */
  killPostgres: () => Promise<void>;
  restartPostgres: () => Promise<void>;
  /** What whoever runs the homeserver may do there, past the desk. */
  administer: (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
  ) => Promise<{ status: number; body: Record<string, unknown> }>;
  /** Signs in as anybody, past the web. */
  signIn: (localpart: string) => Promise<Person>;
  stop: () => Promise<void>;
};

/** A Matrix account as any client holds it. */
export type Person = {
  mxid: string;
  token: string;
  call: (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
  ) => Promise<{ status: number; body: Record<string, unknown> }>;
};

export async function startMatrixBed(name: string): Promise<MatrixBed> {
  const folder = await mkdtemp(join(tmpdir(), `ecritoire-${name}-`));
  const place = join(folder, 'postgres');
  const [storeUrl, python] = await Promise.all([postgresUrl(place, 'ecritoire'), prepareSynapse()]);
  const port = await freePort();
  const proxy = await startFaultyProxy(port);
  const listen = await freePort();
  const door = await startFaultyProxy(listen);
  const config = await writeConfig(folder, { homeserver: proxy.url, store: storeUrl, listen, door: door.url });
  const registrationFile = join(folder, 'registration.json');
  await writeFile(registrationFile, JSON.stringify(registration(config)), { mode: 0o600 });
  const homeserver = { ...homeserverSnippet(config, { registrationFile }), registration_shared_secret: randomBytes(16).toString('hex') };
  const start = (): Promise<Synapse> => startSynapse({ folder: join(folder, 'synapse'), port, python, homeserver });
  const launchPostgres = (): Promise<Postgres> => startPostgres({ folder: place, databases: ['ecritoire'] });
  let [postgres, synapse] = await Promise.all([launchPostgres(), start()]);
  let admin: string | undefined;
  const { store } = openStore(config.store.url);
  await migrate(store);
  return {
    folder,
    config,
    store,
    get postgres() {
      return postgres;
    },
    proxy,
    door,
    synapse: () => synapse,
    async killSynapse() {
      synapse.process.kill('SIGKILL');
      await synapse.stop();
    },
    async restartSynapse() {
      synapse = await start();
    },
    async killPostgres() {
      postgres.process.kill('SIGKILL');
      await ended(postgres.process);
    },
    async restartPostgres() {
      postgres = await launchPostgres();
    },
    async administer(method, path, body) {
      admin ??= await makeAdmin(synapse.url, homeserver.registration_shared_secret);
      return askHomeserver(synapse.url, { method, path: `/_synapse/admin${path}`, body, access: admin });
    },
    signIn: (localpart) => signIn(synapse.url, config, localpart),
    async stop() {
      await store.destroy();
      await proxy.stop();
      await door.stop();
      await synapse.stop();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Asked = { method: string; path: string; body: unknown; access?: string };

async function askHomeserver(
  url: string,
  { method, path, body, access }: Asked,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(access !== undefined && { authorization: `Bearer ${access}` }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

/** An account that only the shared secret of the homeserver's configuration makes; answers its token. */
async function makeAdmin(url: string, secret: string): Promise<string> {
  const path = '/_synapse/admin/v1/register';
  const { nonce } = (await askHomeserver(url, { method: 'GET', path, body: undefined })).body;
  const [username, password] = ['exploitant', randomBytes(16).toString('hex')];
  const mac = createHmac('sha1', secret)
    .update([String(nonce), username, password, 'admin'].join('\0'))
    .digest('hex');
  const made = await askHomeserver(url, { method: 'POST', path, body: { nonce, username, password, admin: true, mac } });
  if (typeof made.body.access_token !== 'string') throw new Error(`no admin: ${JSON.stringify(made.body)}`);
  return made.body.access_token;
}

async function signIn(url: string, config: LoadedConfig, localpart: string): Promise<Person> {
  const token = await new SignJWT({ sub: localpart })
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuer('ecritoire')
    .setAudience(config.serverName)
    .setIssuedAt()
    .setExpirationTime('60s')
    .sign(await importPKCS8(config.session.jwtKey, 'ES256'));
  const ask = (method: string, path: string, body: unknown, access?: string): ReturnType<typeof askHomeserver> =>
    askHomeserver(url, { method, path: `/_matrix/client/v3${path}`, body, ...(access !== undefined && { access }) });
  const session = await ask('POST', '/login', { type: 'org.matrix.login.jwt', token });
  if (typeof session.body.access_token !== 'string') throw new Error(`no session for ${localpart}: ${JSON.stringify(session.body)}`);
  const access = session.body.access_token;
  return { mxid: `@${localpart}:${config.serverName}`, token: access, call: (method, path, body) => ask(method, path, body, access) };
}

const ORGANISATIONS = [
  { id: 'ville-claire', name: 'Ville-Claire', siret: '21990001000011', admins: ['marc.roche@ville-claire.example'] },
  { id: 'rivebelle', name: 'Rivebelle', siret: '21990002000019' },
];

type Addresses = { homeserver: string; store: string; listen: number; door: string };

async function writeConfig(folder: string, { homeserver, store, listen, door }: Addresses): Promise<LoadedConfig> {
  const secrets = join(folder, 'secrets');
  await mkdir(secrets, { mode: 0o700 });
  const secret = async (name: string, value: string): Promise<{ file: string }> => {
    await writeFile(join(secrets, name), value, { mode: 0o600 });
    return { file: `secrets/${name}` };
  };
  const key = (): string => randomBytes(32).toString('base64');
  const token = (): string => randomBytes(32).toString('hex');
  const jwt = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const signing = await exportJWK((await generateKeyPair('RS256', { extractable: true })).privateKey);
  const [internal, web] = [await freePort(), await freePort()];
  const local = (port: number): string => `http://127.0.0.1:${String(port)}`;
  const connection = async (id: string, bot: string, label: string, organisation = 'ville-claire') => ({
    id,
    bot,
    label,
    organisation,
    secrets: [await secret(`hook-${id}`, `whsec_${key()}`)],
  });
  const config = {
    serverName: 'desk.localhost',
    publicUrl: local(web),
    organisations: ORGANISATIONS,
    homeserver: { url: homeserver },
    appservice: {
      listen: { port: listen },
      url: door,
      internal: { port: internal },
      asToken: await secret('as', token()),
      hsToken: await secret('hs', token()),
      internalToken: await secret('internal', token()),
      recordKey: await secret('record', key()),
    },
    store: { url: await secret('store', store) },
    session: { jwtKey: await secret('jwt', jwt), cookieKeys: await secret('cookies', key()) },
    web: { listen: { port: web }, internalUrl: local(internal) },
    providers: [{ id: 'essai', label: 'Essai', issuer: local(web), clientId: 'bureau', clientSecret: await secret('client', token()) }],
    sso: {
      clientSecret: await secret('sso', token()),
      keys: await secret('keys', JSON.stringify({ keys: [{ ...signing, kid: '1', alg: 'RS256', use: 'sig' }] })),
    },
    connections: [
      await connection('gta', 'gta', 'Congés'),
      await connection('parapheur', 'iparapheur', 'i-Parapheur'),
      await connection('rivebelle-gta', 'gta', 'Congés', 'rivebelle'),
    ],
    people: [
      { name: 'Claire Morel', mail: 'claire.morel@ville-claire.example', organisations: ['ville-claire'] },
      { name: 'Marc Roche', mail: 'marc.roche@ville-claire.example', organisations: ['ville-claire'] },
    ],
    log: 'info',
  };
  const file = join(folder, 'ecritoire.yaml');
  await writeFile(file, JSON.stringify(config, null, 1), { mode: 0o600 });
  return loadConfig(file);
}

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkHomeserver } from '#config/homeserver-check.ts';
import { homeserverSnippet, registration } from '#config/homeserver.ts';
import { loadConfig, type LoadedConfig } from '#config/load.ts';
import { prepareSynapse, startSynapse, type Synapse } from '../support/synapse.ts';
import { freePort } from '../support/trial/ports.ts';

let folder: string;
let config: LoadedConfig;
let listener: Server;
const homeservers: Synapse[] = [];

const secretFile = (name: string, text: string) => writeFile(join(folder, name), text, { mode: 0o600 });
const token = () => randomBytes(32).toString('hex');
const sessionKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** The public door of the application service as far as a ping goes: whoever knows our hs_token is answered. */
async function listenForPings(): Promise<Server> {
  const server = createServer((request, response) => {
    const known = request.headers.authorization === `Bearer ${config.appservice.hsToken}`;
    response.writeHead(known ? 200 : 403, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(config.appservice.listen.port, '127.0.0.1', resolve));
  return server;
}

async function makeConfig(): Promise<LoadedConfig> {
  for (const name of ['as', 'hs', 'internal', 'sso', 'provider']) await secretFile(name, token());
  await secretFile('record', randomBytes(32).toString('base64'));
  await secretFile('session.pem', sessionKey());
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  await secretFile('jwks.json', JSON.stringify({ keys: [key] }));
  const [homeserver, open, internal, web] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const at = (port: number) => `http://127.0.0.1:${port}`;
  const written = {
    serverName: 'desk.localhost',
    publicUrl: at(web),
    organisations: [{ id: 'ville-claire', name: 'Ville-Claire' }],
    homeserver: { url: at(homeserver) },
    appservice: {
      listen: { port: open },
      url: at(open),
      internal: { port: internal },
      asToken: { file: 'as' },
      hsToken: { file: 'hs' },
      internalToken: { file: 'internal' },
      recordKey: { file: 'record' },
    },
    store: { url: { env: 'DATABASE_URL' } },
    session: { jwtKey: { file: 'session.pem' }, cookieKeys: { file: 'record' } },
    web: { listen: { port: web }, internalUrl: at(internal) },
    providers: [{ id: 'agents', label: 'Agents', issuer: at(web), clientId: 'desk', clientSecret: { file: 'provider' } }],
    sso: { clientSecret: { file: 'sso' }, keys: { file: 'jwks.json' } },
  };
  await writeFile(join(folder, 'ecritoire.yaml'), JSON.stringify(written));
  return loadConfig(join(folder, 'ecritoire.yaml'), { env: { DATABASE_URL: 'postgresql://desk@127.0.0.1/desk' } });
}

/** A Synapse with its own database on `config`'s port, or on another one with what `keys` say. */
async function start(name: string, { port, keys }: { port: number; keys: Record<string, unknown> }): Promise<string> {
  const python = await prepareSynapse();
  const started = await startSynapse({ folder: join(folder, name), port, python, homeserver: keys });
  homeservers.push(started);
  return started.url;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ecritoire-homeserver-'));
  config = await makeConfig();
  listener = await listenForPings();
  const registrationFile = join(folder, 'registration.json');
  await writeFile(registrationFile, JSON.stringify(registration(config)), { mode: 0o600 });
  await start('ours', { port: Number(new URL(config.homeserver.url).port), keys: homeserverSnippet(config, { registrationFile }) });
});
afterAll(async () => {
  await Promise.all(homeservers.map((homeserver) => homeserver.stop()));
  await new Promise((resolve) => listener.close(resolve));
  await rm(folder, { recursive: true });
});

describe('a homeserver that was given our registration and our part of its configuration', () => {
  it('is in order', async () => {
    expect(await checkHomeserver(config)).toEqual([]);
  });

  it('is told from one whose keys are another’s, each in one French sentence', async () => {
    const { appservice, session } = config;
    expect(await checkHomeserver({ ...config, appservice: { ...appservice, asToken: token() } })).toEqual([
      expect.stringContaining('ne connaît pas notre as_token'),
    ]);
    expect(await checkHomeserver({ ...config, session: { ...session, jwtKey: sessionKey() } })).toEqual([
      expect.stringContaining('une autre clé publique'),
    ]);
    expect(await checkHomeserver({ ...config, serverName: 'autre.localhost' })).toEqual([
      expect.stringContaining('au lieu de @ecritoire_desk:autre.localhost'),
      expect.stringContaining('son audience'),
    ]);
  });

  it('is not in order while it cannot reach us, or has another hs_token', async () => {
    await new Promise((resolve) => listener.close(resolve));
    listener.closeAllConnections();
    expect(await checkHomeserver(config)).toEqual([expect.stringContaining(`n’atteint pas ${config.appservice.url}`)]);
    const ours = config;
    config = { ...ours, appservice: { ...ours.appservice, hsToken: token() } };
    listener = await listenForPings();
    expect(await checkHomeserver(config)).toEqual([expect.stringContaining('son hs_token n’est pas le nôtre')]);
    config = ours;
  });

  it('opens no session and makes no person by being asked', async () => {
    const answer = await fetch(`${config.homeserver.url}/_matrix/client/v3/profile/@essai:${config.serverName}`);
    expect(answer.status).toBe(404);
  });
});

describe('a homeserver that kept its own limits', () => {
  it('is said to slow down an agent who clears her desk', async () => {
    const { oidc_providers, jwt_config, app_service_config_files } = homeserverSnippet(config, {
      registrationFile: join(folder, 'registration.json'),
    });
    const keys = { oidc_providers, jwt_config, app_service_config_files, rc_message: { per_second: 0.2, burst_count: 10 } };
    const url = await start('slow', { port: await freePort(), keys });
    expect(await checkHomeserver({ ...config, homeserver: { url } })).toEqual([expect.stringContaining('rc_message')]);
  });
});

describe('a homeserver that was given nothing', () => {
  it('is told what it lacks', async () => {
    const url = await start('bare', { port: await freePort(), keys: {} });
    expect(await checkHomeserver({ ...config, homeserver: { url } })).toEqual([
      expect.stringContaining('ne connaît pas notre as_token'),
      expect.stringContaining('jwt_config'),
      expect.stringContaining('oidc_providers'),
    ]);
  });

  it('is not taken for one when something else answers, or nothing', async () => {
    expect(await checkHomeserver({ ...config, homeserver: { url: config.appservice.url } })).toEqual([
      expect.stringContaining('n’est pas un serveur Matrix'),
    ]);
    const url = `http://127.0.0.1:${await freePort()}`;
    expect(await checkHomeserver({ ...config, homeserver: { url } })).toEqual([`Le serveur Matrix ne répond pas à ${url}.`]);
  });
});

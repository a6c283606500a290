import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '#config/load.ts';

let folder: string;
const hook = () => `whsec_${randomBytes(32).toString('base64')}`;
const secretFile = (name: string, text: string) => writeFile(join(folder, name), text, { mode: 0o600 });
const jwk = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
const pem = (curve: string, type: 'pkcs8' | 'sec1' = 'pkcs8') =>
  generateKeyPairSync('ec', { namedCurve: curve }).privateKey.export({ type, format: 'pem' }).toString();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ecritoire-config-'));
  for (const name of ['as', 'hs', 'internal', 'sso', 'provider']) await secretFile(name, randomBytes(32).toString('hex'));
  await secretFile('record', randomBytes(32).toString('base64'));
  await secretFile('cookies', `${randomBytes(32).toString('base64')}\n${randomBytes(32).toString('base64')}\n`);
  await secretFile('session.pem', pem('prime256v1'));
  await secretFile('jwks.json', JSON.stringify({ keys: [jwk()] }));
  await secretFile('gta', `${hook()}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

const FINE = `
serverName: desk.localhost
publicUrl: http://127.0.0.1:8080/
organisations:
  - { id: ville-claire, name: Ville-Claire, siret: "21990001000011" }
homeserver: { url: "http://127.0.0.1:8008/" }
appservice:
  listen: { port: 9000 }
  url: http://127.0.0.1:9000
  internal: { port: 9001 }
  asToken: { file: as }
  hsToken: { file: hs }
  internalToken: { file: internal }
  recordKey: { file: record }
store: { url: { env: DATABASE_URL } }
session: { jwtKey: { file: session.pem }, cookieKeys: { file: cookies } }
web: { listen: { port: 8080 }, internalUrl: "http://127.0.0.1:9001/" }
providers:
  - { id: agents, label: Agents, issuer: "http://127.0.0.1:7000/", clientId: desk, clientSecret: { file: provider } }
sso: { clientSecret: { file: sso }, keys: { file: jwks.json } }
connections:
  - { id: gta, bot: gta, organisation: ville-claire, label: Congés, secrets: [{ file: gta }] }
people:
  - { name: Claire Morel, mail: claire.morel@ville-claire.example, organisations: [ville-claire] }
`;
const DATABASE_URL = 'postgresql://desk@127.0.0.1/desk';

/** Loads {@link FINE} with texts of it replaced by others. */
async function load(changes: Record<string, string> = {}, env: NodeJS.ProcessEnv = { DATABASE_URL }) {
  let text = FINE;
  for (const [from, to] of Object.entries(changes)) {
    expect(text).toContain(from);
    text = text.replace(from, () => to);
  }
  const file = join(folder, `${randomBytes(4).toString('hex')}.yaml`);
  await writeFile(file, text);
  return loadConfig(file, { env });
}

/** The message with which the changed file is refused. */
async function refusal(...args: Parameters<typeof load>): Promise<string> {
  const error: unknown = await load(...args).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'DeskError', code: 'config' });
  return error instanceof Error ? error.message : '';
}

describe('a configuration that is right', () => {
  it('has every secret replaced by its value and the defaults filled in', async () => {
    const config = await load();
    expect(config.store.url).toBe(DATABASE_URL);
    expect(config.appservice.recordKey).toHaveLength(32);
    expect(config.session.cookieKeys).toHaveLength(2);
    expect(config.sso.keys[0]).toMatchObject({ kty: 'RSA' });
    expect(config.connections[0]?.secrets).toEqual([expect.stringMatching(/^whsec_/)]);
    expect(config.connections[0]).toMatchObject({ order: 'time', retired: false });
    expect(config.appservice.listen).toEqual({ host: '127.0.0.1', port: 9000 });
    expect(config.session.hours).toBe(12);
  });

  it('may have a mail server, with its password in its place', async () => {
    expect((await load()).mail).toBeUndefined();
    const { mail } = await load({ 'sso:': 'mail: { host: smtp.example, user: b, password: { file: provider }, from: b@a.example }\nsso:' });
    expect(mail).toEqual({
      host: 'smtp.example',
      port: 587,
      tls: 'starttls',
      user: 'b',
      password: expect.any(String) as string,
      from: 'b@a.example',
    });
    const { mail: local } = await load({ 'sso:': 'mail: { host: 127.0.0.1, port: 25, tls: none, from: b@a.example }\nsso:' });
    expect(local).toMatchObject({ port: 25, tls: 'none', password: undefined });
  });

  it('loses the slash at the end of our own addresses and keeps the issuer as its provider writes it', async () => {
    const config = await load();
    expect(config.publicUrl).toBe('http://127.0.0.1:8080');
    expect(config.homeserver.url).toBe('http://127.0.0.1:8008');
    expect(config.web.internalUrl).toBe('http://127.0.0.1:9001');
    expect(config.providers[0]?.issuer).toBe('http://127.0.0.1:7000/');
  });

  it('may hold two signing secrets in two lines of one file or in two places', async () => {
    await secretFile('rotation', `${hook()}\n${hook()}\n`);
    const lines = await load({ '{ file: gta }': '{ file: rotation }' });
    const places = await load({ '{ file: gta }': '{ file: gta }, { env: OLD }' }, { DATABASE_URL, OLD: hook() });
    expect(lines.connections[0]?.secrets).toHaveLength(2);
    expect(places.connections[0]?.secrets).toHaveLength(2);
  });

  it('may give the session key on one line of an environment variable, and hands it on as PKCS#8', async () => {
    const config = await load(
      { '{ file: session.pem }': '{ env: KEY }' },
      { DATABASE_URL, KEY: pem('prime256v1', 'sec1').replaceAll('\n', '\\n') },
    );
    expect(config.session.jwtKey).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  });
});

describe('a configuration that is wrong', () => {
  it('has all its problems told at once, in the order of its lines', async () => {
    const message = await refusal({
      'port: 9000': 'port: "x"',
      'listen: { port: 8080 }': 'liste: { port: 8080 }',
      '{ file: hs }': '{ file: nowhere }',
    });
    const lines = message.split('\n').slice(1);
    expect(lines).toEqual([
      expect.stringMatching(/^ {2}ligne 8, colonne 19, appservice\.listen\.port\u00a0: attendu/),
      expect.stringMatching(/^ {2}ligne 12, colonne 12, appservice\.hsToken\u00a0: fichier nowhere\u00a0: ce fichier n’existe pas/),
      expect.stringMatching(/^ {2}ligne 17, colonne 6, web\.listen\u00a0: il manque cette clé/),
      expect.stringMatching(
        /^ {2}ligne 17, colonne 8, web\.liste\u00a0: clé inconnue\u202f; vouliez-vous dire «\u00a0listen\u00a0»\u202f\?/,
      ),
    ]);
    expect(message).toContain('4 problèmes');
  });

  it('has the fault of its YAML named in French, without the line itself', async () => {
    const message = await refusal({ 'store:': '\tstore: "mot-de-passe"\nx:' });
    expect(message).toMatch(/ligne 15, colonne \d+\u00a0: /);
    expect(message).not.toContain('mot-de-passe');
    expect(await refusal({ 'store:': 'serverName: twice\nstore:' })).toContain('cette clé est écrite deux fois');
  });

  it('that is not there is said to be so', async () => {
    await expect(loadConfig(join(folder, 'none.yaml'))).rejects.toThrow('ce fichier n’existe pas');
  });

  it.each([
    ['a missing provider organisation', { 'clientId: desk': 'clientId: desk, organisation: nulle' }, 'providers[0].organisation'],
    ['a connection of no organisation', { 'organisation: ville-claire': 'organisation: ville-clair' }, 'connections[0].organisation'],
    [
      'a person of no organisation',
      { 'organisations: [ville-claire]': 'organisations: [ville-claire, nulle]' },
      'people[0].organisations[1]',
    ],
    ['a SIRET without quotation marks', { '"21990001000011"': '21990001000011' }, 'organisations[0].siret'],
    ['an unknown time zone', { 'name: Ville-Claire': 'name: V, timeZone: Europe/Pariss' }, 'organisations[0].timeZone'],
    ['a callback over plain http', { 'label: Congés': 'label: C, callback: "http://gta.example/"' }, 'connections[0].callback'],
    [
      'a tool over plain http, however deep its settings name it',
      { 'label: Congés': 'label: C, settings: { webdav: { baseUrl: "http://nuage.example/depot" } }' },
      'connections[0].settings.webdav.baseUrl',
    ],
    ['a desk below a path', { 'http://127.0.0.1:8080/': 'http://127.0.0.1:8080/bureau' }, 'publicUrl'],
    ['a public desk over plain http', { 'http://127.0.0.1:8080/': 'http://bureau.example/' }, 'publicUrl'],
    ['an internal listener on every address', { '{ port: 9001 }': '{ port: 9001, host: 0.0.0.0 }' }, 'appservice.internal.host'],
    ['one port for both listeners', { '{ port: 9001 }': '{ port: 9000 }' }, 'appservice.internal.port'],
    ['mails in the clear to another machine', { 'sso:': 'mail: { host: smtp.example, tls: none, from: b@a.example }\nsso:' }, 'mail.tls'],
    ['a name at the mail server alone', { 'sso:': 'mail: { host: smtp.example, user: b, from: b@a.example }\nsso:' }, 'mail.user'],
    ['a host with its scheme', { 'label: Congés': 'label: C, hosts: ["https://gta.example"]' }, 'connections[0].hosts[0]'],
  ])('is refused for %s', async (_name, changes, path) => {
    expect(await refusal(changes)).toMatch(new RegExp(`ligne \\d+, colonne \\d+, ${path.replaceAll(/[[\].]/g, '\\$&')}\u00a0: `));
  });

  it('is refused for an id given twice and for a mail that means two people of one organisation', async () => {
    const twice = '- { id: gta, bot: gta, organisation: ville-claire, label: Congés, secrets: [{ file: gta }] }';
    expect(await refusal({ [twice]: `${twice}\n  ${twice}` })).toContain('connections[1].id\u00a0: déjà donné à connections[0]');
    const person = '- { name: Claire Morel, mail: claire.morel@ville-claire.example, organisations: [ville-claire] }';
    const same = await refusal({ [person]: `${person}\n  ${person.replace('claire.morel', 'Claire.Morel')}` });
    expect(same).toContain('people[1].mail\u00a0: déjà celui de people[0]');
  });
});

describe('a secret', () => {
  it.each([
    ['a hook secret without its prefix', 'gta', 'x'.repeat(40), 'attendu\u00a0: whsec_ suivi de base64'],
    ['a hook secret of too few bytes', 'gta', `whsec_${randomBytes(16).toString('base64')}`, '24 octets au moins'],
    ['three hook secrets', 'gta', `${hook()}\n${hook()}\n${hook()}`, 'deux secrets au plus'],
    ['a record key of 31 bytes', 'record', randomBytes(31).toString('base64'), '32 octets en base64'],
    ['a cookie key of 31 bytes', 'cookies', randomBytes(31).toString('base64'), '32 octets en base64'],
    ['a session key on another curve', 'session.pem', pem('secp384r1'), 'clé privée EC P-256'],
    ['a session key that is text', 'session.pem', 'no key at all', 'clé privée EC P-256'],
    ['signing keys without their private part', 'jwks.json', '{"keys":[{"kty":"RSA"}]}', 'JWKS privé'],
    ['a short token', 'as', 'short', '16 caractères au moins'],
    ['an empty file', 'hs', '\n', 'vide'],
  ])('is refused without being shown: %s', async (_name, place, text, said) => {
    await secretFile('wrong', text);
    const message = await refusal({ [`{ file: ${place} }`]: '{ file: wrong }' });
    expect(message).toContain(said);
    expect(text.split('\n').some((line) => line.length > 4 && message.includes(line))).toBe(false);
  });

  it('is refused when others than its owner can read the file', async () => {
    await secretFile('open', randomBytes(32).toString('hex'));
    await chmod(join(folder, 'open'), 0o640);
    expect(await refusal({ '{ file: as }': '{ file: open }' })).toContain('(mode 0640)\u202f; faites chmod 600');
  });

  it('is refused, and not repeated, when it is written in the configuration itself', async () => {
    const message = await refusal({ '{ file: as }': 'mon-jeton-secret' });
    expect(message).toContain('un secret ne s’écrit pas ici');
    expect(message).not.toContain('mon-jeton-secret');
  });

  it('is refused when its environment variable is not set', async () => {
    expect(await refusal({}, {})).toContain('store.url\u00a0: variable DATABASE_URL\u00a0: cette variable n’est pas définie');
  });
});

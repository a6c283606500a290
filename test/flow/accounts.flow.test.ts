/** « Mes outils » behind its door: accounts tried, kept, refused, granted, given back, and what nobody may see of them. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ToolAccount } from '../../appservice/desk/account.ts';
import { accountRoutes } from '../../appservice/http/accounts.ts';
import { internalApp } from '../../appservice/http/internal.ts';
import { iparapheur } from '../../bots/iparapheur/index.ts';
import { type ParapheurTwin, twin as parapheurTwin } from '../../bots/iparapheur/twin.ts';
import { nextcloud } from '../../bots/nextcloud/index.ts';
import { type CloudTwin, twin as cloudTwin } from '../../bots/nextcloud/twin.ts';
import { until } from '../support/guarded.ts';
import { ACCOUNT_KEYS, ToolsBed } from '../support/tools-bed.ts';

let parapheur: ParapheurTwin;
let cloud: CloudTwin;
let far: CloudTwin;
let bed: ToolsBed;
let server: Server;
let granting: NodeJS.Timeout;
let claire: string;
let marc: string;
const lines: string[] = [];
const given = new Set<string>();

beforeAll(async () => {
  [parapheur, cloud, far] = await Promise.all([parapheurTwin.start(), cloudTwin.start(), cloudTwin.start()]);
  cloud.mute(); // only what it posts itself wakes
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const connections = [
    { id: 'parapheur', bot: iparapheur, twin: parapheur },
    { id: 'nuage', bot: nextcloud, twin: cloud, every: 3600 },
    { id: 'ailleurs', bot: nextcloud, twin: far, organisation: 'rivebelle' },
  ];
  bed = await ToolsBed.start(connections, [], { log });
  [claire, marc] = [await bed.addMember('claire'), await bed.addMember('marc')];
  await bed.store.insertInto('record.people').values({ localpart: 'parti', name: 'Parti', status: 'left' }).execute();
  const whoIs = (token: string) => Promise.resolve(token.startsWith('jeton-') ? `@${token.slice(6)}:desk.localhost` : undefined);
  const routers = [accountRoutes({ accounts: bed.accounts, store: bed.store, serverName: 'desk.localhost', whoIs })];
  server = createServer(internalApp({ routers, log }));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  await bed.poller.start();
  bed.actor.start();
  granting = setInterval(() => void bed.accounts.askGrants(), 100);
});
afterAll(async () => {
  clearInterval(granting);
  server.close();
  await bed.stop();
  await Promise.all([parapheur.stop(), cloud.stop(), far.stop()]);
});

async function call(
  agent: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { authorization: `Bearer jeton-${agent}` },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
const link = (agent: string, connection: string, fields: Record<string, unknown>) => {
  for (const [name, value] of Object.entries(fields)) if (name.endsWith('assword')) given.add(String(value));
  return call(agent, 'PUT', `/accounts/${connection}`, fields);
};
const ask = (agent: string, connection: string, what: string) => call(agent, 'POST', `/accounts/${connection}`, { ask: what });

async function accountOf(agent: string, connection: string): Promise<ToolAccount | undefined> {
  const { body } = await call(agent, 'GET', '/accounts');
  return (body['accounts'] as ToolAccount[]).find((one) => one.connection === connection);
}
const becomes = (agent: string, connection: string, is: (account: ToolAccount) => boolean) =>
  until(
    async () => {
      const account = await accountOf(agent, connection);
      return account !== undefined && is(account) ? account : undefined;
    },
    { everyMs: 60 },
  );
const kept = () => bed.store.selectFrom('record.accounts').select(['connection', 'localpart', 'state']).execute();

/** What the desk itself asks of her. */
async function asked(agent: string): Promise<[string, string][]> {
  const rows = await bed.store
    .selectFrom('work.placements')
    .select('content')
    .where('agent', '=', agent)
    .where('connection', '=', 'tache')
    .execute();
  return rows.map(({ content }) => [content.title, content.state]);
}

describe('who asks', () => {
  test('is whose token the homeserver knows, here and now', async () => {
    const { port } = server.address() as AddressInfo;
    expect((await fetch(`http://127.0.0.1:${port}/accounts`)).status).toBe(401);
    expect((await call('', 'GET', '/accounts')).status).toBe(403);
    expect((await call('parti', 'GET', '/accounts')).status).toBe(403);
    expect((await call('ecritoire_desk', 'GET', '/accounts')).status).toBe(403);
  });

  test('sees the connections of her organisations, with the form that the bot declares, and no other', async () => {
    const { body } = await call('claire', 'GET', '/accounts');
    const accounts = body['accounts'] as ToolAccount[];
    expect(accounts.map(({ connection, state, canGrant }) => [connection, state, canGrant])).toEqual([
      ['parapheur', 'none', false],
      ['nuage', 'none', true],
    ]);
    expect(accounts[0]?.fields).toEqual([
      { name: 'username', label: 'Identifiant', kind: 'text', isRequired: true, maxLength: 200 },
      { name: 'password', label: 'Mot de passe', kind: 'secret', isRequired: true, maxLength: 8192 },
    ]);
    expect((await link('claire', 'ailleurs', far.account?.(claire) ?? {})).body).toEqual({ fault: 'unknown' });
    expect((await link('claire', 'nulle-part', {})).status).toBe(404);
    expect((await ask('claire', 'ailleurs', 'grant')).body).toEqual({ fault: 'unknown' });
  });
});

describe('an account', () => {
  test('is tried at the tool before it is kept: what is refused, missing or unreadable leaves nothing', async () => {
    const wrong = await link('claire', 'parapheur', { username: claire, password: 'mot de passe faux' });
    expect(wrong).toEqual({ status: 422, body: { fault: 'refused' } });
    expect((await link('claire', 'parapheur', { username: claire })).body).toEqual({ fault: 'fields', fields: ['password'] });
    given.add('a"illisible');
    expect((await call('claire', 'PUT', '/accounts/parapheur', '{"password": "a"illisible"}')).status).toBe(400);
    parapheur.fail({ kind: 'status', status: 503 });
    expect((await link('claire', 'parapheur', parapheur.account?.(claire) ?? {})).body).toEqual({ fault: 'down' });
    parapheur.fail();
    expect(await kept()).toEqual([]);
    expect((await ask('claire', 'parapheur', 'again')).body).toEqual({ fault: 'unknown' });
    expect((await call('claire', 'DELETE', '/accounts/parapheur')).body).toEqual({ fault: 'unknown' });
  });

  test('that holds is kept, read at once, and said in a sentence’s worth of facts', async () => {
    const key = parapheur.add([claire]);
    expect(await link('claire', 'parapheur', parapheur.account?.(claire) ?? {})).toEqual({ status: 200, body: {} });
    expect(await bed.shows('claire', [key])).toEqual([key]);
    const account = await becomes('claire', 'parapheur', ({ lastSuccess }) => lastSuccess !== undefined);
    expect(account).toMatchObject({ state: 'linked', name: claire, needs: 'own' });
    parapheur.settle(key);
    await bed.shows('claire', []);
  });

  test('that the tool refuses later is asked for once, on the desk, and linked again closes that', async () => {
    parapheur.revoke(claire);
    parapheur.expire('access');
    parapheur.expire('refresh');
    const refused = await becomes('claire', 'parapheur', ({ state }) => state === 'refused');
    expect(refused?.refusedAt).toBeGreaterThan(Date.now() - 60_000);
    expect(await asked('claire')).toEqual([['Relier de nouveau votre compte parapheur', 'todo']]);
    expect((await ask('claire', 'parapheur', 'again')).body).toEqual({ fault: 'refused' });
    parapheur.restore?.();
    expect((await ask('claire', 'parapheur', 'again')).body).toEqual({});
    expect(await asked('claire')).toEqual([['Relier de nouveau votre compte parapheur', 'done']]);
    expect((await becomes('claire', 'parapheur', ({ lastSuccess }) => lastSuccess !== undefined))?.state).toBe('linked');
    const calls = parapheur.calls.filter(({ path }) => path.endsWith('/token')).length;
    expect(calls).toBeLessThan(12);
  });

  test('is tried a few times and no more: tools lock out whoever insists', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 8; n += 1) statuses.push((await link('marc', 'parapheur', { username: marc, password: `faux ${n}` })).status);
    expect(statuses).toEqual([422, 422, 422, 422, 422, 422, 429, 429]);
    expect((await link('marc', 'nuage', cloud.account?.(marc) ?? {})).status).toBe(200);
  });
});

describe('Login Flow v2', () => {
  test('is granted in the tool’s own page, once, and the desk sees it by itself', async () => {
    const begun = await ask('claire', 'nuage', 'grant');
    expect(begun.status).toBe(200);
    const { url } = begun.body['grant'] as { url: string; until: number };
    expect(new URL(url).origin).toBe(cloud.url);
    expect((await accountOf('claire', 'nuage'))?.grant?.url).toBe(url);
    const key = cloud.add([claire]);
    const isAsked = () => Promise.resolve(cloud.calls.some(({ path }) => path.endsWith('/poll')) ? true : undefined);
    await until(isAsked);
    expect((await accountOf('claire', 'nuage'))?.state).toBe('none');
    const page = await fetch(url, { method: 'POST', body: new URLSearchParams({ user: 'claire' }) });
    expect(await page.text()).toContain('Compte relié');
    const linked = await becomes('claire', 'nuage', ({ state }) => state === 'linked');
    expect(linked).toMatchObject({ name: 'claire' });
    expect(linked?.grant).toBeUndefined();
    expect(await bed.shows('claire', [key])).toEqual([key]);
    expect(cloud.passwords('claire')).toBe(1);
  });

  test('replaces an older password, which is given back at the tool', async () => {
    await ask('claire', 'nuage', 'grant');
    const { linkedAt = 0 } = (await accountOf('claire', 'nuage')) ?? {};
    cloud.grant(claire);
    await becomes('claire', 'nuage', (account) => (account.linkedAt ?? 0) > linkedAt);
    await until(() => Promise.resolve(cloud.passwords('claire') === 1 ? true : undefined));
    expect(cloud.passwords('claire')).toBe(1);
  });

  test('unlinked, its password is given back, its secret forgotten, and what is on the desk stays', async () => {
    const open = await bed.open('claire');
    expect((await call('claire', 'DELETE', '/accounts/nuage')).body).toEqual({ unlinked: 'revoked' });
    expect(cloud.passwords('claire')).toBe(0);
    expect((await kept()).filter(({ connection, localpart }) => connection === 'nuage' && localpart === 'claire')).toEqual([]);
    expect(await bed.open('claire')).toEqual(open);
  });

  test('is over after its time, or when she changes her mind', async () => {
    await ask('claire', 'nuage', 'grant');
    await bed.store
      .updateTable('record.grants')
      .set({ until: new Date(Date.now() - 1000), due_at: new Date(0) })
      .execute();
    expect((await becomes('claire', 'nuage', ({ grant }) => grant?.ended !== undefined))?.grant).toMatchObject({ ended: 'expired' });
    await ask('claire', 'nuage', 'grant');
    expect((await accountOf('claire', 'nuage'))?.grant?.ended).toBeUndefined();
    await ask('claire', 'nuage', 'stop');
    expect((await accountOf('claire', 'nuage'))?.grant).toBeUndefined();
  });

  test('whose page is somebody else’s is not begun', async () => {
    cloud.fail({
      kind: 'status',
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ poll: { token: 'x', endpoint: `${cloud.url}/poll` }, login: 'https://hameconnage.example/' }),
    });
    expect((await ask('claire', 'nuage', 'grant')).body).toEqual({ fault: 'broken' });
    cloud.fail();
  });
});

describe('what the tool posts', () => {
  const sweptAt = async (agent: string): Promise<number> => {
    const polls = bed.store.selectFrom('work.polls').select('swept_at').where('connection', '=', 'nuage');
    return (await polls.where('agent', '=', agent).executeTakeFirst())?.swept_at?.getTime() ?? 0;
  };

  test('wakes the account it concerns, and nobody else’s', async () => {
    expect((await link('claire', 'nuage', cloud.account?.(claire) ?? {})).status).toBe(200);
    await becomes('claire', 'nuage', ({ lastSuccess }) => lastSuccess !== undefined);
    await becomes('marc', 'nuage', ({ lastSuccess }) => lastSuccess !== undefined);
    const hers = cloud.add([claire]);
    const before = [await sweptAt('claire'), await sweptAt('marc')];
    const pushed = cloud.push?.(hers) ?? { headers: {}, body: Buffer.from('') };
    await bed.poller.receive('nuage', { ...pushed, now: Date.now() });
    const isRead = async () => ((await sweptAt('claire')) > (before[0] ?? 0) ? true : undefined);
    expect(await until(isRead, { everyMs: 40 })).toBe(true);
    expect(await bed.open('claire', 'nuage')).toContain(hers);
    expect(await sweptAt('marc')).toBe(before[1]);
  });
});

test('an action that is refused for the account’s sake asks for it as a sweep does, once', async () => {
  const key = cloud.add([marc]);
  const pushed = cloud.push?.(key) ?? { headers: {}, body: Buffer.from('') };
  await bed.poller.receive('nuage', { ...pushed, now: Date.now() });
  await until(async () => ((await bed.open('marc', 'nuage')).includes(key) ? true : undefined), { everyMs: 40 });
  cloud.revoke(marc);
  const request = await bed.ask('marc', key, { action: 'marquer-lu' });
  expect(await bed.ended(request)).toMatchObject({ state: 'refused' });
  expect((await becomes('marc', 'nuage', (account) => account.state === 'refused'))?.state).toBe('refused');
  expect(await asked('marc')).toEqual([['Relier de nouveau votre compte nuage', 'todo']]);
});

test('nothing of a secret is in the log, the audit or the store', async () => {
  const audits = JSON.stringify(await bed.store.selectFrom('record.audit').selectAll().execute());
  const names = await bed.store.selectFrom('record.accounts').select('name').execute();
  for (const secret of given) {
    expect(lines.filter((line) => line.includes(secret))).toEqual([]);
    expect(audits).not.toContain(secret);
    expect(names.map(({ name }) => name)).not.toContain(secret);
  }
  expect(lines.length).toBeGreaterThan(20);
  expect(ACCOUNT_KEYS.length).toBe(2);
});

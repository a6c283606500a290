import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLog } from '../../appservice/log.ts';
import { transactions } from '../../appservice/matrix/transactions.ts';
import { migrate, openStore, type Store } from '../../appservice/store/open.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';

const TOKEN = 'the-hs-token-of-this-test';
let folder: string;
let postgres: Postgres;
let store: Store;
let server: Server;
let url: string;
const ephemeral: unknown[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ecritoire-transactions-'));
  postgres = await startPostgres({ folder, databases: ['ecritoire'] });
  ({ store } = openStore(postgres.url('ecritoire')));
  await migrate(store);
  const router = transactions({
    store,
    hsToken: TOKEN,
    serverName: 'desk.localhost',
    log: openLog('error'),
    onEphemeral: (events) => ephemeral.push(...events),
  });
  server = createServer(express().use(router));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  url = `http://127.0.0.1:${String(typeof address === 'object' && address !== null ? address.port : 0)}`;
});

afterAll(async () => {
  await new Promise((done) => server.close(done));
  await store.destroy();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

async function ask(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` },
): Promise<{ status: number; errcode: unknown }> {
  const answer = await fetch(url + path, {
    method,
    headers,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const json = (await answer.json()) as Record<string, unknown>;
  return { status: answer.status, errcode: json.errcode };
}

const event = (id: string, more: Record<string, unknown> = {}) => ({
  event_id: `$${id}`,
  room_id: '!room',
  type: 'm.room.message',
  sender: '@claire.morel:desk.localhost',
  origin_server_ts: 1,
  content: { body: 'bonjour' },
  ...more,
});
const put = (txn: string, events: unknown[], more: Record<string, unknown> = {}) =>
  ask('PUT', `/_matrix/app/v1/transactions/${txn}`, { events, ...more });
const kept = async (room: string): Promise<string[]> =>
  (await store.selectFrom('work.inbox').select('event_id').where('room_id', '=', room).orderBy('seq').execute()).map((row) => row.event_id);

describe('a transaction', () => {
  test('is in the store when it is answered, in its order', async () => {
    const events = ['c', 'a', 'b'].map((id) => event(id, { room_id: '!order' }));
    expect(await put('1', events)).toEqual({ status: 200, errcode: undefined });
    expect(await kept('!order')).toEqual(['$c', '$a', '$b']);
  });

  test('that comes again, under its own id or another, adds nothing; a new event under a known id is kept', async () => {
    await put('2', [event('r1', { room_id: '!again' })]);
    await put('2', [event('r1', { room_id: '!again' })]);
    await put('3', [event('r1', { room_id: '!again' }), event('r2', { room_id: '!again' })]);
    await put('2', [event('r3', { room_id: '!again' })]);
    expect(await kept('!again')).toEqual(['$r1', '$r2', '$r3']);
  });

  test('may hold what PostgreSQL cannot: zero characters and half surrogates', async () => {
    const content = { body: 'a\u0000b\ud800c', ['k\u0000']: ['\udfff'] };
    expect((await put('4', [event('odd', { room_id: '!odd', content })])).status).toBe(200);
    expect(await kept('!odd')).toEqual(['$odd']);
  });

  test('of 20 MB is taken, a larger one refused as too large', async () => {
    const large = (megabytes: number) => [
      event(`large${String(megabytes)}`, { room_id: '!large', content: { body: 'x'.repeat(megabytes * 1_000_000) } }),
    ];
    expect((await put('5', large(19))).status).toBe(200);
    expect(await put('6', large(21))).toEqual({ status: 413, errcode: 'M_TOO_LARGE' });
    expect(await kept('!large')).toEqual(['$large19']);
  });

  test('keeps nothing of what our own bots sent', async () => {
    await put('7', [event('own', { room_id: '!own', sender: '@ecritoire_gta:desk.localhost' }), event('hers', { room_id: '!own' })]);
    expect(await kept('!own')).toEqual(['$hers']);
  });

  test('without events, or that is no JSON, is refused', async () => {
    expect(await ask('PUT', '/_matrix/app/v1/transactions/8', {})).toEqual({ status: 400, errcode: 'M_BAD_JSON' });
    expect(await ask('PUT', '/_matrix/app/v1/transactions/8', '{"events":')).toEqual({ status: 400, errcode: 'M_NOT_JSON' });
  });

  test('with what are no events keeps the others', async () => {
    expect((await put('9', [null, 'x', { event_id: '$half' }, event('whole', { room_id: '!half' })])).status).toBe(200);
    expect(await kept('!half')).toEqual(['$whole']);
  });

  test('brings ephemeral events under their stable and their older name', async () => {
    await put('10', [], { ephemeral: [{ type: 'm.receipt' }] });
    await put('11', [], { 'de.sorunome.msc2409.ephemeral': [{ type: 'm.typing' }] });
    expect(ephemeral).toEqual([{ type: 'm.receipt' }, { type: 'm.typing' }]);
  });
});

describe('whoever asks', () => {
  test.each([
    ['without a token', {}, 401, 'M_UNAUTHORIZED'],
    ['with another token', { authorization: 'Bearer wrong' }, 403, 'M_FORBIDDEN'],
    ['with the token and one letter more', { authorization: `Bearer ${TOKEN}x` }, 403, 'M_FORBIDDEN'],
  ])('%s gets nowhere, and nothing is kept', async (_said, headers: Record<string, string>, status, errcode) => {
    const body = { events: [event('forged', { room_id: '!forged' })] };
    expect(await ask('PUT', '/_matrix/app/v1/transactions/20', body, headers)).toEqual({ status, errcode });
    expect(await ask('POST', '/_matrix/app/v1/ping', {}, headers)).toEqual({ status, errcode });
    expect(await kept('!forged')).toEqual([]);
  });

  test('with the token in the address, as it was once done, gets nowhere', async () => {
    expect(await ask('POST', `/_matrix/app/v1/ping?access_token=${TOKEN}`, {}, {})).toEqual({ status: 401, errcode: 'M_UNAUTHORIZED' });
  });

  test.each([
    ['POST', '/_matrix/app/v1/ping', 200, undefined],
    ['GET', '/_matrix/app/v1/users/@ecritoire_x:desk.localhost', 404, 'M_NOT_FOUND'],
    ['GET', '/_matrix/app/v1/rooms/%23desk_x:desk.localhost', 404, 'M_NOT_FOUND'],
    ['GET', '/_matrix/app/v1/transactions/1', 405, 'M_UNRECOGNIZED'],
    ['GET', '/_matrix/app/v1/thirdparty/protocol/x', 404, 'M_UNRECOGNIZED'],
    ['PUT', '/transactions/1', 404, undefined],
  ] as const)('%s %s is answered %i', async (method, path, status, errcode) => {
    const answer = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${TOKEN}` },
      ...(method !== 'GET' && { body: '{}' }),
    });
    expect(answer.status).toBe(status);
    if (errcode !== undefined) expect(await answer.json()).toMatchObject({ errcode });
  });
});

test('a transaction that cannot be stored is refused, so that it comes again, and whoever looks for lost ones is told', async () => {
  const { store: gone } = openStore(postgres.url('absente'));
  let refused = 0;
  const router = transactions({
    store: gone,
    hsToken: TOKEN,
    serverName: 'desk.localhost',
    log: openLog('error'),
    onRefused: () => (refused += 1),
  });
  const door = createServer(express().use(router));
  await new Promise<void>((done) => door.listen(0, '127.0.0.1', done));
  const address = door.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const answer = await fetch(`http://127.0.0.1:${String(port)}/_matrix/app/v1/transactions/refused`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ events: [event('$refused')] }),
  });
  expect([answer.status, refused]).toEqual([503, 1]);
  await new Promise((done) => door.close(done));
  await gone.destroy();
});

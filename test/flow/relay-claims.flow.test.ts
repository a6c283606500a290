import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { migrate, openStore, type Store } from '../../appservice/store/open.ts';
import { enqueue, toolRow } from '../../appservice/store/outbox.ts';
import { claimRooms } from '../../appservice/store/claims.ts';
import { type Lease, releaseRoom, renewLease, type TurnEnd } from '../../appservice/store/rooms.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';

let folder: string;
let postgres: Postgres;
let store: Store;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ecritoire-claims-'));
  postgres = await startPostgres({ folder, databases: ['ecritoire'] });
  ({ store } = openStore(postgres.url('ecritoire')));
  await migrate(store);
});

afterAll(async () => {
  await store.destroy();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  await sql`truncate work.outbox, work.rooms`.execute(store);
});

const accept = (organisation: string, localpart: string, connection = 'gta', id = localpart): Promise<void> =>
  enqueue(store, [
    { address: `desk:${organisation}:${localpart}`, kind: 'item', subject: `gta:${connection}:${id}`, sender: 'ecritoire_gta' },
  ]);

const addresses = async (limit: number): Promise<string[]> => (await claimRooms(store, limit)).map(({ address }) => address);

/** Gives a room back; the ms until it is due again, undefined when nothing waits there. */
async function givenBack(lease: Lease, end: TurnEnd): Promise<number | undefined> {
  await releaseRoom(store, lease, end);
  const due = sql<number | null>`extract(epoch from due_at - now())::float8 * 1000`.as('ms');
  const room = await store.selectFrom('work.rooms').select(due).where('address', '=', lease.address).executeTakeFirst();
  return room?.ms ?? undefined;
}

test('a flood of one connection leaves a turn to the other organisation and to its neighbour, whoever came first', async () => {
  for (let number = 0; number < 200; number += 1) await accept('ville-claire', `a${String(number)}`);
  await accept('ville-claire', 'voisine', 'parapheur');
  await accept('rivebelle', 'bruno.leroy');
  const claimed = await addresses(4);
  expect(claimed).toHaveLength(4);
  expect(claimed).toContain('desk:rivebelle:bruno.leroy');
  expect(claimed).toContain('desk:ville-claire:voisine');
});

test('a room in which a flood waits comes to the front for the one item of a quiet tool, wherever it stands in the line', async () => {
  for (let number = 0; number < 200; number += 1) await accept('ville-claire', `a${String(number)}`);
  await accept('ville-claire', 'a100', 'parapheur');
  for (let number = 0; number < 200; number += 1) await accept('ville-claire', `a${String(number)}`, 'gta', 'plus');
  expect(await addresses(2)).toContain('desk:ville-claire:a100');
});

test('lanes that are served already get nothing of the spare turns', async () => {
  for (let number = 0; number < 20; number += 1) await accept('ville-claire', `a${String(number)}`);
  expect(await claimRooms(store, 4, { except: ['ville-claire|gta'] })).toEqual([]);
  await accept('ville-claire', 'a7', 'parapheur');
  await accept('rivebelle', 'bruno.leroy');
  const lanes = (await claimRooms(store, 4, { except: ['ville-claire|gta'] })).map(({ address, lane }) => [address, lane]);
  expect(lanes.sort()).toEqual([
    ['desk:rivebelle:bruno.leroy', 'rivebelle|gta'],
    ['desk:ville-claire:a7', 'ville-claire|parapheur'],
  ]);
});

test('a room is claimed by one, however many ask, until its lease lapses', async () => {
  await accept('ville-claire', 'claire.morel');
  const claims = await Promise.all([1, 2, 3, 4].map(() => claimRooms(store, 5)));
  expect(claims.flat()).toHaveLength(1);
  expect(await addresses(5)).toEqual([]);
  await sql`update work.rooms set lease_until = now() - interval '1 millisecond'`.execute(store);
  expect(await addresses(5)).toEqual(['desk:ville-claire:claire.morel']);
});

test('a room given back with nothing left is not claimed again, one with a row held back when that row is ready', async () => {
  await accept('ville-claire', 'claire.morel');
  const [first] = await claimRooms(store, 1);
  await sql`update work.outbox set sent_at = now()`.execute(store);
  expect(first && (await givenBack(first, { kind: 'sent' }))).toBeUndefined();
  expect(await addresses(5)).toEqual([]);

  await enqueue(store, [{ ...toolRow('desk:ville-claire:claire.morel', 'gta'), delayMs: 60_000 }]);
  await sql`update work.rooms set due_at = now()`.execute(store);
  const [second] = await claimRooms(store, 1);
  expect(second && (await givenBack(second, { kind: 'sent' }))).toBeGreaterThan(50_000);
  expect(await addresses(5)).toEqual([]);
});

test('a lease that lapsed and went to another is neither renewed nor given back by its former holder', async () => {
  await accept('ville-claire', 'claire.morel');
  const [claimed] = await claimRooms(store, 1);
  await sql`update work.rooms set lease_until = lease_until - interval '1 minute'`.execute(store);
  const [holder] = await claimRooms(store, 1);
  if (claimed === undefined || holder === undefined) throw new Error('not claimed');
  const former = { ...claimed, until: new Date(claimed.until.getTime() - 60_000) }; // a lease is known by when it ends
  expect(await renewLease(store, former)).toBeUndefined();
  await releaseRoom(store, former, { kind: 'sent' });
  expect(await addresses(1)).toEqual([]);
  expect(await renewLease(store, holder)).toBeInstanceOf(Date);
});

test('a room whose homeserver named a time is not claimed before it, also not for what is accepted meanwhile', async () => {
  await accept('ville-claire', 'claire.morel');
  const [lease] = await claimRooms(store, 1);
  if (lease === undefined) throw new Error('not claimed');
  await releaseRoom(store, lease, { kind: 'told', afterMs: 60_000 });
  await accept('ville-claire', 'claire.morel', 'parapheur');
  expect(await addresses(1)).toEqual([]);
  await sql`update work.rooms set due_at = due_at - interval '1 minute', lease_until = lease_until - interval '1 minute'`.execute(store);
  expect(await addresses(1)).toEqual(['desk:ville-claire:claire.morel']);
});

test('a room in which nothing waits any more is not due, whichever way its turn ended', async () => {
  for (const end of [{ kind: 'sent' }, { kind: 'failed', afterMs: 0 }, { kind: 'told', afterMs: 0 }] as const) {
    await sql`truncate work.outbox, work.rooms`.execute(store);
    await accept('ville-claire', 'claire.morel');
    const [lease] = await claimRooms(store, 1);
    if (lease === undefined) throw new Error('not claimed');
    await sql`update work.outbox set sent_at = now(), claimed_at = now()`.execute(store);
    expect(await givenBack(lease, end)).toBeUndefined();
    expect(await addresses(1)).toEqual([]);
  }
});

test('what is accepted while its room is given back wakes it again', async () => {
  for (let round = 0; round < 50; round += 1) {
    await sql`truncate work.outbox, work.rooms`.execute(store);
    await accept('ville-claire', 'claire.morel');
    const [lease] = await claimRooms(store, 1);
    if (lease === undefined) throw new Error('not claimed');
    await sql`update work.outbox set sent_at = now(), claimed_at = now()`.execute(store);
    await Promise.all([releaseRoom(store, lease, { kind: 'sent' }), accept('ville-claire', 'claire.morel', 'parapheur')]);
    expect(await addresses(1)).toEqual(['desk:ville-claire:claire.morel']);
  }
});

test('indicators wait for half a second of quiet, and ten seconds at the most', async () => {
  const row = { address: 'desk:ville-claire:claire.morel', kind: 'tool' as const, subject: 'gta', sender: 'ecritoire_desk', delayMs: 500 };
  await enqueue(store, [row]);
  await sql`update work.outbox set queued_at = now() - interval '9.8 seconds'`.execute(store);
  await enqueue(store, [row]);
  const waiting = await sql<{
    count: number;
    ms: number;
  }>`select count(*) over () ::int as count, extract(epoch from not_before - now())::float8 * 1000 as ms from work.outbox`.execute(store);
  expect(waiting.rows).toHaveLength(1);
  expect(waiting.rows[0]?.ms).toBeLessThan(250);
});

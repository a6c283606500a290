import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Item, itemKey } from '../../appservice/desk/item.ts';
import { type LastAction, place, type Placement } from '../../appservice/desk/placement.ts';
import { keepLastAction } from '../../appservice/store/acts.ts';
import { migrate, openStore, type Store } from '../../appservice/store/open.ts';
import { enqueue, type OutboxRow, toolRow } from '../../appservice/store/outbox.ts';
import type { Frozen } from '../../appservice/store/tables.ts';
import { claimRow, type ClaimedRow, markSent } from '../../appservice/store/turn.ts';
import { until } from '../support/guarded.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';

const DESK = { address: 'desk:ville-claire:claire.morel', roomId: null };
const KEY = itemKey('gta', 'gta', 'conge/1');

let folder: string;
let postgres: Postgres;
let store: Store;
let relaying: Store;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ecritoire-turn-'));
  postgres = await startPostgres({ folder, databases: ['ecritoire'] });
  ({ store } = openStore(postgres.url('ecritoire')));
  ({ store: relaying } = openStore(postgres.url('ecritoire'), { connections: 4, task: 'relaying' }));
  await migrate(store);
});

afterAll(async () => {
  await relaying.destroy();
  await store.destroy();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  await sql`truncate work.outbox, work.rooms, work.placements, work.tool_states`.execute(store);
});

/** As accepting does: the placement first, then its row, in one commit. */
const accept = (revision: number): Promise<void> => store.transaction().execute((trx) => write(trx, revision));

async function write(trx: Store, revision: number, lastAction?: LastAction): Promise<void> {
  const item = Item.parse({ key: KEY, title: 'Congé', revision, updatedAt: '2026-11-26T09:00:00+01:00' });
  const content = JSON.stringify(place(item, { lastAction }));
  await sql`insert into work.placements (key, agent, address, connection, revision, content, addressed, state, severity)
    values (${KEY}, 'claire.morel', ${DESK.address}, 'gta', ${revision}, ${content}, true, 'todo', 'normal')
    on conflict (key, agent) do update set revision = excluded.revision, content = excluded.content`.execute(trx);
  await enqueue(trx, [{ address: DESK.address, kind: 'item', subject: KEY, sender: 'ecritoire_gta' }]);
}

const CARD = { address: DESK.address, key: KEY };
const done = (): LastAction => ({
  by: '@claire.morel:desk.localhost',
  at: new Date().toISOString(),
  action: 'accepter',
  outcome: 'confirmed',
  through: 'action',
  request: '$request',
});

async function waitingForLocks(): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from pg_stat_activity where wait_event_type = 'Lock'`.execute(
    store,
  );
  return rows[0]?.count ?? 0;
}

const says = (content: Placement | Record<string, unknown>): Frozen => ({ type: 'test', content: { ...content } });
const freeze = (_db: Store, row: ClaimedRow): Promise<Frozen> => Promise.resolve(says(row.placement ?? { kind: row.kind }));
const claim = (room: { address: string; roomId: string | null } = DESK): Promise<OutboxRow | undefined> => claimRow(relaying, room, freeze);

async function mark(row: OutboxRow, revision: number, eventId = `$${row.id}`): Promise<{ isLast: boolean } | undefined> {
  return markSent(relaying, row, { eventId, frozen: row.frozen ?? says({}), shown: { revision, pressing: false } });
}

test('a change that was folded into a row while it was being claimed is in its words', async () => {
  await accept(1);
  let claiming: Promise<OutboxRow | undefined> | undefined;
  await store.transaction().execute(async (trx) => {
    await write(trx, 2);
    claiming = claim();
    expect(await until(async () => (await waitingForLocks()) === 1 || undefined)).toBe(true);
  });
  expect((await claiming)?.frozen?.content).toMatchObject({ revision: 2 });
  expect(await claim()).toMatchObject({ attempts: 2 });
});

test('a change that comes after the claim has a row of its own behind', async () => {
  await accept(1);
  const first = await claim();
  await accept(2);
  if (first === undefined) throw new Error('nothing was claimed');
  expect(first.frozen?.content).toMatchObject({ revision: 1 });
  expect(await mark(first, 1)).toEqual({ isLast: false });
  const second = await claim();
  expect(second?.id).not.toBe(first.id);
  expect(second?.frozen?.content).toMatchObject({ revision: 2 });
});

test('an indicator lets what is ready go first, until it has waited for ten seconds', async () => {
  await enqueue(store, [{ ...toolRow(DESK.address, 'gta'), delayMs: 0 }]);
  await accept(1);
  expect((await claim())?.kind).toBe('item');

  await sql`truncate work.outbox`.execute(store);
  await enqueue(store, [{ ...toolRow(DESK.address, 'gta'), delayMs: 0 }]);
  await sql`update work.outbox set queued_at = now() - interval '11 seconds'`.execute(store);
  await accept(2);
  expect((await claim())?.kind).toBe('tool');
});

test('an indicator that was claimed before is claimed again before anything else', async () => {
  await enqueue(store, [{ ...toolRow(DESK.address, 'gta'), delayMs: 0 }]);
  const first = await claim();
  await accept(1);
  const again = await claim();
  expect([again?.id, again?.attempts]).toEqual([first?.id, 2]);
});

test('a row keeps its words however often it is claimed, and its attempts are counted', async () => {
  await accept(1);
  const first = await claim();
  await accept(2);
  const again = await claim();
  expect(again).toMatchObject({ id: first?.id, frozen: first?.frozen, attempts: 2 });
});

test('nothing is claimed for a room that was left since its turn began', async () => {
  await accept(1);
  await sql`update work.rooms set room_id = '!autre'`.execute(store);
  expect(await claim()).toBeUndefined();
  expect(await claim({ address: DESK.address, roomId: '!autre' })).toMatchObject({ subject: KEY, attempts: 1 });
});

test('a row is marked once; the placement keeps its first message, and its indicator is to be counted', async () => {
  await accept(1);
  const first = await claim();
  if (first === undefined) throw new Error('nothing was claimed');
  expect(await mark(first, 1, '$original')).toEqual({ isLast: true });
  expect(await mark(first, 1, '$autre')).toBeUndefined();
  await accept(2);
  const second = await claim();
  if (second === undefined) throw new Error('nothing was claimed');
  await mark(second, 2, '$edition');
  const placement = await store.selectFrom('work.placements').select(['event_id', 'sent_revision', 'sent_pressing']).execute();
  expect(placement).toEqual([{ event_id: '$original', sent_revision: 2, sent_pressing: false }]);
  const waiting = await store.selectFrom('work.outbox').select(['kind', 'subject']).where('sent_at', 'is', null).execute();
  expect(waiting).toEqual([{ kind: 'tool', subject: 'gta' }]);
});

test('what was last done is written onto a card once, by one edit', async () => {
  await accept(1);
  const last = done();
  const rows = await keepLastAction(store, CARD, last);
  expect(rows).toHaveLength(1);
  await enqueue(store, rows);
  const row = await claim();
  expect(row?.frozen?.content['lastAction']).toEqual(last);
  expect(await keepLastAction(store, CARD, last)).toEqual([]);
});

test('a card that came to say it with what the tool answered needs no edit; a colleague’s of the same object does', async () => {
  const last = done();
  await store.transaction().execute((trx) => write(trx, 1, last));
  await sql`insert into work.placements (key, agent, address, connection, revision, content, addressed, state, severity)
    select key, 'paul.vidal', 'desk:ville-claire:paul.vidal', connection, revision, content - 'lastAction', addressed, state, severity
    from work.placements where key = ${KEY}`.execute(store);
  expect((await keepLastAction(store, CARD, last)).map(({ address }) => address)).toEqual(['desk:ville-claire:paul.vidal']);
  expect(await keepLastAction(store, CARD, last)).toEqual([]);
});

/** Events of homeserver transactions: stored once each by event id before the answer, then handled per room in order (`found.ts`: those it lost). */
import { type Selectable, sql } from 'kysely';
import { canJudge } from './awaiting.ts';
import { leave } from './driver.ts';
import type { Store } from './open.ts';
import type { Tables } from './tables.ts';

export type InboxRow = Selectable<Tables['work.inbox']>;

/** An event of a transaction as it is kept. */
export type Received = { event_id: string; room_id: string } & Record<string, unknown>;

/** Stores what is new of a transaction, in its order, in one commit. Answers how many events were new. */
export async function storeEvents(store: Store, txn: string, events: readonly Received[]): Promise<number> {
  if (events.length === 0) return 0;
  const ids = events.map((event) => storable(event.event_id));
  const rooms = events.map((event) => storable(event.room_id));
  const bodies = events.map((event) => JSON.stringify(storable(event)));
  // One statement: a notice of its own would be a second commit to wait for, and whoever handles the events hears of them after it.
  const stored = await sql<{ fresh: number }>`with fresh as (insert into work.inbox (event_id, room_id, txn, event)
      select id, room, ${storable(txn)}, body::jsonb from unnest(${ids}::text[], ${rooms}::text[], ${bodies}::text[]) with ordinality as given(id, room, body, place)
      order by place on conflict (event_id) do nothing returning 1)
    select (select count(*) from fresh)::int as fresh, pg_notify('work_inbox', '')`.execute(store);
  return stored.rows[0]?.fresh ?? 0;
}

/**
 * Stores events that are not to be handled, with the reason, so that they are not when they come again. Answers which;
 * one that waits already came by itself, and is handled.
 */
export async function settleEvents<T extends Received>(db: Store, events: readonly T[], failure: string): Promise<T[]> {
  const settled: T[] = [];
  for (const event of events) {
    const row = { event_id: storable(event.event_id), room_id: storable(event.room_id), event: JSON.stringify(storable(event)) };
    const kept = await db
      .insertInto('work.inbox')
      .values({ ...row, txn: 'rebuild', handled_at: sql<Date>`now()`, failure })
      .onConflict((conflict) => conflict.column('event_id').doNothing())
      .executeTakeFirst();
    if ((kept.numInsertedOrUpdatedRows ?? 0n) > 0n) settled.push(event);
  }
  return settled;
}

/**
 * PostgreSQL keeps neither U+0000 nor lone surrogates, which a Matrix event may hold; a transaction refused for them
 * would come again for ever. They become U+FFFD.
 */
export function storable<T>(value: T): T;
export function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '\ufffd').toWellFormed();
  if (Array.isArray(value)) return value.map((one: unknown) => storable(one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [storable(name), storable(one as unknown)]));
}

/** Rooms in which something waits, the longest waiting first. */
export async function waitingRooms(store: Store, limit: number): Promise<string[]> {
  const rows = await store
    .selectFrom('work.inbox')
    .select('room_id')
    .where('handled_at', 'is', null)
    .where(canJudge(sql`work.inbox.room_id`))
    .groupBy('room_id')
    .orderBy((eb) => eb.fn.min('seq'))
    .limit(limit)
    .execute();
  return rows.map((row) => row.room_id);
}

/**
 * Hands the first waiting event of a room to `handle`, whose effects and the mark are one commit. `busy`: another
 * replica has the room. What `handle` throws undoes everything; the event then waits as before.
 */
export function handleNext(
  store: Store,
  roomId: string,
  handle: (trx: Store, row: InboxRow) => Promise<void>,
): Promise<'handled' | 'empty' | 'busy'> {
  return store.transaction().execute(async (trx) => {
    const { rows } = await sql<{
      held: boolean;
    }>`select pg_try_advisory_xact_lock(hashtextextended(${`inbox ${roomId}`}, 0)) as held`.execute(trx);
    if (rows[0]?.held !== true) return 'busy';
    const row = await firstWaiting(trx, roomId);
    if (row === undefined) return 'empty';
    await handle(trx, row);
    const mark = trx
      .updateTable('work.inbox')
      .set({ handled_at: sql`now()` })
      .where('event_id', '=', row.event_id);
    await leave(trx, mark.compile());
    return 'handled';
  });
}

function firstWaiting(db: Store, roomId: string): Promise<InboxRow | undefined> {
  return db
    .selectFrom('work.inbox')
    .selectAll()
    .where('room_id', '=', roomId)
    .where('handled_at', 'is', null)
    .orderBy(sql`coalesce(place, seq)`)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst();
}

/** Whether a redaction of this event waits behind it. */
export async function isRedactedAhead(db: Store, { event_id, room_id = '' }: { event_id: string; room_id?: string }): Promise<boolean> {
  const { rows } = await sql`select 1 from work.inbox where handled_at is null and room_id = ${room_id}
    and event->>'type' = 'm.room.redaction' and ${event_id} in (event->>'redacts', event->'content'->>'redacts') limit 1`.execute(db);
  return rows.length > 0;
}

/** Gives up on the first waiting event of a room: it is marked with why, and the room goes on. */
export async function giveUp(store: Store, roomId: string, failure: string): Promise<void> {
  const row = await firstWaiting(store, roomId);
  if (row === undefined) return;
  await store
    .updateTable('work.inbox')
    .set({ handled_at: sql`now()`, failure })
    .where('event_id', '=', row.event_id)
    .where('handled_at', 'is', null)
    .execute();
}

export async function countWaiting(store: Store): Promise<number> {
  const { rows } = await sql<{ waiting: number }>`select count(*)::int as waiting from work.inbox where handled_at is null`.execute(store);
  return rows[0]?.waiting ?? 0;
}

/** Events that the homeserver never sent us and that were found by asking: they take their place between their neighbours. */
import { sql } from 'kysely';
import { type Received, storable } from './inbox.ts';
import type { Store } from './open.ts';

/** What a room's timeline says, oldest first: also what we have already, by which the rest finds its place. */
export type Timeline = { roomId: string; events: readonly Received[]; askedAt: Date };

/**
 * Stores what is missing of a timeline. What came by itself after `askedAt` is newer than all of it. Answers how many
 * events were missing.
 */
export async function storeFound(store: Store, { roomId, events, askedAt }: Timeline): Promise<number> {
  if (events.length === 0) return 0;
  return store.transaction().execute(async (trx) => {
    const known = await placesOf(trx, events);
    if (events.every(({ event_id }) => known.has(event_id))) return 0;
    const { before, after } = await neighbours(trx, { roomId, events, askedAt }, Math.min(...known.values()));
    const placed = place(events, known, { before, after });
    let count = 0;
    for (const { event, at } of placed) {
      const { numInsertedOrUpdatedRows } = await trx
        .insertInto('work.inbox')
        .values({
          event_id: storable(event.event_id),
          room_id: storable(roomId),
          txn: 'found',
          event: JSON.stringify(storable(event)),
          place: at ?? null,
        })
        .onConflict((conflict) => conflict.column('event_id').doNothing())
        .executeTakeFirst();
      count += Number(numInsertedOrUpdatedRows ?? 0n);
    }
    await sql`select pg_notify('work_inbox', '')`.execute(trx);
    return count;
  });
}

async function placesOf(db: Store, events: readonly Received[]): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('work.inbox')
    .select(['event_id', sql<number>`coalesce(place, seq)`.as('at')])
    .where(
      'event_id',
      'in',
      events.map(({ event_id }) => storable(event_id)),
    )
    .execute();
  return new Map(rows.map((row) => [row.event_id, row.at]));
}

type Neighbours = { before: number | undefined; after: number | undefined };

/** The last of the room in front of the first known one, and the first that came by itself since we asked. */
async function neighbours(db: Store, { roomId, events, askedAt }: Timeline, firstKnown: number): Promise<Neighbours> {
  const ids = events.map(({ event_id }) => event_id);
  const { rows } = await sql<{ before: number | null; after: number | null }>`select
      max(coalesce(place, seq)::float8) filter (where coalesce(place, seq) < ${firstKnown}::float8) as before,
      min(coalesce(place, seq)::float8) filter (where received_at > ${askedAt} and not event_id = any(${ids}::text[])) as after
    from work.inbox where room_id = ${roomId}`.execute(db);
  return { before: rows[0]?.before ?? undefined, after: rows[0]?.after ?? undefined };
}

/**
 * Spreads the missing ones evenly between the known ones around them; at the open end they stand as they come. What is told
 * again counts where it was told first: Synapse repeats the end of a timeline to whoever reads on from it, when filtering left
 * exactly as many events as were asked for (`prev_batch` is then that end).
 */
export function place<T extends { event_id: string }>(
  events: readonly T[],
  known: ReadonlyMap<string, number>,
  { before, after }: Neighbours,
): { event: T; at: number | undefined }[] {
  const placed: { event: T; at: number | undefined }[] = [];
  let run: T[] = [];
  let low = before;
  const settle = (high: number | undefined): void => {
    const from = low ?? (high ?? 0) - 1;
    placed.push(...run.map((event, index) => ({ event, at: high && from + ((high - from) * (index + 1)) / (run.length + 1) })));
    run = [];
  };
  const told = new Set<string>();
  const isBehind = (at: number): boolean => low === undefined || at > low;
  for (const event of events) {
    if (told.has(event.event_id)) continue;
    told.add(event.event_id);
    const at = known.get(event.event_id);
    if (at === undefined) {
      run.push(event);
    } else if (isBehind(at)) {
      settle(at);
      low = at;
    }
  }
  settle(after !== undefined && isBehind(after) ? after : undefined);
  return placed;
}

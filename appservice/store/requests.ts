/** Requests of agents and what came of them: primary data, from which triage is folded. */
import { type Selectable, sql } from 'kysely';
import type { Outcome, Request } from '#desk/request.ts';
import type { Store } from './open.ts';
import type { Tables } from './tables.ts';

export type RequestRow = Selectable<Tables['record.requests']>;

/** Keeps a request with its outcome; `revisions` by event id of the item. False when it was kept before. */
export async function keepRequest(
  db: Store,
  request: Request,
  { roomId, localpart, outcome, revisions }: { roomId: string; localpart: string; outcome: Outcome; revisions: Record<string, number> },
): Promise<boolean> {
  const kept = await db
    .insertInto('record.requests')
    .values({
      event_id: request.eventId,
      room_id: roomId,
      localpart,
      action: request.action,
      items: request.items,
      input: request.input === undefined ? null : JSON.stringify(request.input),
      revision: request.revision ?? null,
      revisions: JSON.stringify(revisions),
      source: request.source,
      asked_at: new Date(request.askedAt),
      received_at: new Date(request.at),
      outcome,
      outcome_at: sql`now()`,
      place: placeOf(request.eventId, roomId),
    })
    .onConflict((conflict) => conflict.column('event_id').doNothing())
    .executeTakeFirst();
  return (kept.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Whether an event was read as a request once, redacted since or not. */
export async function hasRequest(db: Store, eventId: string): Promise<boolean> {
  return (await db.selectFrom('record.requests').select('event_id').where('event_id', '=', eventId).executeTakeFirst()) !== undefined;
}

/** Takes a request of this room out (its event was redacted); undefined when there is none or it was out already. */
export function redactRequest(db: Store, roomId: string, eventId: string): Promise<RequestRow | undefined> {
  return db
    .updateTable('record.requests')
    .set({ redacted_at: sql`now()` })
    .where('event_id', '=', eventId)
    .where('room_id', '=', roomId)
    .where('redacted_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
}

/** What counts for the triage of these items, or of a whole room: confirmed and not redacted, in room order. */
export async function standingRequests(db: Store, roomId: string, items?: readonly string[]): Promise<RequestRow[]> {
  return db
    .selectFrom('record.requests')
    .selectAll()
    .where('room_id', '=', roomId)
    .where('outcome', '=', 'confirmed')
    .where('redacted_at', 'is', null)
    .$if(items !== undefined, (all) => all.where(sql<boolean>`items && ${[...(items ?? [])]}::text[]`))
    .orderBy(sql`coalesce(place, seq)`)
    .orderBy('seq')
    .execute();
}

/** Which requests of a room are kept, by event id; a `standing` one was not redacted. */
export async function knownRequests(db: Store, roomId: string): Promise<Map<string, 'standing' | 'redacted'>> {
  const rows = await db.selectFrom('record.requests').select(['event_id', 'redacted_at']).where('room_id', '=', roomId).execute();
  return new Map(rows.map((row) => [row.event_id, row.redacted_at === null ? 'standing' : 'redacted']));
}

/** Of a request that was found late: between the last one before the first that stands behind it, and that one. Null otherwise. */
function placeOf(eventId: string, roomId: string) {
  return sql<number | null>`(
    with next as (
      select min(coalesce(kept.place, kept.seq)) as place
      from work.inbox mine
      join work.inbox later on later.room_id = mine.room_id and coalesce(later.place, later.seq) > mine.place
      join record.requests kept on kept.event_id = later.event_id
      where mine.event_id = ${eventId} and mine.place is not null)
    select (next.place + coalesce((select max(coalesce(place, seq)) from record.requests
      where room_id = ${roomId} and coalesce(place, seq) < next.place), next.place - 1)) / 2 from next)`;
}

/**
 * What « annuler » means: what she decided or asked of a tool last, and still stands; `about` an item, a request or what was answered to
 * one, the last that has to do with it. Having seen something is no decision.
 */
export function lastStanding(db: Store, { roomId, address, about }: Decided): Promise<RequestRow | undefined> {
  const isAbout = sql<boolean>`(event_id = ${about} or ${about} = any(items) or exists (select 1 from work.outbox said
    where said.address = ${address} and said.kind = 'outcome' and said.event_id = ${about} and said.subject = record.requests.event_id))`;
  return db
    .selectFrom('record.requests')
    .selectAll()
    .where('room_id', '=', roomId)
    .where('outcome', 'not in', ['refused', 'failed'])
    .where('redacted_at', 'is', null)
    .where('action', 'not in', ['desk.seen', 'desk.unseen'])
    .$if(about !== undefined, (all) => all.where(isAbout))
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
}

type Decided = { roomId: string; address: string; about: string | undefined };

/** A kept row as the core folds it. */
export function asRequest(row: RequestRow, sender: string): Request {
  return {
    eventId: row.event_id,
    sender,
    items: row.items,
    action: row.action,
    ...(row.input !== null && { input: row.input }),
    ...(row.revision !== null && { revision: row.revision }),
    askedAt: row.asked_at.getTime(),
    at: row.received_at.getTime(),
    source: row.source,
  };
}

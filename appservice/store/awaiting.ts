/**
 * Rooms that stand at the homeserver and that the store does not know (any more): found, then read one by one. Until a room
 * is read nothing is sent to it and nothing said in it is judged, so whatever became of `work`, no card comes twice.
 */
import { sql } from 'kysely';
import type { Store } from './open.ts';
import { organisationOf } from './rooms.ts';

/** The cursor that says that all our rooms were looked for; without it a room that is not in `work` may still be ours. */
export const ROOMS_FOUND = 'rooms';

const LEASE = sql`date_trunc('milliseconds', clock_timestamp() + interval '15 seconds')`; // renewed at each page

export type Found = { address: string; roomId: string };
export type Awaiting = Found & { until: Date };

/** Whether all rooms are known and read. */
export async function isWhole(db: Store): Promise<boolean> {
  const { rows } = await sql<{ whole: boolean }>`select ${wasFound()}
    and not exists (select 1 from work.rooms where room_id is not null and rebuilt_at is null) as whole`.execute(db);
  return rows[0]?.whole === true;
}

const wasFound = () => sql`exists (select 1 from work.cursors where name = ${ROOMS_FOUND} and value <> 'null'::jsonb)`;

/** True for events of rooms that can be judged: the room is read, or it is none of ours. */
export const canJudge = (roomId: ReturnType<typeof sql>) => sql<boolean>`(case
  when exists (select 1 from work.rooms known where known.room_id = ${roomId}) then exists (select 1 from work.rooms known where known.room_id = ${roomId} and known.rebuilt_at is not null)
  else ${wasFound()} end)`;

/** Whether the store can say what stands in all of these rooms: an empty list of one that it has not read would be a lie. */
export async function knowsRooms(db: Store, roomIds: readonly string[]): Promise<boolean> {
  const { rows } = await sql<{ known: boolean }>`select coalesce(bool_and(${canJudge(sql`asked.room`)}), true) as known
    from unnest(${[...roomIds]}::text[]) as asked(room)`.execute(db);
  return rows[0]?.known === true;
}

/** Whether the store knows what stands in the room of an address. */
export async function isRead(db: Store, address: string): Promise<boolean> {
  const row = await db.selectFrom('work.rooms').select('rebuilt_at').where('address', '=', address).executeTakeFirst();
  return row?.rebuilt_at != null;
}

/** Puts down rooms that were found; one that `work` has already stays as it is. */
export async function keepFound(db: Store, found: readonly Found[]): Promise<void> {
  const rows = found.map(({ address, roomId }) => ({ address, organisation: organisationOf(address), room_id: roomId }));
  await sql`insert into work.rooms as room (address, organisation, room_id)
    select address, organisation, room_id from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as found(address text, organisation text, room_id text)
    order by address
    on conflict (address) do update set room_id = excluded.room_id, rebuilt_at = null where room.room_id is null`.execute(db);
}

/** Takes a room that nobody reads; undefined when there is none. What a kill left lapses after 15 s. */
export async function claimAwaiting(db: Store): Promise<Awaiting | undefined> {
  const { rows } = await sql<{ address: string; room_id: string; lease_until: Date }>`update work.rooms room set lease_until = ${LEASE}
    where address = (select address from work.rooms where room_id is not null and rebuilt_at is null
      and (lease_until is null or lease_until <= now()) order by due_at nulls last, address limit 1 for update skip locked)
    returning address, room_id, lease_until`.execute(db);
  const [row] = rows;
  return row && { address: row.address, roomId: row.room_id, until: row.lease_until };
}

/** False when the claim lapsed and another has the room, or it is read by now. */
export async function renewAwaiting(db: Store, claim: Awaiting): Promise<boolean> {
  const { rows } = await sql<{ lease_until: Date }>`update work.rooms set lease_until = ${LEASE}
    where address = ${claim.address} and lease_until = ${claim.until} and rebuilt_at is null returning lease_until`.execute(db);
  claim.until = rows[0]?.lease_until ?? claim.until;
  return rows.length > 0;
}

/** Gives a room back that could not be read, for another try in a while. */
export async function returnAwaiting(db: Store, claim: Awaiting): Promise<void> {
  await sql`update work.rooms set lease_until = now() + interval '2 seconds' where address = ${claim.address} and lease_until = ${claim.until}`.execute(
    db,
  );
}

/** The last step of a room's transaction, first asked whether the claim still holds. */
export async function holdAwaiting(trx: Store, { address, until }: Awaiting): Promise<boolean> {
  const { rows } =
    await sql`select 1 from work.rooms where address = ${address} and lease_until = ${until} and rebuilt_at is null for update`.execute(
      trx,
    );
  return rows.length > 0;
}

export async function markRead(trx: Store, { address }: Awaiting, bots: readonly string[]): Promise<void> {
  await sql`update work.rooms set rebuilt_at = now(), lease_until = null, bots = ${[...bots]}::text[],
    due_at = (select min(not_before) from work.outbox where outbox.address = ${address} and sent_at is null and dead_at is null)
    where address = ${address}`.execute(trx);
  await sql`select pg_notify('work_rooms', ''), pg_notify('work_inbox', '')`.execute(trx);
}

export async function countAwaiting(db: Store): Promise<{ read: number; awaiting: number }> {
  const { rows } = await sql<{ read: number; awaiting: number }>`select count(rebuilt_at)::int as read,
    (count(*) - count(rebuilt_at))::int as awaiting from work.rooms where room_id is not null`.execute(db);
  return rows[0] ?? { read: 0, awaiting: 0 };
}

/**
 * Undoes the claim of a row that was put into words before its room turned out to be one that is not read yet: nothing was
 * sent, and after the rebuild it may be an edit. It keeps its place; a newer row of the same placement is told with it.
 */
export async function unfreeze(store: Store, id: string): Promise<void> {
  await store.transaction().execute(async (trx) => {
    await sql`delete from work.outbox newer using work.outbox row where row.id = ${id} and newer.id <> row.id
      and newer.address = row.address and newer.kind = row.kind and newer.subject = row.subject
      and newer.claimed_at is null and newer.sent_at is null and newer.dead_at is null and row.kind in ('item', 'tool')`.execute(trx);
    await sql`update work.outbox set claimed_at = null, frozen = null, attempts = 0 where id = ${id} and kind in ('item', 'tool')
      and sent_at is null and dead_at is null`.execute(trx);
  });
}

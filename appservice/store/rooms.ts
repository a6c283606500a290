/**
 * The rooms we write to, by address, and who of the replicas works on one now. `due_at` is when there is something to
 * do (null: nothing); `lease_until` keeps others off: 5 s while a replica works, longer when the homeserver said so.
 */
import { sql } from 'kysely';
import { prepared } from './driver.ts';
import { LAZILY, type Store } from './open.ts';

/**
 * A claim on a room: `until` is its token, so that a replica that slept too long cannot renew what is another's. `lane` is
 * whose turn it is, of those whose rows wait there; `bots` are those that were in the room at the claim.
 */
export type Lease = { address: string; lane: string; roomId: string | null; bots: readonly string[]; attempts: number; until: Date };

/** In milliseconds, because it travels through JavaScript dates. */
export const LEASE_UNTIL = `date_trunc('milliseconds', clock_timestamp() + interval '5 seconds')`;
export const LEASE = sql.raw(LEASE_UNTIL);

export type Address =
  | { kind: 'desk'; organisation: string; localpart: string }
  | { kind: 'organisation'; organisation: string }
  | { kind: 'admin'; organisation: string }
  | { kind: 'platform' };

/** Reads `desk:<organisation>:<localpart>`, `organisation:<organisation>`, `admin:<organisation>` or `platform`. */
export function readAddress(address: string): Address | undefined {
  const [kind, organisation, ...rest] = address.split(':');
  if (address === 'platform') return { kind: 'platform' };
  if (organisation === undefined || organisation === '') return undefined;
  if (kind === 'desk' && rest.length > 0) return { kind, organisation, localpart: rest.join(':') };
  if ((kind === 'organisation' || kind === 'admin') && rest.length === 0) return { kind, organisation };
  return undefined;
}

export const deskAddress = (organisation: string, localpart: string): string => `desk:${organisation}:${localpart}`;

/** The organisation of an address; null for the platform's own room. */
export function organisationOf(address: string): string | null {
  return address === 'platform' ? null : (address.split(':')[1] ?? null);
}

/** Renews a lease; undefined when it lapsed and another replica has the room now. */
export async function renewLease(store: Store, lease: Lease): Promise<Date | undefined> {
  const { rows } = await sql<{ lease_until: Date }>`update work.rooms set lease_until = ${LEASE}
    where address = ${lease.address} and lease_until = ${lease.until} returning lease_until`.execute(store);
  return rows[0]?.lease_until;
}

/** How a turn ended: `sent` clears the count of failures, the others keep the room away for `afterMs`. */
export type TurnEnd = { kind: 'sent' } | { kind: 'told'; afterMs: number } | { kind: 'failed'; afterMs: number };

const HOLD = `select ${LAZILY} from work.rooms where address = $1 and lease_until = $2 for update`;

/**
 * Without a row there is no time either: greatest() leaves nulls out and would say now, for ever. 'told': the homeserver named a
 * time, nothing may come before it, hence the lease. 'failed': a new change may try at once.
 */
const GIVE_BACK = `update work.rooms set
    lease_until = case when $3 = 'told' then now() + $4 * interval '1 millisecond' end,
    attempts = case when $3 = 'sent' then 0 else attempts + 1 end,
    due_at = (select greatest(min(not_before), now() + $4 * interval '1 millisecond') from work.outbox
              where address = $1 and sent_at is null and dead_at is null having count(*) > 0)
  where address = $1 and lease_until = $2`;

/**
 * Gives a room back. It stays due when rows are ready, and becomes due when the next one is; the room's row is locked
 * before the rows are read, so what is accepted meanwhile either is seen here or wakes the room after us.
 */
export async function releaseRoom(store: Store, { address, until }: Lease, end: TurnEnd): Promise<void> {
  const wait = end.kind === 'sent' ? 0 : Math.round(end.afterMs);
  await store.transaction().execute(async (trx) => {
    await trx.executeQuery(prepared('room.hold', HOLD, { values: [address, until], isAhead: true }));
    await trx.executeQuery(prepared('room.give-back', GIVE_BACK, { values: [address, until, end.kind, wait], isAhead: true }));
  });
}

/** Makes every room that waits for a failing homeserver due now: called when it answers again. */
export async function wakeFailed(store: Store): Promise<void> {
  await sql`update work.rooms set due_at = now() where due_at > now() and attempts > 0
    and address in (select address from work.rooms where due_at > now() and attempts > 0 order by address for update skip locked)`.execute(
    store,
  );
}

/** Milliseconds until the next room is due, undefined when none is. */
export async function nextDueMs(store: Store): Promise<number | undefined> {
  const { rows } = await sql<{
    ms: number | null;
  }>`select extract(epoch from min(greatest(due_at, coalesce(lease_until, due_at))) - now())::float8 * 1000 as ms
    from work.rooms where due_at is not null and due_at < now() + interval '1 second' and (room_id is null or rebuilt_at is not null)`.execute(
    store,
  );
  return rows[0]?.ms ?? undefined;
}

export async function findRoom(db: Store, address: string): Promise<{ roomId: string; bots: string[] } | undefined> {
  const row = await db.selectFrom('work.rooms').select(['room_id', 'bots']).where('address', '=', address).executeTakeFirst();
  return row?.room_id == null ? undefined : { roomId: row.room_id, bots: row.bots };
}

/** The address of a room of ours, undefined for any other room. */
export async function findAddress(db: Store, roomId: string): Promise<string | undefined> {
  const row = await db.selectFrom('work.rooms').select('address').where('room_id', '=', roomId).executeTakeFirst();
  return row?.address;
}

/** `isNew`: made by us now. Of a room that stood already the store does not know what is in it: it waits for its rebuild. */
export async function keepRoom(db: Store, address: string, { roomId, isNew }: { roomId: string; isNew: boolean }): Promise<void> {
  await sql`insert into work.rooms (address, organisation, room_id, rebuilt_at)
    values (${address}, ${organisationOf(address)}, ${roomId}, case when ${isNew} then now() end)
    on conflict (address) do update set room_id = excluded.room_id, bots = '{}', rebuilt_at = excluded.rebuilt_at`.execute(db);
}

/** Forgets a room that is gone at the homeserver; the next `ensureRoom` looks for it or makes it anew. */
export async function forgetRoom(db: Store, address: string, roomId: string): Promise<void> {
  await db
    .updateTable('work.rooms')
    .set({ room_id: null, bots: [] })
    .where('address', '=', address)
    .where('room_id', '=', roomId)
    .execute();
}

export async function keepBot(db: Store, address: string, bot: string): Promise<void> {
  await sql`update work.rooms set bots = array_append(bots, ${bot}) where address = ${address} and not ${bot} = any(bots)`.execute(db);
}

export async function dropBot(db: Store, address: string, bot: string): Promise<void> {
  await sql`update work.rooms set bots = array_remove(bots, ${bot}) where address = ${address}`.execute(db);
}

/** The localparts of the bots that are in any room. */
export async function joinedBots(db: Store): Promise<string[]> {
  const { rows } = await sql<{ bot: string }>`select distinct unnest(bots) as bot from work.rooms order by bot`.execute(db);
  return rows.map((row) => row.bot);
}

/** The rooms of admins: the platform's and one per organisation. */
export async function adminRooms(db: Store): Promise<string[]> {
  const { rows } = await sql<{ room_id: string }>`select room_id from work.rooms
    where room_id is not null and (address = 'platform' or address like 'admin:%') order by address`.execute(db);
  return rows.map((row) => row.room_id);
}

/** Which rooms are worked on next: fair between organisations, then connections, then rooms (DESIGN §5 *The outbox*). */
import { prepared } from './driver.ts';
import { LAZILY, type Store } from './open.ts';
import { type Lease, LEASE_UNTIL } from './rooms.ts';

const ROOMS = 64; // oldest and newest due rooms of each organisation that are looked at for one claim
const ROWS = 8; // oldest and newest waiting rows of each lane, whose rooms are looked at as well

/** Worded so that no index of what is due serves it: candidates are looked up by their address, not compared with a thousand due rooms. */
const IS_FREE = `coalesce(room.due_at, 'infinity') <= now() and (room.room_id is null or room.rebuilt_at is not null)
  and (room.lease_until is null or room.lease_until <= now())`;

const CLAIM = `with recursive lanes(lane) as (
    (select lane from work.outbox where sent_at is null and dead_at is null order by lane limit 1)
    union all
    select (select lane from work.outbox where sent_at is null and dead_at is null and lane > lanes.lane order by lane limit 1)
    from lanes where lanes.lane is not null
  ), organisations(organisation) as (
    (select coalesce(organisation, '') from work.rooms where due_at <= now() order by coalesce(organisation, '') limit 1)
    union all
    select (select coalesce(organisation, '') from work.rooms
            where due_at <= now() and coalesce(organisation, '') > organisations.organisation order by coalesce(organisation, '') limit 1)
    from organisations where organisations.organisation is not null
  ), ends as (
    select lanes.lane, row.address from lanes cross join lateral (
      (select address from work.outbox where lane = lanes.lane and sent_at is null and dead_at is null order by seq limit ${String(ROWS)})
      union
      (select address from work.outbox where lane = lanes.lane and sent_at is null and dead_at is null order by seq desc limit ${String(ROWS)})) row
    where lanes.lane is not null
  ), aged as (
    select coalesce(next.lane, organisations.organisation || '|') as lane, room.address from organisations cross join lateral (
      (select address from work.rooms where coalesce(organisation, '') = organisations.organisation and due_at <= now()
         and (room_id is null or rebuilt_at is not null) and (lease_until is null or lease_until <= now()) order by due_at limit ${String(ROOMS)})
      union
      (select address from work.rooms where coalesce(organisation, '') = organisations.organisation and due_at <= now()
         and (room_id is null or rebuilt_at is not null) and (lease_until is null or lease_until <= now()) order by due_at desc limit ${String(ROOMS)})) room
    left join lateral (
      select lane from work.outbox where address = room.address and sent_at is null and dead_at is null order by seq limit 1) next on true
    where organisations.organisation is not null
  ), near as (
    select candidate.lane, room.address, room.due_at
    from (select * from ends union select * from aged) candidate join work.rooms room using (address)
    where ${IS_FREE} and not candidate.lane = any($2::text[])
  ), lined as (
    select *, row_number() over (partition by lane order by due_at) as turn from near
  ), best as (
    select distinct on (address) address, lane, turn, due_at from lined order by address, turn
  ), fair as (
    select address, lane, row_number() over (partition by split_part(lane, '|', 1) order by turn, due_at) as place from best
  ), free as (
    select room.address, fair.lane from work.rooms room join fair on fair.address = room.address
    where ${IS_FREE}
    order by fair.place, room.due_at limit $1 for update of room skip locked
  )
  update work.rooms room set lease_until = ${LEASE_UNTIL} from free where room.address = free.address
  returning room.address, free.lane, room.room_id, room.bots, room.attempts, room.lease_until, ${LAZILY} as lazy`;

type Row = { address: string; lane: string; room_id: string | null; bots: string[]; attempts: number; lease_until: Date };

/**
 * Claims up to `limit` rooms that are due, and read (store/awaiting.ts): one turn per organisation and, inside it, per lane before anybody's second, so a
 * flood of one neither starves the others nor its neighbours. A room counts for every lane that has one of its ends there:
 * an item of a quiet tool brings its room to the front also when a flood fills that room. `except`: lanes that are served
 * already and get nothing now.
 */
export async function claimRooms(store: Store, limit: number, { except = [] }: { except?: readonly string[] } = {}): Promise<Lease[]> {
  const { rows } = await store.executeQuery(prepared<Row>('rooms.claim', CLAIM, { values: [limit, except] }));
  return rows.map((row) => ({
    address: row.address,
    lane: row.lane,
    roomId: row.room_id,
    bots: row.bots,
    attempts: row.attempts,
    until: row.lease_until,
  }));
}

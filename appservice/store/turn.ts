/**
 * What one room's turn asks of the store: its next row claimed and fixed, and marked once it is in the room. Each is one text that
 * is planned once, and three waits are all that a row costs: a fast homeserver is kept waiting by every further one.
 */
import { v7 as uuidv7 } from 'uuid';
import { DESK_BOT } from '#desk/access.ts';
import type { Placement } from '#desk/placement.ts';
import { prepared } from './driver.ts';
import { LAZILY, type Store } from './open.ts';
import { connectionOf, HELD_BACK, IS_REPLACED, LONGEST_DELAY, type OutboxRow, TOOL_STATE_DELAY_MS } from './outbox.ts';
import type { Frozen } from './tables.ts';

/** A claimed row, with what it is about as that stands after the claim. */
export type ClaimedRow = OutboxRow & {
  /** Of an item row; null: it is gone. */
  placement: Placement | null;
  /** The placement's message in the room, and whether it was pressing when last sent. */
  placed_event: string | null;
  placed_pressing: boolean | null;
  /** Of a tool row: the state as last written. */
  written: Record<string, unknown> | null;
};

/** Thrown inside `freeze` for a row that no longer says anything (its placement is gone, its state is as written). */
export class NothingToSay extends Error {}

/** A row whose content could not be computed; the relay buries it unless the store itself was the cause. */
export class UnreadableRow extends Error {
  readonly row: OutboxRow;
  constructor(row: OutboxRow, cause: unknown) {
    super('The content of an outbox row could not be computed', { cause });
    this.row = row;
  }
}

const IS_OPEN = 'sent_at is null and dead_at is null';
const READY = `select id from work.outbox where address = $1 and ${IS_OPEN} and not_before <= now()`;

/**
 * The oldest ready row; an indicator lets everything else that is ready go first, for it would be counted again behind it. Of a
 * room that was left since its turn began nothing: what waits is for its next one. Worded so that the row is found by its id: an
 * index over what waits would be read from end to end.
 */
const CLAIM = `update work.outbox set claimed_at = coalesce(claimed_at, clock_timestamp()), attempts = attempts + 1
  where id = coalesce(
      (${READY} and (kind <> 'tool' or claimed_at is not null or queued_at <= now() - ${LONGEST_DELAY}) order by seq limit 1),
      (${READY} order by seq limit 1))
    and coalesce(sent_at, dead_at) is null and exists (select 1 from work.rooms where address = $1 and room_id is not distinct from $2)`;

/** The row that this very transaction claimed. A statement of its own, so that it sees every change whose row was folded into this one. */
const READ = `select row.*, placement.content as placement, placement.event_id as placed_event,
    placement.sent_pressing as placed_pressing, state.content as written
  from work.outbox row
  left join work.placements placement on row.kind = 'item' and placement.address = row.address and placement.key = row.subject
  left join work.tool_states state on row.kind = 'tool' and state.address = row.address and state.connection = row.subject
  where row.address = $1 and row.claimed_at is not null and row.sent_at is null and row.dead_at is null
    and row.xmin = pg_current_xact_id()::xid`;

/**
 * Claims the next row of a room and fixes what it says, in one transaction. A row claimed before keeps its words. Throws
 * `UnreadableRow`.
 */
export async function claimRow(
  store: Store,
  { address, roomId }: { address: string; roomId: string | null },
  freeze: (db: Store, row: ClaimedRow) => Promise<Frozen>,
): Promise<OutboxRow | undefined> {
  for (;;) {
    const claimed = await store.transaction().execute(async (trx) => {
      await trx.executeQuery(prepared('turn.claim', CLAIM, { values: [address, roomId], isAhead: true }));
      const { rows } = await trx.executeQuery(prepared<ClaimedRow>('turn.read', READ, { values: [address] }));
      const [row] = rows;
      return row === undefined || row.frozen !== null ? row : fix(trx, row, freeze);
    });
    if (claimed !== 'again') return claimed;
  }
}

const FREEZE = 'update work.outbox set frozen = $2 where id = $1';

async function fix(trx: Store, row: ClaimedRow, freeze: (db: Store, row: ClaimedRow) => Promise<Frozen>): Promise<OutboxRow | 'again'> {
  try {
    const frozen = await freeze(trx, row);
    await trx.executeQuery(prepared('turn.freeze', FREEZE, { values: [row.id, JSON.stringify(frozen)], isAhead: true }));
    return { ...row, frozen };
  } catch (error) {
    if (!(error instanceof NothingToSay)) throw new UnreadableRow(row, error);
    await trx.deleteFrom('work.outbox').where('id', '=', row.id).execute();
    return 'again';
  }
}

/**
 * What follows from a row's being in its room: its placement learns its message (the original's id counts only the first time), a
 * state is remembered, and an item's indicator is counted again. Its room is not woken for that: it is held, or due as long as
 * the row was not marked, and whoever gives it back looks when the next one is ready.
 */
const MARK = `with marked as (
    update work.outbox row set event_id = $2, sent_at = now() where row.id = $1 and row.sent_at is null
    returning row.address, row.subject, row.kind, ${LAZILY} as lazy, (
      select next.id from work.outbox next where next.address = row.address and next.id <> row.id
        and next.sent_at is null and next.dead_at is null and next.not_before <= now() order by next.seq limit 1) is null as last),
  kept as (
    update work.placements placement set event_id = coalesce(placement.event_id, $2), sent_at = coalesce(placement.sent_at, now()),
      sent_revision = $3::bigint, sent_pressing = $4::boolean
    from marked where marked.kind = 'item' and $3::bigint is not null
      and placement.address = marked.address and placement.key = marked.subject
    returning placement.address),
  counted as (
    insert into work.outbox (id, address, kind, subject, sender, draft, not_before)
    select $5::uuid, kept.address, 'tool', $6::text, '${DESK_BOT}', '{}', now() + interval '${String(TOOL_STATE_DELAY_MS)} milliseconds' from kept
    on conflict (address, kind, subject) where ${IS_REPLACED} do update set changed_at = now(), not_before = ${HELD_BACK}),
  written as (
    insert into work.tool_states (address, connection, content) select address, subject, $7::jsonb from marked where kind = 'tool'
    on conflict (address, connection) do update set content = excluded.content, written_at = now())
  select last from marked`;

export type InRoom = { eventId: string; frozen: Frozen; shown: { revision: number; pressing: boolean } | undefined };

/**
 * Marks a row as in its room; `shown` is what an item's message shows of it. `isLast`: nothing else is ready for that room. Undefined
 * when another replica had marked it: then nothing else was changed either.
 */
export async function markSent(db: Store, row: OutboxRow, { eventId, frozen, shown }: InRoom): Promise<{ isLast: boolean } | undefined> {
  const state = row.kind === 'tool' ? JSON.stringify(frozen.content) : null;
  const values = [row.id, eventId, shown?.revision, shown?.pressing, uuidv7(), connectionOf(row), state];
  const { rows } = await db.executeQuery(prepared<{ last: boolean }>('turn.mark', MARK, { values }));
  const [marked] = rows;
  return marked && { isLast: marked.last };
}

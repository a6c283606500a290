/**
 * What agents asked of tools, one row per item of a request. That a call was sent is committed before it is made; whoever
 * finds a row in that state later knows that it may have been done.
 */
import { type Selectable, sql } from 'kysely';
import type { LastAction } from '#desk/placement.ts';
import type { Outcome } from '#desk/request.ts';
import { leave } from './driver.ts';
import type { Store } from './open.ts';
import type { NewRow } from './outbox.ts';
import type { Tables } from './tables.ts';

export type ActRow = Selectable<Tables['record.acts']>;
export type NewAct = Pick<
  ActRow,
  'request' | 'item' | 'place' | 'key' | 'connection' | 'agent' | 'address' | 'action' | 'revision' | 'source'
> & {
  input: Record<string, unknown>;
  askedAt: number;
  /** The action as she was shown it. */
  label?: string;
};
/** How an act ended, or *accepted*: the tool will tell by its hook. */
export type Ended = { state: 'confirmed' | 'refused' | 'failed' | 'unknown' | 'accepted'; text?: string | undefined };

const LEASE = sql`interval '15 seconds'`; // renewed while the act is carried out: whoever was killed is followed soon

/** In the transaction that keeps the request: asked twice is asked once. */
export async function queueActs(db: Store, acts: readonly NewAct[]): Promise<void> {
  for (const { askedAt, input, ...act } of acts) {
    const insert = db
      .insertInto('record.acts')
      .values({ ...act, input: JSON.stringify(input), asked_at: new Date(askedAt), state: 'waiting' })
      .onConflict((conflict) => conflict.columns(['request', 'item']).doNothing());
    await leave(db, insert.compile());
  }
  await leave(db, sql`select pg_notify('work_acts', '')`.compile(db));
}

/** Takes acts that are due, for this replica alone; `sent` ones are those that a kill or a time-out left. */
export async function claimActs(db: Store, limit: number): Promise<ActRow[]> {
  const { rows } = await sql<ActRow>`update record.acts act set lease_until = now() + ${LEASE}
    from (select request, item from record.acts where settled_at is null and state in ('waiting', 'sent') and not_before <= now()
      and (lease_until is null or lease_until < now()) order by not_before limit ${limit} for update skip locked) due
    where act.request = due.request and act.item = due.item returning act.*`.execute(db);
  return rows;
}

/** Of acts that are being carried out here, so that nobody else takes them; to be called well within the lease. */
export async function renewActs(db: Store, acts: readonly Pick<ActRow, 'request' | 'item'>[]): Promise<void> {
  const [requests, items] = [acts.map(({ request }) => request), acts.map(({ item }) => item)];
  await sql`update record.acts act set lease_until = now() + ${LEASE} from unnest(${requests}::text[], ${items}::text[]) as held(request, item)
    where act.request = held.request and act.item = held.item and act.lease_until is not null`.execute(db);
}

/** One at a time for an object, until the commit. */
export async function holdObject(db: Store, { key }: Pick<ActRow, 'key'>): Promise<void> {
  await leave(db, sql`select pg_advisory_xact_lock(hashtextextended(${`act on ${key}`}, 0))`.compile(db));
}

/**
 * Whether another act of this agent's for the same object is going on, was asked before, or was done after she asked for this
 * one: the same asked from two screens is done once, as it was asked first. `null`: nothing of the kind. To be asked under
 * `holdObject`.
 */
export async function findTwin(db: Store, act: ActRow): Promise<'busy' | 'done' | null> {
  const { rows } = await sql<{ is_done: boolean }>`select other.state = 'confirmed' as is_done from record.acts other
    left join record.requests mine on mine.event_id = ${act.request}
    left join record.requests theirs on theirs.event_id = other.request
    where other.key = ${act.key} and other.agent = ${act.agent} and (other.request, other.item) <> (${act.request}, ${act.item})
      and ((other.settled_at is null and (other.state in ('sent', 'accepted') or (other.state = 'waiting' and (other.undo_until is not null or theirs.seq < mine.seq))))
        or (other.state = 'confirmed' and other.action = ${act.action}
          and other.settled_at > coalesce(mine.received_at, ${act.asked_at})))
    order by is_done limit 1`.execute(db);
  const [row] = rows;
  return row === undefined ? null : row.is_done ? 'done' : 'busy';
}

/**
 * To be committed before the call. `gone`: it was settled or called back meanwhile, or said to be sent by another process that holds
 * it, which a lease that lapsed makes possible. `wait`: something was sent about this object, by anybody, since this act was claimed;
 * what was seen of it before may be over.
 */
export async function markActSent(db: Store, act: ActRow): Promise<'sent' | 'gone' | 'wait'> {
  await holdObject(db, act);
  const isFirst = act.state === 'waiting';
  const { rows } =
    await sql`select 1 from record.acts where ${isFirst} and key = ${act.key} and (request, item) <> (${act.request}, ${act.item})
    and ((state = 'sent' and settled_at is null) or sent_at > ${act.lease_until}::timestamptz - ${LEASE}) limit 1`.execute(db);
  if (rows.length > 0) return 'wait';
  const { numAffectedRows } =
    await sql`update record.acts set state = 'sent', attempts = attempts + 1, sent_at = coalesce(sent_at, clock_timestamp())
    where request = ${act.request} and item = ${act.item} and settled_at is null
      and state = ${act.state} and attempts = ${act.attempts}`.execute(db);
  return (numAffectedRows ?? 0n) > 0n ? 'sent' : 'gone';
}

/** Tries again later; `reached`: a connection to the tool was made. */
export async function postponeAct(db: Store, act: ActRow, { afterMs, reached }: { afterMs: number; reached: boolean }): Promise<void> {
  await sql`update record.acts set lease_until = null, reached = reached or ${reached},
      not_before = now() + ${afterMs} * interval '1 millisecond' where request = ${act.request} and item = ${act.item}`.execute(db);
}

/** Gives back what the store's failure kept from its end. If another process has it by now, `markActSent` lets one of the two call. */
export async function giveBackAct(db: Store, { request, item }: Pick<ActRow, 'request' | 'item'>): Promise<void> {
  await sql`update record.acts set lease_until = null where request = ${request} and item = ${item} and settled_at is null`.execute(db);
}

/** The other acts of the same request that are still open; undefined when this one was settled before. */
export async function settleAct(db: Store, act: ActRow, { state, text }: Ended): Promise<ActRow[] | undefined> {
  await leave(db, sql`select pg_advisory_xact_lock(hashtextextended(${`act ${act.request}`}, 0))`.compile(db));
  const settled = await db
    .updateTable('record.acts')
    .set({ state, text: text ?? null, lease_until: null, ...(state !== 'accepted' && { settled_at: sql<Date>`now()` }) })
    .where('request', '=', act.request)
    .where('item', '=', act.item)
    .where('settled_at', 'is', null)
    .executeTakeFirst();
  if (settled.numUpdatedRows === 0n) return undefined;
  return db.selectFrom('record.acts').selectAll().where('request', '=', act.request).orderBy('place').execute();
}

/** What came of a whole request. */
export async function keepOutcome(db: Store, request: string, outcome: Outcome): Promise<void> {
  const update = db
    .updateTable('record.requests')
    .set({ outcome, outcome_at: sql`now()` })
    .where('event_id', '=', request);
  await leave(db, update.compile());
}

/**
 * Acts of which the tool said « later », and whose object has moved since, or that have waited a day in vain. And those that wait to be
 * repeated because no answer came, whose object its hook has told to be over: nothing is left to ask.
 */
export async function arrivedActs(db: Store): Promise<{ act: ActRow; hasMoved: boolean }[]> {
  const { rows } = await sql<ActRow & { has_moved: boolean }>`select act.*, item.key is not null as has_moved
    from record.acts act left join work.items item on item.key = act.key and item.changed_at > act.sent_at
    where act.settled_at is null and ((act.state = 'accepted' and (item.key is not null or act.sent_at < now() - interval '1 day'))
      or (act.state = 'sent' and act.lease_until is null and item.closed))
    limit 100`.execute(db);
  return rows.map(({ has_moved, ...act }) => ({ act, hasMoved: has_moved }));
}

const LOOKED_FOR = sql`interval '1 day'`; // by then the object's own story has gone on without it

/**
 * Acts whose end was not known, and whose object is over since, for everybody or for who acted: the next sweep has settled
 * them. (Where each reads by her own account, another's may rest, and his card stay open.)
 */
export async function clearedActs(db: Store): Promise<ActRow[]> {
  const { rows } = await sql<ActRow>`select act.* from record.acts act join work.items item on item.key = act.key
      left join work.placements hers on hers.key = act.key and hers.address = act.address and hers.addressed
    where act.state = 'unknown' and act.settled_at > now() - ${LOOKED_FOR} and item.changed_at > act.sent_at
      and (item.closed or hers.state in ('done', 'cancelled', 'expired')) limit 100`.execute(db);
  return rows;
}

/** Opens such an act again, to be settled anew. False: another replica was quicker. */
export async function reopenAct(db: Store, { request, item }: ActRow): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('record.acts')
    .set({ state: 'sent', settled_at: null, lease_until: sql<Date>`now() + ${LEASE}` })
    .where('request', '=', request)
    .where('item', '=', item)
    .where('state', '=', 'unknown')
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/**
 * Shows on her card what was last done; what the tool confirmed, on everybody's of that object. Locks the object as accepting does, which
 * would write what it read before over it. Answers the rows that write it into their rooms: none for a card that came to say it with what
 * the tool answered.
 */
export async function keepLastAction(db: Store, { address, key }: Pick<ActRow, 'address' | 'key'>, last: LastAction): Promise<NewRow[]> {
  await leave(db, sql`select 1 from work.items where key = ${key} for update`.compile(db));
  const said = sql`${JSON.stringify(last)}::jsonb`;
  const { rows } = await sql<{ address: string; bot: string }>`update work.placements placement set changed_at = now(),
      content = jsonb_set(content, '{lastAction}', ${said})
    where key = ${key} and (address = ${address} or ${last.outcome === 'confirmed'}) and content->'lastAction' is distinct from ${said}
    returning address, content->>'bot' as bot`.execute(db);
  return rows.map((row) => ({ address: row.address, kind: 'item', subject: key, sender: `ecritoire_${row.bot}` }));
}

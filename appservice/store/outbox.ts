/**
 * Rows that wait for a room. Whoever changes something writes its row in the same transaction (`enqueue`); the relay
 * claims one, freezes what it says, sends it outside any transaction and marks it (DESIGN §5; store/turn.ts).
 */
import { randomFillSync } from 'node:crypto';
import { DESK_BOT } from '#desk/access.ts';
import { EVENT, MATRIX } from '#desk/event.ts';
import { type Selectable, sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import { leave } from './driver.ts';
import type { Store } from './open.ts';
import { organisationOf } from './rooms.ts';
import type { OutboxKind, Tables } from './tables.ts';

export type OutboxRow = Selectable<Tables['work.outbox']>;

/**
 * How the homeserver fails for everybody: it says nothing, answers too late, answers errors of a proxy or its own, answers
 * something that is not Matrix. `limited`: it asks us to slow down.
 */
export type Trouble = 'silent' | 'slow' | 'failing' | 'foreign' | 'limited';

/** What came of sending one row, as data: only `sent` and `refused` end it. */
export type SendOutcome =
  | { kind: 'sent'; eventId: string }
  /** Try the same again, after `afterMs` when the homeserver itself named the time. Without `trouble` the fault is this row's or this room's. */
  | { kind: 'later'; afterMs: number | undefined; trouble: Trouble | undefined; reason: string }
  | { kind: 'refused'; reason: string };

/** One row to be. `sender` is a localpart; `delayMs` holds tool states back so that a burst is written once. */
export type NewRow = {
  id?: string;
  address: string;
  kind: OutboxKind;
  subject: string;
  sender: string;
  draft?: Record<string, unknown>;
  delayMs?: number;
};

/** While changes go on, a tool state is written at least this often (DESIGN §3 *The indicator*). */
export const LONGEST_DELAY = `interval '10 seconds'`;

export const TOOL_STATE_DELAY_MS = 500; // after the last change

/** The row that has an indicator counted and written again. */
export function toolRow(address: string, connection: string): NewRow {
  return { address, kind: 'tool', subject: connection, sender: DESK_BOT, delayMs: TOOL_STATE_DELAY_MS };
}

/** Of the rows that a later one replaces: the condition of their unique index. */
export const IS_REPLACED = `claimed_at is null and sent_at is null and dead_at is null and kind in ('item', 'tool', 'state')`;

/** Until when a tool state is held back that another one (`excluded`) replaces. */
export const HELD_BACK = `least(excluded.not_before, work.outbox.queued_at + ${LONGEST_DELAY})`;

/** A sentence by the desk bot. */
export function noticeRow(address: string, subject: string, body: string): NewRow {
  const id = newRowId();
  const content = { msgtype: 'm.notice', body, 'm.mentions': {}, [EVENT.row]: id };
  return { id, address, kind: 'notice', subject, sender: DESK_BOT, draft: { type: MATRIX.message, content } };
}

const HELP = 'help';

/** What a desk is told once, by the desk bot; it is pinned as soon as it is in the room. */
export function helpRow(address: string, body: string): NewRow {
  return noticeRow(address, HELP, body);
}

/** The row that pins what a row has just said; undefined for all that is not to be pinned. */
export function pinRow({ address, kind, subject }: Pick<OutboxRow, 'address' | 'kind' | 'subject'>, eventId: string): NewRow | undefined {
  if (kind !== 'notice' || subject !== HELP) return undefined;
  const type = 'm.room.pinned_events';
  return { address, kind: 'state', subject: type, sender: DESK_BOT, draft: { type, stateKey: '', content: { pinned: [eventId] } } };
}

/** The connection that a row speaks of; null for what is the desk's own. */
export function connectionOf({ kind, subject }: Pick<OutboxRow, 'kind' | 'subject'>): string | null {
  if (kind === 'tool') return subject;
  return kind === 'item' ? (subject.split(':')[1] ?? null) : null;
}

const ID_BYTES = 16;
const chance = Buffer.allocUnsafe(256 * ID_BYTES); // asked of the system for many at once: ids were 2 % of accepting in batches
let used = chance.length;

/** Row ids are UUIDv7: transaction ids that never come again, also not after a rebuild (DESIGN §3). */
export function newRowId(): string {
  if (used === chance.length) {
    randomFillSync(chance);
    used = 0;
  }
  const random = chance.subarray(used, used + ID_BYTES);
  used += ID_BYTES;
  return uuidv7({ random });
}

/**
 * Puts rows behind what waits already and wakes their rooms. An item, tool or state row that nobody has claimed is
 * replaced, and its lock taken, so that a claim going on at the same time either sees this change or gets a row behind.
 */
export async function enqueue(db: Store, rows: readonly NewRow[]): Promise<void> {
  if (rows.length === 0) return;
  // One order for everybody: two transactions that queue for the same rooms cannot wait for each other. What came of a request is
  // waited for, and goes before the card that says the same.
  const rank = ({ address, kind, subject }: NewRow): string => `${address} ${kind === 'outcome' ? '' : kind} ${subject}`;
  const sorted = [...rows].sort((a, b) => compare(rank(a), rank(b)));
  for (const row of sorted) await insertRow(db, row);
  await wake(db, sorted);
}

async function insertRow(db: Store, { id = newRowId(), address, kind, subject, sender, draft = {}, delayMs = 0 }: NewRow): Promise<void> {
  const notBefore = sql<Date>`now() + ${delayMs} * interval '1 millisecond'`;
  const values = { id, address, kind, subject, sender, draft: JSON.stringify(draft), not_before: notBefore };
  const insert = db.insertInto('work.outbox').values(values);
  if (kind === 'outcome' || kind === 'notice') {
    await leave(db, insert.onConflict((conflict) => conflict.column('id').doNothing()).compile());
    return;
  }
  const upsert = insert.onConflict((conflict) =>
    conflict
      .columns(['address', 'kind', 'subject'])
      .where(sql.raw<boolean>(IS_REPLACED))
      .doUpdateSet({
        draft: (eb) => eb.ref('excluded.draft'),
        changed_at: sql`now()`,
        not_before: sql`case when excluded.kind = 'tool' then ${sql.raw(HELD_BACK)} else work.outbox.not_before end`,
      }),
  );
  await leave(db, upsert.compile());
}

async function wake(db: Store, rows: readonly NewRow[]): Promise<void> {
  const soonest = new Map<string, number>();
  for (const { address, delayMs = 0 } of rows) soonest.set(address, Math.min(soonest.get(address) ?? Infinity, delayMs));
  for (const [address, delayMs] of soonest) {
    const due = sql`insert into work.rooms as room (address, organisation, due_at)
      values (${address}, ${organisationOf(address)}, now() + ${delayMs} * interval '1 millisecond')
      on conflict (address) do update set due_at = least(coalesce(room.due_at, excluded.due_at), excluded.due_at)`;
    await leave(db, due.compile(db));
  }
  // What is held back needs nobody now: whoever gives its room back, or sweeps, plans for it.
  if ([...soonest.values()].some((delayMs) => delayMs === 0)) await leave(db, sql`select pg_notify('work_rooms', '')`.compile(db));
}

/** Buries a row that the homeserver refused for good; the room goes on. False when it was ended already. */
export async function bury(db: Store, id: string, reason: string): Promise<boolean> {
  const buried = await db
    .updateTable('work.outbox')
    .set({ dead_at: sql`now()`, dead_reason: reason, claimed_at: sql<Date>`coalesce(claimed_at, now())` })
    .where('id', '=', id)
    .where('sent_at', 'is', null)
    .where('dead_at', 'is', null)
    .executeTakeFirst();
  return buried.numUpdatedRows > 0n;
}

/** Whether a desk has item rows that are claimed and not marked: their messages may be in the room already. */
export const hasUnmarkedItems = (db: Store, address: string): Promise<boolean> => hasUnmarked(db, address, 'item');

/** The same of rows of any kind. */
export async function hasUnmarked(db: Store, address: string, kind: OutboxKind): Promise<boolean> {
  const row = await db
    .selectFrom('work.outbox')
    .select('id')
    .where('address', '=', address)
    .where('kind', '=', kind)
    .where('claimed_at', 'is not', null)
    .where('sent_at', 'is', null)
    .where('dead_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Whether something was answered to an event, of late. */
export async function wasAnswered(db: Store, address: string, eventId: string): Promise<boolean> {
  const said = db.selectFrom('work.outbox').select('id').where('address', '=', address);
  const row = await said.where('kind', '=', 'outcome').where('subject', '=', eventId).limit(1).executeTakeFirst();
  return row !== undefined;
}

/** Whether a sentence about the same thing was queued in the last `ms`. */
export async function noticedSince(
  db: Store,
  { address, subject, ms }: { address: string; subject: string; ms: number },
): Promise<boolean> {
  const row = await db
    .selectFrom('work.outbox')
    .select('id')
    .where('address', '=', address)
    .where('kind', '=', 'notice')
    .where('subject', '=', subject)
    .where('queued_at', '>', sql<Date>`now() - ${ms} * interval '1 millisecond'`)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

const DAY_MS = 86_400_000;

/** The admins of the platform, in their room: of one thing once a day, however often it is so. */
export async function tellPlatform(db: Store, subject: string, sentence: string): Promise<void> {
  const notice = noticeRow('platform', subject, sentence);
  if (!(await noticedSince(db, { address: notice.address, subject, ms: DAY_MS }))) await enqueue(db, [notice]);
}

/** How much waits and since when, for health and metrics, or for one organisation; `oldestMs` counts from when a row was ready. */
export async function measureOutbox(
  store: Store,
  { organisation }: { organisation?: string } = {},
): Promise<{ waiting: number; oldestMs: number; dead: number }> {
  const within = organisation === undefined ? sql`true` : sql`split_part(address, ':', 2) = ${organisation}`;
  const { rows } = await sql<{ waiting: number; oldest: number; dead: number }>`select
    (select count(*) from work.outbox where sent_at is null and dead_at is null and ${within})::int as waiting,
    (select coalesce(extract(epoch from now() - min(greatest(queued_at, not_before))) * 1000, 0)
       from work.outbox where sent_at is null and dead_at is null and not_before <= now() and ${within})::float8 as oldest,
    (select count(*) from work.outbox where dead_at is not null and replayed_at is null and ${within})::int as dead`.execute(store);
  const [row] = rows;
  return { waiting: row?.waiting ?? 0, oldestMs: Math.max(0, Math.round(row?.oldest ?? 0)), dead: row?.dead ?? 0 };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

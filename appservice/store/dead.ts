/**
 * Rows that the homeserver refused for good: what an admin lists, and queues again once the cause is gone. A replay never
 * sends old words over newer ones: an item says what stands now of its placement, a state only what nothing newer replaced.
 */
import { EVENT } from '#desk/event.ts';
import { type Selectable, sql } from 'kysely';
import { writeAudit } from './audit.ts';
import type { Store } from './open.ts';
import { connectionOf, enqueue, newRowId, type NewRow, toolRow } from './outbox.ts';
import { organisationOf } from './rooms.ts';
import type { OutboxKind, Tables } from './tables.ts';

export type DeadRow = {
  id: string;
  /** What admins call it; it never changes and never comes again. */
  number: number;
  address: string;
  /** null: of the platform's own room. */
  organisation: string | null;
  /** null: the desk's own, an outcome for instance. */
  connection: string | null;
  kind: OutboxKind;
  /** An item's key, a connection id, a state's type and key: never shown to anybody outside of its organisation. */
  subject: string;
  reason: string;
  attempts: number;
  queuedAt: Date;
  deadAt: Date;
};

/** Which of them; every member narrows. Rows that were replayed are never among them. */
export type DeadFilter = { ids?: readonly string[]; number?: number; organisation?: string; connection?: string };

const MOST = 200; // rows of one answer, and of one transaction of a replay

/** Oldest first. */
export async function listDead(
  db: Store,
  { limit = MOST, offset = 0, ...filter }: DeadFilter & { limit?: number; offset?: number } = {},
): Promise<DeadRow[]> {
  const rows = await dead(db, filter).orderBy('dead_at').orderBy('seq').offset(offset).limit(limit).execute();
  return rows.map((row) => ({
    id: row.id,
    number: row.seq,
    address: row.address,
    organisation: organisationOf(row.address),
    connection: connectionOf(row),
    kind: row.kind,
    subject: row.subject,
    reason: row.dead_reason ?? '',
    attempts: row.attempts,
    queuedAt: row.queued_at,
    deadAt: row.dead_at ?? row.queued_at,
  }));
}

/** How many there are for a filter. */
export async function countDead(db: Store, filter: DeadFilter = {}): Promise<number> {
  const { count } = await dead(db, filter)
    .clearSelect()
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

/** `as` is the row that says it now; null when a later row of the same placement or state said so, or waits to. */
export type Replayed = { id: string; as: string | null };

/**
 * Queues dead rows again, each under a new row id (the homeserver would take the old one for a repetition), in the order
 * they were first queued. Every row is an entry of the audit, by `who`. A row already replayed is left out.
 */
export async function replayDead(store: Store, filter: DeadFilter, { who }: { who: string }): Promise<Replayed[]> {
  const replayed: Replayed[] = [];
  for (;;) {
    const some = await store.transaction().execute((trx) => replaySome(trx, filter, who));
    replayed.push(...some);
    if (some.length < MOST) return replayed;
  }
}

async function replaySome(trx: Store, filter: DeadFilter, who: string): Promise<Replayed[]> {
  const rows = await dead(trx, filter).orderBy('seq').limit(MOST).forUpdate().execute();
  const replayed: Replayed[] = [];
  for (const row of rows) {
    const as = (await isOutdated(trx, row)) ? null : await queueAgain(trx, row);
    await trx
      .updateTable('work.outbox')
      .set({ replayed_at: sql`now()`, replayed_as: as })
      .where('id', '=', row.id)
      .execute();
    const details = { kind: row.kind, reason: row.dead_reason, as };
    await writeAudit(trx, { ...organisation(row), who, what: 'dead.replayed', subject: row.id, details });
    replayed.push({ id: row.id, as });
  }
  return replayed;
}

type Row = Selectable<Tables['work.outbox']>;

function dead(db: Store, { ids, number, organisation, connection }: DeadFilter) {
  let query = db.selectFrom('work.outbox').selectAll().where('dead_at', 'is not', null).where('replayed_at', 'is', null);
  if (ids !== undefined) query = query.where('id', '=', sql<string>`any(${[...ids]}::uuid[])`);
  if (number !== undefined) query = query.where('seq', '=', number);
  if (organisation !== undefined) query = query.where(sql`split_part(address, ':', 2)`, '=', organisation);
  if (connection !== undefined)
    query = query.where(sql`case kind when 'item' then split_part(subject, ':', 2) when 'tool' then subject end`, '=', connection);
  return query;
}

function organisation({ address }: Row): { organisation?: string } {
  const found = organisationOf(address);
  return found === null ? {} : { organisation: found };
}

/** Whether the room was told of the same thing since, or will be by a row that waits. Sentences and outcomes stand for themselves. */
async function isOutdated(trx: Store, { address, kind, subject, seq }: Row): Promise<boolean> {
  if (kind !== 'item' && kind !== 'state') return false;
  const later = await trx
    .selectFrom('work.outbox')
    .select('id')
    .where('address', '=', address)
    .where('kind', '=', kind)
    .where('subject', '=', subject)
    .where('seq', '>', seq)
    .where('dead_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  return later !== undefined;
}

async function queueAgain(trx: Store, row: Row): Promise<string> {
  const fresh = renew(row);
  await enqueue(trx, [fresh]);
  // An indicator may have been queued by somebody else a moment ago: then its row says it.
  const open = await trx
    .selectFrom('work.outbox')
    .select('id')
    .where('address', '=', row.address)
    .where('kind', '=', row.kind)
    .where('subject', '=', row.subject)
    .where('sent_at', 'is', null)
    .where('dead_at', 'is', null)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return open?.id ?? fresh.id;
}

function renew({ address, kind, subject, sender, draft }: Row): NewRow & { id: string } {
  const id = newRowId();
  if (kind === 'tool') return { ...toolRow(address, subject), id };
  return { id, address, kind, subject, sender, draft: renewContent(draft, id) };
}

/** The complete requests of sentences and outcomes name their row; items are put into words at their claim. */
function renewContent(draft: Record<string, unknown>, id: string): Record<string, unknown> {
  const { content } = draft;
  if (typeof content !== 'object' || content === null || !(EVENT.row in content)) return draft;
  return { ...draft, content: { ...content, [EVENT.row]: id } };
}

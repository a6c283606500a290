/** Items as they stand in desks: what the relay freezes, what was sent of them, and their triage. */
import { type Selectable, sql } from 'kysely';
import type { Counted } from '#desk/indicator.ts';
import type { Triage } from '#desk/triage.ts';
import type { Store } from './open.ts';
import type { Tables } from './tables.ts';

export type PlacementRow = Selectable<Tables['work.placements']>;

export function findPlacement(db: Store, address: string, key: string): Promise<PlacementRow | undefined> {
  return db.selectFrom('work.placements').selectAll().where('address', '=', address).where('key', '=', key).executeTakeFirst();
}

/** Placements of one desk by the ids of their original messages; ids that are nobody's are left out. */
export function findByEvents(db: Store, address: string, eventIds: readonly string[]): Promise<PlacementRow[]> {
  if (eventIds.length === 0) return Promise.resolve([]);
  return db
    .selectFrom('work.placements')
    .selectAll()
    .where('address', '=', address)
    .where('event_id', 'in', [...eventIds])
    .execute();
}

// The same as isOpen and isAway of #desk/triage.ts.
export const ASKS = sql<boolean>`placement.state in ('todo', 'doing', 'waiting')`;
const SNOOZED = sql<boolean>`((placement.snoozed_until is not null or placement.snoozed_revision is not null)
  and (placement.snoozed_until is null or now() < placement.snoozed_until)
  and (placement.snoozed_revision is null or coalesce(placement.sent_revision, placement.revision) <= placement.snoozed_revision))`; // as her room shows it
export const HIDDEN = sql<boolean>`((placement.aside_at is not null and placement.snoozed_revision is null) or ${SNOOZED})`;

const MOST_OPEN = 500; // of one desk, the latest: what is named without saying which

/** What asks something of the agent, with a message in her room and neither set aside nor put off. */
export function openPlacements(db: Store, address: string): Promise<PlacementRow[]> {
  return db
    .selectFrom('work.placements as placement')
    .selectAll()
    .where('address', '=', address)
    .where('event_id', 'is not', null)
    .where(ASKS)
    .where(sql<boolean>`not ${HIDDEN}`)
    .orderBy('changed_at', 'desc')
    .limit(MOST_OPEN)
    .execute();
}

/** What an indicator counts: open or aside, with a message in the room. `ever`: whether there was anything at all. */
export async function countedRows(db: Store, address: string, connection: string): Promise<{ rows: Counted[]; ever: boolean }> {
  const found = await db
    .selectFrom('work.placements')
    .select([
      'event_id',
      'state',
      'revision',
      'sent_revision',
      'severity',
      'due_at',
      'seen_at',
      'aside_at',
      'snoozed_until',
      'snoozed_revision',
      'pinned_at',
      'note',
    ])
    .where('address', '=', address)
    .where('connection', '=', connection)
    .where('event_id', 'is not', null)
    .where('state', 'in', ['todo', 'doing', 'waiting'])
    .execute();
  const ever = found.length > 0 || (await hadAny(db, address, connection));
  const rows = found.map((row) => ({
    eventId: row.event_id ?? '',
    state: row.state,
    revision: row.sent_revision ?? row.revision, // what moved without anything to see is not said in her room
    severity: row.severity,
    dueAt: row.due_at ?? undefined,
    triage: readTriage(row),
  }));
  return { rows, ever };
}

async function hadAny(db: Store, address: string, connection: string): Promise<boolean> {
  const row = await db
    .selectFrom('work.placements')
    .select('key')
    .where('address', '=', address)
    .where('connection', '=', connection)
    .where('event_id', 'is not', null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

type TriageColumns = Pick<PlacementRow, 'seen_at' | 'aside_at' | 'snoozed_until' | 'snoozed_revision' | 'pinned_at' | 'note'>;

/** The columns as the core's triage. */
export function readTriage(row: TriageColumns): Triage {
  return {
    seen: row.seen_at !== null,
    aside: row.aside_at !== null,
    pinned: row.pinned_at !== null,
    ...(row.snoozed_until !== null && { snoozedUntil: row.snoozed_until.getTime() }),
    ...(row.snoozed_revision !== null && { snoozedRevision: row.snoozed_revision }),
    ...(row.note !== null && { note: row.note }),
  };
}

/** Writes a folded triage; `at` (ms) dates marks that were not there before. */
export async function keepTriage(db: Store, row: PlacementRow, triage: Triage, at: number): Promise<void> {
  const since = (mark: boolean, before: Date | null): Date | null => (mark ? (before ?? new Date(at)) : null);
  await db
    .updateTable('work.placements')
    .set({
      seen_at: since(triage.seen, row.seen_at),
      aside_at: since(triage.aside, row.aside_at),
      pinned_at: since(triage.pinned, row.pinned_at),
      snoozed_until: triage.snoozedUntil === undefined ? null : new Date(triage.snoozedUntil),
      snoozed_revision: triage.snoozedRevision ?? null,
      note: triage.note ?? null,
      changed_at: sql`now()`,
    })
    .where('key', '=', row.key)
    .where('agent', '=', row.agent)
    .execute();
}

/** Desks and connections in which a snooze ended after `from` and not after `to`. */
export function endedSnoozes(db: Store, from: Date, to: Date): Promise<{ address: string; connection: string }[]> {
  return db
    .selectFrom('work.placements')
    .select(['address', 'connection'])
    .distinct()
    .where('snoozed_until', '>', from)
    .where('snoozed_until', '<=', to)
    .where('event_id', 'is not', null)
    .execute();
}

/**
 * What accepting knows of objects, in sets, rows in the order of their keys so that two transactions cannot wait for each
 * other. A known object is locked first, and what belongs to it then needs no lock; one nobody has heard of is written at the
 * end (write.ts), and the second of two transactions that do so comes again.
 */
import { sql } from 'kysely';
import type { Known } from '#desk/delivery/decide.ts';
import type { Placement } from '#desk/placement.ts';
import { prepared } from './driver.ts';
import type { Store } from './open.ts';

/** Whose object it is. */
export type ObjectId = { key: string; connection: string; organisation: string };

/** An object with everybody it is shown to, locked until the end of the transaction when `isStored`. */
export type Locked = ObjectId & { known: Known; isStored: boolean };

/** An object as its row has it, and a tombstone. */
export type StoredObject = { key: string; revision: number; digest: string; closed: boolean };
export type StoredTombstone = { key: string; revision: number };

/** Locks the objects and reads how they stand, tombstones included. By key. */
export async function lockObjects(db: Store, ids: readonly ObjectId[]): Promise<Map<string, Locked>> {
  const keys = ids.map(({ key }) => key);
  const { rows: objects } = await sql<StoredObject>`
    select key, revision, digest, closed from work.items where key = any(${keys}::text[]) order by key for update`.execute(db);
  const { rows: tombstones } = await sql<StoredTombstone>`
    select key, revision from record.tombstones where key = any(${keys}::text[])`.execute(db);
  return readObjects(db, ids, { objects, tombstones });
}

/** Reads the rest of objects whose rows were locked, in a later statement than the one that waited for the locks. By key. */
export async function readObjects(
  db: Store,
  ids: readonly ObjectId[],
  { objects, tombstones }: { objects: readonly StoredObject[]; tombstones: readonly StoredTombstone[] },
): Promise<Map<string, Locked>> {
  const locked = new Map(ids.map((id) => [id.key, { ...id, known: unheard(), isStored: false }]));
  for (const { key, revision, digest, closed } of objects) {
    const object = locked.get(key);
    if (!object) continue;
    object.isStored = true;
    Object.assign(object.known, { standing: { revision, digest }, closed });
  }
  for (const tombstone of tombstones) bury(locked, tombstone);
  if (objects.length > 0) await readShown(db, locked);
  return locked;
}

function unheard(): Known {
  return { standing: undefined, closed: true, shown: new Map(), isChanged: false };
}

/** A tombstone newer than what is stored stands for the object: the working copy was lost after it. */
function bury(locked: ReadonlyMap<string, Locked>, { key, revision }: StoredTombstone): void {
  const known = locked.get(key)?.known;
  if (known && (known.standing === undefined || known.standing.revision < revision))
    Object.assign(known, { standing: { revision, digest: '' }, closed: true, isChanged: true });
}

type ShownRow = { key: string; buried: number | null } & (
  { agent: string; content: Placement; addressed: boolean; has_message: boolean } | { agent: null }
);

const SHOWN = `select asked.key, buried.revision as buried, placement.agent, placement.content, placement.addressed, placement.event_id is not null or exists (
      select 1 from work.outbox claimed where claimed.address = placement.address and claimed.subject = placement.key and claimed.kind = 'item'
      and claimed.claimed_at is not null and claimed.sent_at is null and claimed.dead_at is null) as has_message
    from unnest($1::text[]) as asked(key) left join record.tombstones buried on buried.key = asked.key
      left join work.placements placement on placement.key = asked.key`;

async function readShown(db: Store, locked: ReadonlyMap<string, Locked>): Promise<void> {
  const keys = [...locked.values()].filter(({ isStored }) => isStored).map(({ key }) => key);
  const { rows } = await db.executeQuery(prepared<ShownRow>('accept.shown', SHOWN, { values: [keys] }));
  for (const row of rows) {
    if (row.buried !== null) bury(locked, { key: row.key, revision: row.buried });
    if (row.agent === null) continue;
    const { key, agent, content, addressed, has_message } = row;
    locked.get(key)?.known.shown.set(agent, { placement: content, addressed, hasMessage: has_message, row: 'leave', isChanged: false });
  }
}

/**
 * What accepting reads and writes, in sets: one statement for all objects of a transaction, rows in the order of their keys
 * so that two transactions cannot wait for each other. A known object is locked first, and what belongs to it then needs no
 * lock; one nobody has heard of is written at the end, and the second of two transactions that do so comes again.
 */
import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { Known, Shown } from '#desk/delivery/decide.ts';
import { dueMs } from '#desk/due.ts';
import { DeskError } from '#desk/errors.ts';
import type { Placement } from '#desk/placement.ts';
import { jsonChunks } from './chunks.ts';
import type { Store } from './open.ts';

/** Whose object it is. */
export type ObjectId = { key: string; connection: string; organisation: string };

/** An object with everybody it is shown to, locked until the end of the transaction when `isStored`. */
export type Locked = ObjectId & { known: Known; isStored: boolean };

/** Locks the objects and reads how they stand, tombstones included. By key. */
export async function lockObjects(db: Store, ids: readonly ObjectId[]): Promise<Map<string, Locked>> {
  const keys = ids.map(({ key }) => key);
  const { rows } = await sql<{ key: string; revision: number; digest: string; closed: boolean }>`
    select key, revision, digest, closed from work.items where key = any(${keys}::text[]) order by key for update`.execute(db);
  const locked = new Map(ids.map((id) => [id.key, { ...id, known: unheard(), isStored: false }]));
  for (const { key, revision, digest, closed } of rows) {
    const object = locked.get(key);
    if (!object) continue;
    object.isStored = true;
    Object.assign(object.known, { standing: { revision, digest }, closed });
  }
  await readTombstones(db, locked);
  if (rows.length > 0) await readShown(db, locked);
  return locked;
}

function unheard(): Known {
  return { standing: undefined, closed: true, shown: new Map(), isChanged: false };
}

/** A tombstone newer than what is stored stands for the object: the working copy was lost after it. */
async function readTombstones(db: Store, locked: ReadonlyMap<string, Locked>): Promise<void> {
  const { rows } = await sql<{ key: string; revision: number }>`
    select key, revision from record.tombstones where key = any(${[...locked.keys()]}::text[])`.execute(db);
  for (const { key, revision } of rows) {
    const known = locked.get(key)?.known;
    if (known && (known.standing === undefined || known.standing.revision < revision))
      Object.assign(known, { standing: { revision, digest: '' }, closed: true, isChanged: true });
  }
}

async function readShown(db: Store, locked: ReadonlyMap<string, Locked>): Promise<void> {
  const { rows } = await sql<{ key: string; agent: string; content: Placement; addressed: boolean; has_message: boolean }>`
    select placement.key, placement.agent, placement.content, placement.addressed, placement.event_id is not null or exists (
      select 1 from work.outbox claimed where claimed.address = placement.address and claimed.subject = placement.key and claimed.kind = 'item'
      and claimed.claimed_at is not null and claimed.sent_at is null and claimed.dead_at is null) as has_message
    from work.placements placement where placement.key = any(${[...locked.keys()]}::text[])`.execute(db);
  for (const { key, agent, content, addressed, has_message } of rows) {
    locked.get(key)?.known.shown.set(agent, { placement: content, addressed, hasMessage: has_message, row: 'leave', isChanged: false });
  }
}

/** When a placement is due, in ms, by the organisation it is shown in. */
export type SortAt = (organisation: string, placement: Placement) => number | undefined;

/** `timeZones` by organisation: a day is due at its end there. */
export function sortBy(timeZones: ReadonlyMap<string, string>): SortAt {
  return (organisation, { dueAt }) => {
    const ms = dueAt === undefined ? Number.NaN : dueMs(dueAt, timeZones.get(organisation) ?? 'Europe/Paris');
    return Number.isFinite(ms) ? ms : undefined;
  };
}

/** Writes what changed: objects, placements, outbox rows, tombstones; and wakes the rooms that have something to send. */
export async function writeObjects(db: Store, locked: readonly Locked[], sortAt: SortAt): Promise<void> {
  const changed = locked.filter(({ known }) => known.isChanged);
  const desks = locked
    .flatMap((object) => [...object.known.shown].map(([agent, shown]) => ({ object, agent, shown })))
    .filter(({ shown }) => shown.isChanged);
  await writeItems(db, changed);
  await writePlacements(db, desks, sortAt);
  await writeTombstones(db, changed.filter(isUntold));
  await dropRows(
    db,
    desks.filter(({ shown }) => shown.row === 'drop'),
  );
  await queueRows(
    db,
    desks.filter(({ shown }) => shown.row !== 'leave'),
  );
}

type Desk = { object: Locked; agent: string; shown: Shown };

const addressOf = ({ object, agent }: Desk): string => `desk:${object.organisation}:${agent}`;

async function writeItems(db: Store, objects: readonly Locked[]): Promise<void> {
  const row = ({ key, connection, organisation, known }: Locked) => ({
    key,
    connection,
    organisation,
    ...known.standing,
    closed: known.closed,
    last: known.last ?? null,
  });
  const [fresh, stored] = [objects.filter(({ isStored }) => !isStored), objects.filter(({ isStored }) => isStored)];
  if (stored.length > 0) {
    await sql`update work.items item set revision = next.revision, digest = next.digest, closed = next.closed, last = coalesce(nullif(next.last, 'null'::jsonb), item.last), changed_at = now()
      from jsonb_to_recordset(${JSON.stringify(stored.map(row))}::jsonb) as next(key text, revision bigint, digest text, closed boolean, last jsonb)
      where item.key = next.key`.execute(db);
  }
  if (fresh.length === 0) return;
  const { numAffectedRows } = await sql`insert into work.items (key, connection, organisation, revision, digest, closed, last)
    select key, connection, organisation, revision, digest, closed, nullif(last, 'null'::jsonb)
    from jsonb_to_recordset(${JSON.stringify(fresh.map(row))}::jsonb)
      as next(key text, connection text, organisation text, revision bigint, digest text, closed boolean, last jsonb)
    order by key on conflict do nothing`.execute(db);
  if (Number(numAffectedRows ?? 0) < fresh.length)
    throw new DeskError('conflict', 'Another transaction wrote one of these objects meanwhile');
}

/** The message and the triage of a placement are others' to write, and stay as they are. */
async function writePlacements(db: Store, desks: readonly Desk[], sortAt: SortAt): Promise<void> {
  for (const chunk of jsonChunks(desks.map((desk) => placementRow(desk, sortAt)))) {
    await sql`insert into work.placements (key, agent, address, connection, revision, content, addressed, state, severity, due_at, sort_at)
      select key, agent, address, connection, revision, content, addressed, state, severity, due_at, to_timestamp(sort_ms / 1000)
      from jsonb_to_recordset(${chunk}::jsonb) as next(key text, agent text, address text, connection text, revision bigint,
        content jsonb, addressed boolean, state text, severity text, due_at text, sort_ms float8) order by key, agent
      on conflict (key, agent) do update set revision = excluded.revision, content = excluded.content, addressed = excluded.addressed,
        state = excluded.state, severity = excluded.severity, due_at = excluded.due_at, sort_at = excluded.sort_at, changed_at = now()`.execute(
      db,
    );
  }
}

function placementRow(desk: Desk, sortAt: SortAt): Record<string, unknown> {
  const { object, agent, shown } = desk;
  const { placement, addressed } = shown;
  const { key, revision, connection, state, severity, dueAt } = placement;
  const own = { key, agent, address: addressOf(desk), connection, revision, content: placement };
  return { ...own, addressed, state, severity, due_at: dueAt ?? null, sort_ms: sortAt(object.organisation, placement) ?? null };
}

/** Closed, and no room will say so at this revision: only a tombstone keeps an older delivery from opening it after a rebuild. */
function isUntold({ known }: Locked): boolean {
  return known.closed && [...known.shown.values()].every(({ row }) => row !== 'queue');
}

async function writeTombstones(db: Store, objects: readonly Locked[]): Promise<void> {
  if (objects.length === 0) return;
  const rows = objects.map(({ key, known }) => ({ key, revision: known.standing?.revision ?? 0 }));
  await sql`insert into record.tombstones as old (key, revision)
    select key, revision from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as closed(key text, revision bigint) order by key
    on conflict (key) do update set revision = greatest(old.revision, excluded.revision), closed_at = now()`.execute(db);
}

/** Takes unclaimed rows away, unless a message of the placement is in its room or on its way there by now. */
async function dropRows(db: Store, desks: readonly Desk[]): Promise<void> {
  if (desks.length === 0) return;
  await sql`delete from work.outbox waiting using jsonb_to_recordset(${asJson(desks)}::jsonb) as closed(address text, subject text)
    where waiting.address = closed.address and waiting.subject = closed.subject and waiting.kind = 'item'
      and waiting.claimed_at is null and waiting.sent_at is null and waiting.dead_at is null
      and not ${hasMessage()}`.execute(db);
}

/** Whether the placement of `closed` has a message, sent or claimed. */
function hasMessage() {
  return sql`(exists (select 1 from work.placements placement where placement.key = closed.subject and placement.address = closed.address and placement.event_id is not null)
    or exists (select 1 from work.outbox claimed where claimed.address = closed.address and claimed.subject = closed.subject and claimed.kind = 'item'
      and claimed.claimed_at is not null and claimed.sent_at is null and claimed.dead_at is null))`;
}

/**
 * Queues a row per placement, in the order they came. A row that nobody has claimed is locked and left: its content is
 * computed at the claim, in a later statement than the one that takes this lock. Of dropped placements only those that
 * turned out to have a message get one. A room that is due already is locked and left as well: whoever works on it waits for
 * this lock before it looks a last time, and nobody needs to be told again.
 */
async function queueRows(db: Store, desks: readonly Desk[]): Promise<void> {
  if (desks.length === 0) return;
  const rows = desks.map((desk) => ({
    ...nameOf(desk),
    id: uuidv7(),
    sender: `ecritoire_${desk.shown.placement.bot}`,
    organisation: desk.object.organisation,
    is_told: desk.shown.row === 'queue',
  }));
  await sql`with queued as (
      insert into work.outbox (id, address, kind, subject, sender, draft)
      select id, address, 'item', subject, sender, '{}'
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as closed(id uuid, address text, subject text, sender text, is_told boolean)
      where is_told or ${hasMessage()}
      on conflict (address, kind, subject) where claimed_at is null and sent_at is null and dead_at is null and kind in ('item', 'tool', 'state')
      do update set changed_at = now()
      returning address),
    woken as (
      insert into work.rooms as room (address, organisation, due_at)
      select distinct address, split_part(address, ':', 2), now() from queued order by address
      on conflict (address) do update set due_at = now() where room.due_at is null or room.due_at > now()
      returning address)
    select pg_notify('work_rooms', '') from woken limit 1`.execute(db);
}

function nameOf(desk: Desk): { address: string; subject: string } {
  return { address: addressOf(desk), subject: desk.object.key };
}

function asJson(desks: readonly Desk[]): string {
  return JSON.stringify(desks.map(nameOf));
}

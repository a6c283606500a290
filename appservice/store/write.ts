/**
 * How accepting ends, in one statement: objects, placements, tombstones and outbox rows, in the order of their keys, and the
 * rooms that have something to send are woken.
 */
import { sql } from 'kysely';
import type { Shown } from '#desk/delivery/decide.ts';
import { dueMs } from '#desk/due.ts';
import type { Placement } from '#desk/placement.ts';
import type { Locked } from './accept.ts';
import { columnsOf, rowsOf } from './columns.ts';
import { prepared } from './driver.ts';
import type { Store } from './open.ts';
import { newRowId } from './outbox.ts';

/** When a placement is due, in ms, by the organisation it is shown in. */
export type SortAt = (organisation: string, placement: Placement) => number | undefined;

/** `timeZones` by organisation: a day is due at its end there. */
export function sortBy(timeZones: ReadonlyMap<string, string>): SortAt {
  return (organisation, { dueAt }) => {
    const ms = dueAt === undefined ? Number.NaN : dueMs(dueAt, timeZones.get(organisation) ?? 'Europe/Paris');
    return Number.isFinite(ms) ? ms : undefined;
  };
}

type Desk = { object: Locked; agent: string; address: string; shown: Shown; content: string };

const OBJECT = ['key', 'connection', 'organisation', 'revision', 'digest', 'closed', 'last', 'is_stored'];
const TOMBSTONE = ['key', 'revision'];
const PLACEMENT = ['key', 'agent', 'address', 'connection', 'revision', 'content', 'addressed', 'state', 'severity', 'due_at', 'sort_ms'];
const ROW = ['id', 'address', 'subject', 'sender', 'is_told'];
const FIRST_TOMBSTONE = OBJECT.length + 2;
const FIRST_ROW = FIRST_TOMBSTONE + TOMBSTONE.length + 1;
const FIRST_PLACEMENT = FIRST_ROW + ROW.length + 1;

/** The message and the triage of a placement are others' to write, and stay as they are. */
const place = (
  first: number,
): string => `insert into work.placements (key, agent, address, connection, revision, content, addressed, state, severity, due_at, sort_at)
    select key, agent, address, connection, revision::bigint, content::jsonb, addressed::boolean, state, severity, due_at, to_timestamp(sort_ms::float8 / 1000)
    from ${rowsOf(PLACEMENT, first)} order by key, agent
    on conflict (key, agent) do update set revision = excluded.revision, content = excluded.content, addressed = excluded.addressed,
      state = excluded.state, severity = excluded.severity, due_at = excluded.due_at, sort_at = excluded.sort_at, changed_at = now()`;

/** Whether the placement of `sent` has a message, sent or claimed. */
const HAS_MESSAGE = `(exists (select 1 from work.placements placement where placement.key = sent.subject and placement.address = sent.address and placement.event_id is not null)
    or exists (select 1 from work.outbox claimed where claimed.address = sent.address and claimed.subject = sent.subject and claimed.kind = 'item'
      and claimed.claimed_at is not null and claimed.sent_at is null and claimed.dead_at is null))`;

/**
 * An object that two transactions make at once is an error of the second. A row that nobody has claimed is locked and left: its
 * content is computed at the claim, in a later statement than the one that takes this lock. Of dropped placements only those
 * that turned out to have a message get one. A room that is due already is locked and left as well: whoever works on it waits
 * for this lock before it looks a last time, and nobody needs to be told again.
 */
const WRITE = `with object as materialized (
    select key, connection, organisation, revision::bigint, coalesce(digest, '') as digest, closed::boolean, last::jsonb, is_stored::boolean
    from ${rowsOf(OBJECT)}),
  made as (insert into work.items (key, connection, organisation, revision, digest, closed, last)
    select key, connection, organisation, revision, digest, closed, last from object where not is_stored order by key),
  changed as (update work.items item set revision = object.revision, digest = object.digest, closed = object.closed,
      last = coalesce(object.last, item.last), changed_at = now()
    from object where object.is_stored and item.key = object.key),
  buried as (insert into record.tombstones as old (key, revision)
    select key, revision::bigint from ${rowsOf(TOMBSTONE, FIRST_TOMBSTONE)} order by key
    on conflict (key) do update set revision = greatest(old.revision, excluded.revision), closed_at = now()),
  placed as (${place(FIRST_PLACEMENT)}),
  queued as (insert into work.outbox (id, address, kind, subject, sender, draft)
    select id::uuid, address, 'item', subject, sender, '{}' from ${rowsOf(ROW, FIRST_ROW)}
    where is_told::boolean or ${HAS_MESSAGE} order by place
    on conflict (address, kind, subject) where claimed_at is null and sent_at is null and dead_at is null and kind in ('item', 'tool', 'state')
    do update set changed_at = now() returning address),
  woken as (insert into work.rooms as room (address, organisation, due_at)
    select distinct address, split_part(address, ':', 2), now() from queued order by address
    on conflict (address) do update set due_at = now() where room.due_at is null or room.due_at > now() returning address)
  select pg_notify('work_rooms', '') from woken limit 1`;

/** Writes what changed, in a transaction: its last statement travels with what follows, at the latest with the commit. */
export async function writeObjects(db: Store, locked: readonly Locked[], sortAt: SortAt): Promise<void> {
  const changed = locked.filter(({ known }) => known.isChanged);
  const desks = locked.flatMap(desksOf);
  if (changed.length === 0 && desks.length === 0) return;
  const [last = [], ...first] = chunksOf(desks).reverse();
  for (const chunk of first) {
    await db.executeQuery(prepared('accept.place', place(1), { values: placementColumns(chunk, sortAt) }));
  }
  await dropRows(
    db,
    desks.filter(({ shown }) => shown.row === 'drop'),
  );
  const values = [
    ...objectColumns(changed),
    ...columnsOf(changed.filter(isUntold), [({ key }) => key, ({ known }) => known.standing?.revision ?? 0]),
    ...rowColumns(desks.filter(({ shown }) => shown.row !== 'leave')),
    ...placementColumns(last, sortAt),
  ];
  await db.executeQuery(prepared('accept.write', WRITE, { values, isAhead: true }));
}

function desksOf(object: Locked): Desk[] {
  return [...object.known.shown]
    .filter(([, shown]) => shown.isChanged)
    .map(([agent, shown]) => ({
      object,
      agent,
      shown,
      address: `desk:${object.organisation}:${agent}`,
      content: JSON.stringify(shown.placement),
    }));
}

/** 500 events for 200 people each are more than one text can hold. */
const LARGEST_CHUNK = 8_000_000; // characters; far below that, far above an ordinary transaction

function chunksOf(desks: readonly Desk[]): Desk[][] {
  const chunks: Desk[][] = [];
  let room = 0;
  for (const desk of desks) {
    room -= desk.content.length;
    if (room < 0) {
      chunks.push([]);
      room = LARGEST_CHUNK - desk.content.length;
    }
    chunks.at(-1)?.push(desk);
  }
  return chunks;
}

function objectColumns(objects: readonly Locked[]): string[] {
  return columnsOf(objects, [
    ({ key }) => key,
    ({ connection }) => connection,
    ({ organisation }) => organisation,
    ({ known }) => known.standing?.revision ?? 0,
    ({ known }) => known.standing?.digest,
    ({ known }) => known.closed,
    ({ known }) => known.last && JSON.stringify(known.last),
    ({ isStored }) => isStored,
  ]);
}

function placementColumns(desks: readonly Desk[], sortAt: SortAt): string[] {
  return columnsOf(desks, [
    ({ object }) => object.key,
    ({ agent }) => agent,
    ({ address }) => address,
    ({ shown }) => shown.placement.connection,
    ({ shown }) => shown.placement.revision,
    ({ content }) => content,
    ({ shown }) => shown.addressed,
    ({ shown }) => shown.placement.state,
    ({ shown }) => shown.placement.severity,
    ({ shown }) => shown.placement.dueAt,
    ({ object, shown }) => sortAt(object.organisation, shown.placement),
  ]);
}

function rowColumns(desks: readonly Desk[]): string[] {
  return columnsOf(desks, [
    newRowId,
    ({ address }) => address,
    ({ object }) => object.key,
    ({ shown }) => `ecritoire_${shown.placement.bot}`,
    ({ shown }) => shown.row === 'queue',
  ]);
}

/** Closed, and no room will say so at this revision: only a tombstone keeps an older delivery from opening it after a rebuild. */
function isUntold({ known }: Locked): boolean {
  return known.closed && [...known.shown.values()].every(({ row }) => row !== 'queue');
}

/** Takes unclaimed rows away, unless a message of the placement is in its room or on its way there by now. */
async function dropRows(db: Store, desks: readonly Desk[]): Promise<void> {
  if (desks.length === 0) return;
  const names = JSON.stringify(desks.map(({ address, object }) => ({ address, subject: object.key })));
  await sql`delete from work.outbox waiting using jsonb_to_recordset(${names}::jsonb) as sent(address text, subject text)
    where waiting.address = sent.address and waiting.subject = sent.subject and waiting.kind = 'item'
      and waiting.claimed_at is null and waiting.sent_at is null and waiting.dead_at is null
      and not ${sql.raw(HAS_MESSAGE)}`.execute(db);
}

/** Long lists of placements, page by page, for desk rooms the caller was checked to be in. */
import { type RawBuilder, sql } from 'kysely';
import type { Placement } from '#desk/placement.ts';
import type { Triage } from '#desk/triage.ts';
import type { Store } from './open.ts';
import { ASKS, HIDDEN, type PlacementRow, readTriage } from './placements.ts';

/** `open` in list order; `aside` (set aside or put off) in list order; `closed` the latest changed first; `all` for a search. */
export type ListName = 'open' | 'aside' | 'closed' | 'all';

/** Where a page ended: the sort value of its last row (ms, null: undated) and its event id. */
export type Cursor = { at: number | null; eventId: string };

export type ListRow = { eventId: string; room: string; sentAt: number; placement: Placement; triage: Triage };

type Found = PlacementRow & { room_id: string; position: number | null };

const CONDITIONS: Record<ListName, RawBuilder<boolean>> = {
  open: sql`${ASKS} and not ${HIDDEN}`,
  aside: sql`${ASKS} and ${HIDDEN}`,
  closed: sql`not ${ASKS}`,
  all: sql`true`,
};

/** A page of at most `limit` rows of these rooms, and the cursor of the next one. `search`: see `matching`. */
export async function listPlacements(
  db: Store,
  { rooms, list, limit, after, search }: { rooms: readonly string[]; list: ListName; limit: number; after?: Cursor; search?: string },
): Promise<{ rows: ListRow[]; next: Cursor | undefined }> {
  const isNewestFirst = list === 'closed';
  const position = isNewestFirst
    ? sql`-extract(epoch from placement.changed_at) * 1000`
    : sql`extract(epoch from placement.sort_at) * 1000`;
  const place = sql`(coalesce(${position}, 'infinity'::numeric)::float8, placement.event_id collate "C")`;
  const past = after === undefined ? sql`true` : sql`${place} > (coalesce(${after.at}::float8, 'infinity'), ${after.eventId} collate "C")`;
  const { rows } = await sql<Found>`select placement.*, room.room_id, (${position})::float8 as position
    from work.placements placement join work.rooms room on room.address = placement.address
    where room.room_id = any(${[...rooms]}::text[]) and placement.event_id is not null and ${CONDITIONS[list]} and ${matching(search)} and ${past}
    order by coalesce(${position}, 'infinity'::numeric)::float8, placement.event_id collate "C" limit ${limit + 1}`.execute(db);
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return { rows: page.map(readRow), next: last && { at: last.position, eventId: last.event_id ?? '' } };
}

const MOST_WORDS = 10;

/**
 * Every word of the search, in any French form, without case and accents, the beginnings of words too: « deliber » finds « Délibérations ».
 * « du » and « l’ » are words that French has everywhere: beside others they are looked for nowhere.
 */
function matching(search: string | undefined): RawBuilder<boolean> {
  if (search === undefined) return sql`true`;
  const words = search
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .slice(0, MOST_WORDS);
  const isCommon = (said: string): RawBuilder<boolean> => sql`numnode(plainto_tsquery('french', work.plain(${said}))) = 0`;
  const areCommon = isCommon(words.join(' '));
  const found = words.map(
    (word) => sql<boolean>`((not ${areCommon} and ${isCommon(word)}) or placement.searched @@ plainto_tsquery('french', work.plain(${word}))
      or placement.searched @@ (quote_literal(work.plain(${word})) || ':*')::tsquery)`,
  );
  // Signs alone are no words: nothing holds them.
  return found.reduce((all, one) => sql`${all} and ${one}`, sql<boolean>`${found.length > 0}::boolean`);
}

/** The rows of given messages, in no order; ids of other rooms and unknown ones are left out. */
export async function findPlacements(db: Store, rooms: readonly string[], eventIds: readonly string[]): Promise<ListRow[]> {
  const { rows } = await sql<Found>`select placement.*, room.room_id, null::float8 as position
    from work.placements placement join work.rooms room on room.address = placement.address
    where room.room_id = any(${[...rooms]}::text[]) and placement.event_id = any(${[...eventIds]}::text[])`.execute(db);
  return rows.map(readRow);
}

/** The marks of the latest changed placements that have any, by event id. */
export async function latestMarks(db: Store, rooms: readonly string[], limit: number): Promise<Record<string, Triage>> {
  const { rows } = await sql<Found>`select placement.*, room.room_id, null::float8 as position
    from work.placements placement join work.rooms room on room.address = placement.address
    where room.room_id = any(${[...rooms]}::text[]) and placement.event_id is not null
      and (seen_at is not null or aside_at is not null or snoozed_until is not null or snoozed_revision is not null or pinned_at is not null or note is not null)
    order by placement.changed_at desc limit ${limit}`.execute(db);
  return Object.fromEntries(rows.map((row) => [row.event_id ?? '', readTriage(row)]));
}

function readRow(row: Found): ListRow {
  return {
    eventId: row.event_id ?? '',
    room: row.room_id,
    sentAt: (row.sent_at ?? row.changed_at).getTime(),
    placement: row.content,
    triage: readTriage(row),
  };
}

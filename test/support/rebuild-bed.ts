/** What of `work` a rebuild has to bring back, in a form that two moments can be compared in. */
import { sql } from 'kysely';
import { tablesOf } from '../../appservice/store/empty.ts';
import type { Store } from '../../appservice/store/open.ts';

export type WorkDump = Record<'rooms' | 'items' | 'placements' | 'toolStates' | 'deliveries', Record<string, unknown>[]>;

/** `sent_at`, `changed_at` and the like are by whose clock they are, and left out. */
export async function dumpWork(store: Store): Promise<WorkDump> {
  const rows = async (query: string): Promise<Record<string, unknown>[]> =>
    (await sql.raw<Record<string, unknown>>(query).execute(store)).rows;
  return {
    rooms: await rows(
      `select address, organisation, room_id, (select array_agg(bot order by bot) from unnest(bots) bot) as bots from work.rooms where room_id is not null order by address`,
    ),
    items: await rows(`select key, connection, organisation, revision, digest, closed from work.items order by key`),
    placements: await rows(
      `select key, agent, address, connection, revision, content, addressed, state, severity, due_at, sort_at, event_id, sent_revision, sent_pressing,
       seen_at, aside_at, snoozed_until, snoozed_revision, pinned_at, note from work.placements where event_id is not null order by key, agent`,
    ),
    toolStates: await rows(`select address, connection, content from work.tool_states order by address, connection`),
    deliveries: await rows(`select connection, source, id, digest from work.deliveries order by connection, source, id`),
  };
}

/** All of `record`, row by row. */
export async function dumpRecord(store: Store): Promise<Record<string, string[]>> {
  const dump: Record<string, string[]> = {};
  for (const table of await tablesOf(store, 'record')) {
    const { rows } = await sql<{ line: string }>`select to_jsonb(one)::text as line from ${sql.raw(table)} one order by 1`.execute(store);
    dump[table] = rows.map(({ line }) => line);
  }
  return dump;
}

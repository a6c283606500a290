/**
 * The lane of a row: whose work it is, by organisation and connection. Claims are fair between lanes, and an index over
 * what waits finds the lanes and the ends of each without reading a backlog.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table work.outbox add column lane text not null generated always as (split_part(address, ':', 2) || '|' ||
    case kind when 'item' then split_part(subject, ':', 2) when 'tool' then subject else '' end) stored`.execute(db);
  await sql`create index outbox_lane on work.outbox (lane, seq) where sent_at is null and dead_at is null`.execute(db);
}

/**
 * Two indexes that every accepted event paid for: one over `seq` alone, by which nothing is looked up (it is unique by what
 * makes it), and one that only lists of messages read, now without the placements that have none yet.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table work.outbox drop constraint if exists outbox_seq_key`.execute(db);
  await sql`drop index if exists work.placements_changed`.execute(db);
  await sql`create index placements_changed on work.placements (address, changed_at) where event_id is not null`.execute(db);
}

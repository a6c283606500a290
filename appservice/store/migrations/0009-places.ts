/**
 * Where an event stands in its room when it was found later than its neighbours (a gap that was filled): between theirs.
 * Null for all others, who stand where they came, by `seq`.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table work.inbox add column if not exists place double precision`.execute(db);
  await sql`alter table record.requests add column if not exists place double precision`.execute(db);
  await sql`create index if not exists inbox_room on work.inbox (room_id, seq)`.execute(db);
}

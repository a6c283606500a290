/**
 * The desks that were told how they are used from any client, so that each is told once: primary data, like all that was said.
 * And what to look among for acts whose end was not known.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table record.helps (room_id text primary key, told_at timestamptz not null default now())`.execute(db);
  await sql`create index acts_unknown on record.acts (settled_at) where state = 'unknown'`.execute(db);
}

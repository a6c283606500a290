/** The pings that replicas of this store asked the homeserver for lately, and which of them came back to one of them. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table work.pings (id text primary key, sent_at timestamptz not null default now(), seen_at timestamptz)`.execute(db);
}

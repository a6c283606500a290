/** A dead row that was replayed says when, and as which row: so it is replayed once, and is listed and counted no longer. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table work.outbox add column replayed_at timestamptz, add column replayed_as uuid`.execute(db);
}

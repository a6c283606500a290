/** What is due is looked up connection by connection: one that has everybody waiting is not read through for the others. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`drop index if exists work.polls_due`.execute(db);
  await sql`create index polls_due on work.polls (connection, due_at) where due_at is not null`.execute(db);
}

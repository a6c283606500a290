/** What admins list has a number they can say, for good; and a command is found again by its event. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table record.rejected add column number bigint generated always as identity`.execute(db);
  await sql`alter table record.waiting add column number bigint generated always as identity`.execute(db);
  await sql`create unique index rejected_number on record.rejected (number)`.execute(db);
  await sql`create unique index waiting_number on record.waiting (number)`.execute(db);
  await sql`create index audit_subject on record.audit (subject) where subject is not null`.execute(db);
}

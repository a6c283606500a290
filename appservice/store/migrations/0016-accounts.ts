/** « Mes outils »: the name by which a tool knows an account, why it was last read in vain, and what a tool is still asked to grant. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table record.accounts add column name text`.execute(db);
  await sql`alter table work.polls add column fault text`.execute(db);

  // The tool is asked until its agent has said yes there, or `until`. `ended`: what she is told instead; the row stays until she tries again.
  await sql`create table record.grants (
    connection text not null, localpart text not null references record.people, sealed bytea not null,
    until timestamptz not null, due_at timestamptz not null default now(), ended text,
    primary key (connection, localpart))`.execute(db);
}

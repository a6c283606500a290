/** Tools that are read and acted at: agents' own accounts there, when each is swept, and what was asked of a tool. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  // The secret is sealed with a key that can be rotated; a refused account waits until its agent links it again.
  await sql`create table record.accounts (
    connection text not null, localpart text not null references record.people, sealed bytea not null,
    state text not null default 'active' check (state in ('active', 'refused')),
    linked_at timestamptz not null default now(), refused_at timestamptz, primary key (connection, localpart))`.execute(db);

  // One row per account that is swept, '' for a technical one. due_at null: not until it is linked again.
  await sql`create table work.polls (
    connection text not null, agent text not null, cursor jsonb, due_at timestamptz, lease_until timestamptz,
    failures integer not null default 0, swept_at timestamptz, primary key (connection, agent))`.execute(db);
  await sql`create index polls_due on work.polls (due_at) where due_at is not null`.execute(db);

  // One row per item of a request for a tool. 'sent' is committed before the call; 'accepted': the tool will tell by its hook.
  await sql`create table record.acts (
    request text not null, item text not null, place integer not null, key text not null, connection text not null,
    agent text not null, address text not null, action text not null, input jsonb not null, revision bigint,
    source text not null, asked_at timestamptz not null,
    state text not null check (state in ('waiting', 'sent', 'accepted', 'confirmed', 'refused', 'failed', 'unknown')),
    sent_at timestamptz, attempts integer not null default 0, reached boolean not null default false,
    not_before timestamptz not null default now(), lease_until timestamptz, settled_at timestamptz, text text,
    primary key (request, item))`.execute(db);
  await sql`create index acts_open on record.acts (not_before) where settled_at is null`.execute(db);
  await sql`create index acts_key on record.acts (key) where settled_at is null`.execute(db);
}

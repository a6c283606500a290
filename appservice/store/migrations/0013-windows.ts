/**
 * Acts that can be called back, confirmations that are waited for, and what each agent has set: primary data, like all that
 * a person said.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  // Until then it can be called back; null before that window opens, and for what needs none. `label`: as she was shown it.
  await sql`alter table record.acts add column undo_until timestamptz, add column label text not null default ''`.execute(db);

  // What a typed « viser » asked for, until its « oui ». `is_next`: nothing else was typed since, so that a bare « oui » is its answer.
  await sql`create table record.confirmations (
    asked text primary key, address text not null, item text not null, action text not null, input jsonb not null, revision bigint,
    label text not null, expires_at timestamptz not null, is_next boolean not null default true, ended_at timestamptz)`.execute(db);
  await sql`create index confirmations_open on record.confirmations (address) where ended_at is null`.execute(db);

  // The latest of an address counts; a redaction takes one out.
  await sql`create table record.settings (
    event_id text primary key, seq bigint not null generated always as identity, address text not null, content jsonb not null,
    set_at timestamptz not null)`.execute(db);
  await sql`create index settings_address on record.settings (address, seq)`.execute(db);
}

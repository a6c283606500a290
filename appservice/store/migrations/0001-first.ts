/**
 * The first shape of the store. `work` is a working copy, rebuilt from rooms and tools; `record` is primary data
 * (DESIGN §2). Every time is `timestamptz`, every duration and revision a bigint in milliseconds or as the tool counts.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create schema if not exists work`.execute(db);
  await sql`create schema if not exists record`.execute(db);

  // An event accepted from a connection, by its identity; the digest tells the same from another content (409).
  await sql`create table work.deliveries (
    connection text not null, source text not null, id text not null,
    digest text not null, accepted_at timestamptz not null default now(),
    primary key (connection, source, id))`.execute(db);
  await sql`create index deliveries_accepted_at on work.deliveries (accepted_at)`.execute(db);

  // The newest accepted event of each object: what the next one is ordered against. content is null for a close of an unseen key.
  await sql`create table work.items (
    key text primary key, connection text not null, organisation text not null,
    revision bigint not null, digest text not null, closed boolean not null, content jsonb,
    changed_at timestamptz not null default now())`.execute(db);

  // One item in one desk. content is the Placement as last accepted; event_id its message once that is in the room.
  // sort_at is the list order: dueAt, a day as its end in the organisation's zone; null sorts last.
  await sql`create table work.placements (
    key text not null, agent text not null, address text not null, connection text not null,
    revision bigint not null, content jsonb not null, addressed boolean not null,
    state text not null, severity text not null, due_at text, sort_at timestamptz,
    event_id text, sent_revision bigint,
    seen_at timestamptz, aside_at timestamptz, snoozed_until timestamptz, snoozed_revision bigint, pinned_at timestamptz, note text,
    changed_at timestamptz not null default now(),
    primary key (key, agent))`.execute(db);
  await sql`create index placements_address on work.placements (address, sort_at, event_id)`.execute(db);
  await sql`create unique index placements_event on work.placements (event_id) where event_id is not null`.execute(db);
  await sql`create index placements_snoozed on work.placements (snoozed_until) where snoozed_until is not null`.execute(db);

  // What waits for a room. id (UUIDv7) is the transaction id and fr.ecritoire.row. draft says what is to be sent;
  // claiming freezes the exact request in frozen, so that a repetition says the same. not_before only delays tool states.
  await sql`create table work.outbox (
    id uuid primary key, seq bigint generated always as identity unique, address text not null,
    kind text not null check (kind in ('item', 'tool', 'outcome', 'notice', 'state')),
    subject text not null,
    sender text not null, draft jsonb not null, frozen jsonb,
    queued_at timestamptz not null default now(), not_before timestamptz not null default now(), changed_at timestamptz not null default now(),
    claimed_at timestamptz, attempts integer not null default 0,
    event_id text, sent_at timestamptz, dead_at timestamptz, dead_reason text)`.execute(db);
  await sql`create index outbox_waiting on work.outbox (address, seq) where sent_at is null and dead_at is null`.execute(db);
  // One open row per placement, per tool state and per room state: a newer change replaces the draft of an unclaimed row.
  await sql`create unique index outbox_open on work.outbox (address, kind, subject)
    where claimed_at is null and sent_at is null and dead_at is null and kind in ('item', 'tool', 'state')`.execute(db);
  await sql`create index outbox_sent on work.outbox (sent_at) where sent_at is not null`.execute(db);
  await sql`create index outbox_dead on work.outbox (dead_at) where dead_at is not null`.execute(db);

  // The rooms we write to, by address: desk:<org>:<localpart>, organisation:<org>, admin:<org>, platform.
  await sql`create table work.rooms (
    address text primary key, organisation text, room_id text unique,
    due_at timestamptz, lease_until timestamptz, attempts integer not null default 0,
    bots text[] not null default '{}')`.execute(db);
  await sql`create index rooms_due on work.rooms (due_at) where due_at is not null`.execute(db);

  // What a tool state last said, so that equal content is never written again.
  await sql`create table work.tool_states (
    address text not null, connection text not null, content jsonb not null, written_at timestamptz not null default now(),
    primary key (address, connection))`.execute(db);

  // Events of homeserver transactions, stored before the answer, once each by event id.
  await sql`create table work.inbox (
    event_id text primary key, seq bigint generated always as identity unique, room_id text not null,
    txn text not null, event jsonb not null, received_at timestamptz not null default now(), handled_at timestamptz, failure text)`.execute(
    db,
  );
  await sql`create index inbox_waiting on work.inbox (seq) where handled_at is null`.execute(db);

  await sql`create table work.cursors (name text primary key, value jsonb not null, changed_at timestamptz not null default now())`.execute(
    db,
  );

  await sql`create table record.installation ("only" boolean primary key default true check ("only"), server_name text not null, organisations text[] not null, made_at timestamptz not null default now())`.execute(
    db,
  );

  // People and their localparts, for good; status 'left' refuses the next sign-in.
  await sql`create table record.people (
    localpart text primary key, name text not null, status text not null default 'active' check (status in ('active', 'left')),
    made_at timestamptz not null default now())`.execute(db);
  // Where a person works, and by what she is addressed there. mail is kept in lower case.
  await sql`create table record.memberships (
    localpart text not null references record.people, organisation text not null,
    mail text, uid text, matricule text, groups text[] not null default '{}', source text not null,
    made_at timestamptz not null default now(), primary key (organisation, localpart))`.execute(db);
  await sql`create unique index memberships_mail on record.memberships (organisation, mail) where mail is not null`.execute(db);
  await sql`create unique index memberships_uid on record.memberships (organisation, uid) where uid is not null`.execute(db);
  await sql`create unique index memberships_matricule on record.memberships (organisation, matricule) where matricule is not null`.execute(
    db,
  );
  await sql`create table record.identities (
    issuer text not null, sub text not null, localpart text not null references record.people, provider text not null,
    mail text, linked_at timestamptz not null default now(), seen_at timestamptz not null default now(), primary key (issuer, sub))`.execute(
    db,
  );

  // One row per web session: one device. id_token is sealed with the record key.
  await sql`create table record.sessions (
    id uuid primary key, localpart text not null references record.people, organisation text not null, provider text not null, issuer text not null, sub text not null, sid text,
    device_id text not null, id_token bytea, opened_at timestamptz not null default now(), expires_at timestamptz not null, ended_at timestamptz, end_reason text)`.execute(
    db,
  );
  await sql`create index sessions_sid on record.sessions (issuer, sid) where ended_at is null`.execute(db);

  // The adapter of the OIDC provider that other Matrix clients sign in through.
  await sql`create table record.oidc (
    model text not null, id text not null, payload jsonb not null, grant_id text, user_code text, uid text,
    consumed_at timestamptz, expires_at timestamptz, primary key (model, id))`.execute(db);
  await sql`create index oidc_grant on record.oidc (grant_id) where grant_id is not null`.execute(db);
  await sql`create index oidc_uid on record.oidc (model, uid) where uid is not null`.execute(db);

  // Items for people nobody knows yet: sealed, 30 days, the newest event of each key and addressee. addressee is a keyed hash.
  await sql`create table record.waiting (
    organisation text not null, addressee text not null, key text not null, connection text not null,
    revision bigint not null, sealed bytea not null, kept_at timestamptz not null default now(),
    primary key (organisation, addressee, key))`.execute(db);

  // Signed but unusable bodies, sealed, with the reason an admin reads.
  await sql`create table record.rejected (
    id uuid primary key, connection text not null, reason jsonb not null, sealed bytea not null, rejected_at timestamptz not null default now(), replayed_at timestamptz)`.execute(
    db,
  );

  // Requests of agents, from events of theirs (an action event or a reaction), and what came of each.
  await sql`create table record.requests (
    event_id text primary key, seq bigint generated always as identity unique, room_id text not null, localpart text not null,
    action text not null, items text[] not null, input jsonb, revision bigint, source text not null check (source in ('action', 'reaction', 'reply')),
    asked_at timestamptz not null, redacted_at timestamptz, outcome text, outcome_at timestamptz)`.execute(db);
  await sql`create index requests_items on record.requests using gin (items)`.execute(db);

  await sql`create table record.tombstones (key text primary key, revision bigint not null, closed_at timestamptz not null default now())`.execute(
    db,
  );

  // What happened, by whom, to what: sign-ins, requests, outcomes, replays, refusals of forged events.
  await sql`create table record.audit (
    id uuid primary key, at timestamptz not null default now(), organisation text, who text not null, what text not null, subject text, details jsonb not null default '{}')`.execute(
    db,
  );
  await sql`create index audit_at on record.audit (at)`.execute(db);
}

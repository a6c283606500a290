/**
 * What the relay needs to know of a placement's message without asking the room: when it was first sent, and how
 * urgent it was when last sent (an edit notifies again only when it became so). The order rooms are claimed in. And
 * when the homeserver got a request and
 * the revision each item had then, which a later fold cannot see any more.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table work.placements add column sent_at timestamptz, add column sent_pressing boolean`.execute(db);
  await sql`create index rooms_fair on work.rooms ((coalesce(organisation, '')), due_at) where due_at is not null`.execute(db);
  await sql`create index placements_changed on work.placements (address, changed_at)`.execute(db);
  await sql`alter table record.requests add column revisions jsonb not null default '{}', add column received_at timestamptz not null default now()`.execute(
    db,
  );
}

/**
 * What the relay needs to know of a placement's message without asking the room: when it was first sent, and how
 * urgent it was when last sent (an edit notifies again only when it became so). And the order rooms are claimed in.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table work.placements add column sent_at timestamptz, add column sent_severity text`.execute(db);
  await sql`create index rooms_fair on work.rooms ((coalesce(organisation, '')), due_at) where due_at is not null`.execute(db);
  await sql`create index placements_changed on work.placements (address, changed_at)`.execute(db);
}

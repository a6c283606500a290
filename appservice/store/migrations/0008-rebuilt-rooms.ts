/**
 * Since when the store knows what stands in a room: null for one that was found and not read yet, to which nothing is
 * sent. What was last accepted of an object (delivery and state) is kept beside it, for placements that are found later.
 * A store that has rooms already knows them; an empty one looks for them (cursor `rooms`).
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table work.rooms add column rebuilt_at timestamptz`.execute(db);
  await sql`update work.rooms set rebuilt_at = now() where room_id is not null`.execute(db);
  await sql`create index rooms_awaiting on work.rooms (address) where room_id is not null and rebuilt_at is null`.execute(db);
  await sql`alter table work.items add column last jsonb`.execute(db);
  await sql`insert into work.cursors (name, value) select 'rooms', to_jsonb(count(*)) from work.rooms having count(*) > 0`.execute(db);
}

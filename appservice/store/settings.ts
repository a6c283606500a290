/** What agents have set for themselves, per desk; `record`: a rebuild does not read it from rooms. */
import { sql } from 'kysely';
import type { ReadSettings } from '#desk/event.ts';
import type { Store } from './open.ts';
import { readAddress } from './rooms.ts';

const KEPT = 10; // per desk, so that redacting the latest brings back the one before

/** Keeps what was set; the same event twice is once. */
export async function keepSettings(db: Store, address: string, { eventId, content, at }: ReadSettings): Promise<void> {
  await db
    .insertInto('record.settings')
    .values({ event_id: eventId, address, content: JSON.stringify(content), set_at: new Date(at) })
    .onConflict((conflict) => conflict.column('event_id').doNothing())
    .execute();
  await sql`delete from record.settings where address = ${address} and seq <=
    (select seq from record.settings where address = ${address} order by seq desc offset ${KEPT} limit 1)`.execute(db);
}

/** Her redaction takes it out for good. False when it was none. */
export async function dropSettings(db: Store, address: string, eventId: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('record.settings')
    .where('event_id', '=', eventId)
    .where('address', '=', address)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** The content that holds at a desk now: what was set there, else what its agent has set in another of her desks, as her page shows it. */
export async function settingsOf(db: Store, address: string): Promise<Record<string, unknown> | undefined> {
  const at = readAddress(address);
  const { rows } = await sql<{ content: Record<string, unknown> }>`select content from record.settings
    where address = ${address} or address in (select 'desk:' || organisation || ':' || localpart from record.memberships
      where localpart = ${at?.kind === 'desk' ? at.localpart : null})
    order by address = ${address} desc, seq desc limit 1`.execute(db);
  return rows[0]?.content;
}

/** The same for the desks that these rooms are, by room id. */
export async function settingsOfRooms(db: Store, rooms: readonly string[]): Promise<Record<string, Record<string, unknown>>> {
  const { rows } = await sql<{ room: string; content: Record<string, unknown> }>`
    select distinct on (room.room_id) room.room_id as room, mine.content
    from record.settings mine join work.rooms room on room.address = mine.address
    where room.room_id = any(${[...rooms]}::text[]) order by room.room_id, mine.seq desc`.execute(db);
  return Object.fromEntries(rows.map(({ room, content }) => [room, content]));
}

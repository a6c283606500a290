/** Items of a desk whose room is gone or left behind: they wait for its next room, as they stand. */
import { sql } from 'kysely';
import type { Store } from './open.ts';
import { enqueue, type NewRow } from './outbox.ts';
import { forgetRoom } from './rooms.ts';

/**
 * Leaves a room for good: the next one is found or made when something is sent, and begins with what is open. What is
 * closed stays where it was. Answers how many items wait.
 */
export async function leaveRoom(db: Store, address: string, roomId: string): Promise<number> {
  await forgetRoom(db, address, roomId);
  await sql`delete from work.outbox where address = ${address} and kind = 'item' and claimed_at is not null and sent_at is null and dead_at is null`.execute(
    db,
  );
  await db.deleteFrom('work.tool_states').where('address', '=', address).execute();
  const { rows } = await sql<{ key: string; bot: string }>`update work.placements
    set event_id = null, sent_at = null, sent_revision = null, sent_pressing = null
    where address = ${address} and state in ('todo', 'doing', 'waiting') returning key, content->>'bot' as bot`.execute(db);
  await enqueue(
    db,
    rows.map(({ key, bot }): NewRow => ({ address, kind: 'item', subject: key, sender: `ecritoire_${bot}` })),
  );
  return rows.length;
}

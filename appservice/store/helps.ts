/** The short help that stands pinned in each desk: said once, when its agent first does something there, in the same commit. */
import { sql } from 'kysely';
import type { Store } from './open.ts';
import { enqueue, helpRow } from './outbox.ts';

/** Answers whether it was said now. */
export async function tellHelp(db: Store, { address, roomId }: { address: string; roomId: string }, body: string): Promise<boolean> {
  const { numAffectedRows } = await sql`insert into record.helps (room_id) values (${roomId}) on conflict (room_id) do nothing`.execute(db);
  if ((numAffectedRows ?? 0n) === 0n) return false;
  await enqueue(db, [helpRow(address, body)]);
  return true;
}

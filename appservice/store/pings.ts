/** What replicas tell each other of pings: asked for by one of them, they may come back to another. */
import { sql } from 'kysely';
import type { Store } from './open.ts';

/** Notes that this installation asks for a ping; what is older than an hour goes. */
export async function notePing(db: Store, id: string): Promise<void> {
  await db.insertInto('work.pings').values({ id }).execute();
  await sql`delete from work.pings where sent_at < now() - interval '1 hour'`.execute(db);
}

/** Notes that a ping came to us. False: nobody who shares this store asked for it. */
export async function markPing(db: Store, id: string): Promise<boolean> {
  const marked = await db
    .updateTable('work.pings')
    .set({ seen_at: sql`now()` })
    .where('id', '=', id)
    .executeTakeFirst();
  return marked.numUpdatedRows > 0n;
}

/** Whether it came to anybody who shares this store; undefined when nobody knows of it any more. */
export async function wasPinged(db: Store, id: string): Promise<boolean | undefined> {
  const row = await db.selectFrom('work.pings').select('seen_at').where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : row.seen_at !== null;
}

/**
 * The time in which an act can be called back. Who opens it, who calls back and who says *sent* meet in the row of the act:
 * one of them is first, whatever is killed.
 */
import { sql } from 'kysely';
import type { ActRow } from './acts.ts';
import type { Store } from './open.ts';

/** Opens the window and gives the act back until it ends. Undefined: it was called back or settled meanwhile. */
export async function openWindow(db: Store, { request, item }: ActRow, ms: number): Promise<Date | undefined> {
  const until = sql<Date>`now() + ${ms} * interval '1 millisecond'`;
  const row = await db
    .updateTable('record.acts')
    .set({ undo_until: until, not_before: until, lease_until: null })
    .where('request', '=', request)
    .where('item', '=', item)
    .where('state', '=', 'waiting')
    .where('settled_at', 'is', null)
    .returning('undo_until')
    .executeTakeFirst();
  return row?.undo_until ?? undefined;
}

/** Calls back what of a request has not been sent. `rest`: acts of it that were, and are not over. */
export async function callBackActs(db: Store, request: string, text: string): Promise<{ stopped: ActRow[]; rest: number }> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`act ${request}`}, 0))`.execute(db);
  const stopped = await db
    .updateTable('record.acts')
    .set({ state: 'refused', text, settled_at: sql<Date>`now()`, lease_until: null })
    .where('request', '=', request)
    .where('state', '=', 'waiting')
    .where('settled_at', 'is', null)
    .returningAll()
    .execute();
  const { rest } = await db
    .selectFrom('record.acts')
    .select((eb) => eb.fn.countAll<number>().as('rest'))
    .where('request', '=', request)
    .where('settled_at', 'is', null)
    .executeTakeFirstOrThrow();
  return { stopped, rest };
}

/** The request that can still be called back at a desk, the latest. */
export async function lastCallable(db: Store, address: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('record.acts')
    .innerJoin('record.requests', 'record.requests.event_id', 'record.acts.request')
    .select('request')
    .where('address', '=', address)
    .where('state', '=', 'waiting')
    .where('settled_at', 'is', null)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.request;
}

/** What has gone to a tool of a request, and is not called back any more. */
export function sentAct(db: Store, request: string): Promise<Pick<ActRow, 'label'> | undefined> {
  return db
    .selectFrom('record.acts')
    .select('label')
    .where('request', '=', request)
    .where('state', '<>', 'waiting')
    .limit(1)
    .executeTakeFirst();
}

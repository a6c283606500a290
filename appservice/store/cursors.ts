/** Small named values of `work`: where something stopped, what was last said. Taken under their row's lock. */
import { sql } from 'kysely';
import type { Store } from './open.ts';

/**
 * Runs `change` with the value (null: none yet) under its lock and keeps what it returns (undefined: as it was).
 * Answers false, without running it, when another replica holds it.
 */
export function changeCursor(store: Store, name: string, change: (db: Store, value: unknown) => Promise<unknown>): Promise<boolean> {
  return store.transaction().execute(async (trx) => {
    await sql`insert into work.cursors (name, value) values (${name}, 'null') on conflict (name) do nothing`.execute(trx);
    const row = await trx.selectFrom('work.cursors').select('value').where('name', '=', name).forUpdate().skipLocked().executeTakeFirst();
    if (row === undefined) return false;
    const next = await change(trx, row.value);
    if (next !== undefined) {
      await trx
        .updateTable('work.cursors')
        .set({ value: JSON.stringify(next), changed_at: sql`now()` })
        .where('name', '=', name)
        .execute();
    }
    return true;
  });
}

/** All values whose name begins so, by the rest of the name. */
export async function readCursors(db: Store, prefix: string): Promise<Map<string, unknown>> {
  const rows = await db
    .selectFrom('work.cursors')
    .select(['name', 'value'])
    .where(sql<boolean>`starts_with(name, ${prefix})`)
    .execute();
  return new Map(rows.map((row) => [row.name.slice(prefix.length), row.value]));
}

/** The store's own clock, ms. */
export async function storeNow(db: Store): Promise<number> {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db);
  return rows[0]?.now.getTime() ?? Date.now();
}

/** Empties `work`, or makes it again when it was dropped: what a rebuild begins with. `record` is never touched. */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Store } from './tables.ts';

/** What goes with `work` and no rebuild brings back: what was accepted and is in no room yet, what was asked and not handled. */
export async function countUnsaid(db: Store): Promise<{ unsent: number; unhandled: number }> {
  const { rows } = await sql<{ unsent: number; unhandled: number }>`select
    (select count(*) from work.outbox where sent_at is null and dead_at is null and kind <> 'tool')::int as unsent,
    (select count(*) from work.inbox where handled_at is null)::int as unhandled`.execute(db);
  return rows[0] ?? { unsent: 0, unhandled: 0 };
}

const PATIENCE_MS = 60_000; // a send in flight ends within 30 s
const AGAIN_MS = 250;

/**
 * Empties `work` between two turns of the relays: a message on its way, of which nobody would know, would be in its room
 * twice. So every room is taken, as a relay takes it, before anything goes. False when they did not come to an end within a minute.
 */
export async function emptyWork(store: Store): Promise<boolean> {
  const mine = new Date(Date.now() + PATIENCE_MS + 10_000);
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))) {
    await sql`update work.rooms set lease_until = ${mine} where address in (select address from work.rooms
      where lease_until is null or lease_until <= now() order by address for update skip locked)`.execute(store);
    if (await emptyIfFree(store, mine)) return true;
  }
  await sql`update work.rooms set lease_until = null where lease_until = ${mine}`.execute(store);
  return false;
}

function emptyIfFree(store: Store, mine: Date): Promise<boolean> {
  return store.transaction().execute(async (trx) => {
    await sql`lock table work.rooms in exclusive mode`.execute(trx);
    const held = await sql`select 1 from work.rooms where lease_until > now() and lease_until <> ${mine} limit 1`.execute(trx);
    if (held.rows.length > 0) return false;
    // Pings under way are no copy of anything: without its row, one of a sibling would be taken for a stranger's.
    const tables = (await tablesOf(trx, 'work')).filter((name) => name !== 'work.pings');
    await sql.raw(`truncate ${tables.join(', ')}`).execute(trx);
    return true;
  });
}

/** The tables of one of our schemas, quoted. */
export async function tablesOf(db: Kysely<never> | Store, schema: 'work' | 'record'): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select format('%I.%I', schemaname, tablename) as name
    from pg_tables where schemaname = ${schema} order by tablename`.execute(db);
  return rows.map(({ name }) => name);
}

/**
 * Makes `work` again after it was dropped as a whole. The migrations make both schemas, so they run once more beside
 * `record`, which steps aside meanwhile; all in one transaction, which a kill undoes.
 */
export async function remakeWork(store: Store, migrations: Readonly<Record<string, Migration>>): Promise<void> {
  await store.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended('remake work', 0))`.execute(trx);
    if (await hasWork(trx)) return;
    await sql`drop schema if exists work cascade`.execute(trx);
    await sql`alter schema record rename to record_kept`.execute(trx);
    for (const name of Object.keys(migrations).sort()) await migrations[name]?.up(trx);
    await sql`drop schema record cascade`.execute(trx);
    await sql`alter schema record_kept rename to record`.execute(trx);
  });
}

export async function hasWork(db: Store): Promise<boolean> {
  const { rows } = await sql<{ has: boolean }>`select to_regclass('work.rooms') is not null as has`.execute(db);
  return rows[0]?.has === true;
}

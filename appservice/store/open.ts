/** Opens the store: one PostgreSQL pool, kysely on it, migrations run under kysely's own lock, forward only. */
import { readdir } from 'node:fs/promises';
import { type Dialect, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import pg from 'pg';
import { DeskError } from '#desk/errors.ts';
import { OPERATOR } from '#desk/words.ts';
import { PipelinedDriver, type Pool } from './driver.ts';
import { hasWork, remakeWork } from './empty.ts';
import { Pulse } from './pulse.ts';
import { HeardClient, Sockets, StuckStore } from './sockets.ts';
import type { Store, Tables } from './tables.ts';

export type { Store } from './tables.ts';

/**
 * For connections with one task, accepting or relaying: a plan is made once, by looking rows up, and stays right when a table that was empty grows
 * before anybody counted it. Without them a prepared statement may go on reading a whole table.
 */
const PLANS = `set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_hashjoin = off;
  set enable_mergejoin = off; set jit = off`;

type StoreOptions = { connections?: number; isWatched?: boolean; task?: 'accepting' | 'relaying' };

/**
 * `url` is a PostgreSQL connection string; `connections` the pool's size. `isWatched`: while the server does not answer, what
 * is asked fails within seconds instead of waiting for it, and so does what one of its processes alone does not answer; for processes that serve. `task`: nothing else is done with it, and its
 * statements are planned once.
 */
export function openStore(url: string, { connections = 10, isWatched = false, task }: StoreOptions = {}): { store: Store; pool: pg.Pool } {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, Number); // bigint, which the driver reads as text
  const sockets = new Sockets();
  const pool = new pg.Pool({ connectionString: url, max: connections, types, pipeline: true, Client: clientOn(sockets) });
  // A connection that breaks is replaced by the pool; without listeners it would end the process. The pool listens only to idle
  // ones: one that is lent, and breaks between two statements, has no other listener, and its next statement fails.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
    if (task !== undefined) client.query(PLANS).catch(() => undefined); // broken: what comes next says so
  });
  const watched = isWatched ? watch(pool, url, sockets) : pool;
  return { store: new Kysely<Tables>({ dialect: dialectOf(watched, { isPreparing: task === 'relaying' }) }), pool };
}

function dialectOf(pool: Pool, options: { isPreparing: boolean }): Dialect {
  return {
    createDriver: () => new PipelinedDriver(pool, options),
    createAdapter: () => new PostgresAdapter(),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createIntrospector: (db) => new PostgresIntrospector(db),
  };
}

function clientOn(sockets: Sockets): new (config?: pg.ClientConfig) => pg.Client {
  return class extends HeardClient {
    constructor(config?: pg.ClientConfig) {
      super(sockets, config);
    }
  };
}

/** The pool while PostgreSQL answers; while it does not, or a process of it, nobody waits for it. */
function watch(pool: pg.Pool, url: string, sockets: Sockets): Pool {
  const pulse = new Pulse({ url, sockets });
  pulse.start();
  return {
    connect: () => (pulse.isStuck ? Promise.reject(new StuckStore()) : pool.connect()),
    async end() {
      pulse.stop();
      await pool.end();
    },
  };
}

/**
 * A transaction whose statement asks for this does not wait for the disk: a crash of the database may take it back. Only for
 * leases and marks, whose loss is made good: a row that is claimed again is looked for in its room before it is sent.
 */
export const LAZILY = `set_config('synchronous_commit', 'off', true)`;
export const LAZY = sql.raw(LAZILY);

const FOLDER = new URL('./migrations/', import.meta.url);

/**
 * Migrates to this version's schema: replicas that start together do it once, under the migrator's lock. Throws `config`
 * when a newer version was here: there is no way back, and what that one added must not be written past.
 */
export async function migrate(store: Store): Promise<void> {
  const migrations: Record<string, Migration> = {};
  for (const file of (await readdir(FOLDER)).filter((name) => name.endsWith('.ts')).sort()) {
    migrations[file.slice(0, -3)] = (await import(new URL(file, FOLDER).href)) as Migration;
  }
  const newer = (await executed(store)).find((name) => !(name in migrations));
  if (newer !== undefined) throw new DeskError('config', OPERATOR.newerStore({ migration: newer }));
  const { error } = await new Migrator({ db: store, provider: { getMigrations: () => Promise.resolve(migrations) } }).migrateToLatest();
  if (error !== undefined) {
    throw new DeskError('config', 'The store cannot be brought to this version’s schema', { cause: error });
  }
  if (!(await hasWork(store))) await remakeWork(store, migrations);
}

/** The migrations this store has had, in their order; none when it is new. */
async function executed(store: Store): Promise<string[]> {
  const found = await sql<{ name: string | null }>`select to_regclass('kysely_migration')::text as name`.execute(store);
  if (found.rows[0]?.name == null) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(store);
  return rows.map((row) => row.name);
}

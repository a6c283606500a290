/**
 * Kysely's driver for `pg`, with two habits of ours that save waiting: `begin` travels with the first statement of its
 * transaction, and a prepared statement whose answer nobody needs with what follows it. Who waits less often for a busy event
 * loop holds locks shorter.
 */
import { CompiledQuery, type DatabaseConnection, type Driver, type QueryResult, type TransactionSettings } from 'kysely';
import pg from 'pg';
import { DeskError } from '#desk/errors.ts';
import type { Store } from './tables.ts';

type Plan = { name?: string; isAhead: boolean };

const plans = new WeakMap<CompiledQuery, Plan>();

/**
 * A statement whose text never changes under its name: each connection parses and plans it once. `isAhead`: nobody waits for it,
 * its answer is empty, and what it fails with is thrown by what follows it in its transaction, at the latest by the commit.
 */
export function prepared<Row>(
  name: string,
  text: string,
  { values, isAhead = false }: { values: readonly unknown[]; isAhead?: boolean },
): CompiledQuery<Row> {
  const query: CompiledQuery<Row> = CompiledQuery.raw(text, [...values]);
  plans.set(query, { name, isAhead });
  return query;
}

/**
 * Sends a statement of a transaction whose answer nobody needs, and waits for none: what comes next travels with it. It fails as with
 * `prepared`. Outside a transaction nothing follows that could tell, so it is waited for.
 */
export async function leave(db: Store, query: CompiledQuery): Promise<void> {
  if (db.isTransaction) plans.set(query, { isAhead: true });
  await db.executeQuery(query);
}

export interface Pool {
  connect(): Promise<pg.PoolClient>;
  end(): Promise<void>;
}

/**
 * The pool's connections have `pipeline`: a statement is sent at once, behind those that are not answered yet. `isPreparing`:
 * every text is prepared, for a store that is asked the same few texts for ever.
 */
export class PipelinedDriver implements Driver {
  readonly #pool: Pool;
  readonly #names: Map<string, string> | undefined;

  constructor(pool: Pool, { isPreparing = false }: { isPreparing?: boolean } = {}) {
    this.#pool = pool;
    this.#names = isPreparing ? new Map() : undefined;
  }

  init(): Promise<void> {
    return Promise.resolve();
  }

  async acquireConnection(): Promise<Connection> {
    return new Connection(await this.#pool.connect(), this.#names);
  }

  beginTransaction(connection: Connection, { isolationLevel, accessMode }: TransactionSettings): Promise<void> {
    const isolation = isolationLevel === undefined ? '' : ` isolation level ${isolationLevel}`;
    connection.send(`begin${isolation}${accessMode === undefined ? '' : ` ${accessMode}`}`);
    return Promise.resolve();
  }

  commitTransaction(connection: Connection): Promise<void> {
    return connection.commit();
  }

  rollbackTransaction(connection: Connection): Promise<void> {
    return connection.rollback();
  }

  releaseConnection(connection: Connection): Promise<void> {
    connection.release();
    return Promise.resolve();
  }

  async destroy(): Promise<void> {
    await this.#pool.end();
  }
}

class Connection implements DatabaseConnection {
  readonly #client: pg.PoolClient;
  readonly #names: Map<string, string> | undefined;
  #isBroken = false;
  /** What was sent and nobody waits for yet. */
  #ahead: Promise<unknown> = Promise.resolve();

  constructor(client: pg.PoolClient, names: Map<string, string> | undefined) {
    this.#client = client;
    this.#names = names;
  }

  /** Sends without waiting: whoever asks next hears of its failure. */
  send(text: string): void {
    this.#leave(this.#client.query(text));
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const plan = plans.get(query);
    const values = [...query.parameters];
    const name = plan?.name ?? this.#nameOf(query.sql);
    const asked = this.#client.query<Row & pg.QueryResultRow>({ text: query.sql, values, ...(name !== undefined && { name }) });
    asked.catch((error: unknown) => {
      if (isOutdated(error)) this.#isBroken = true;
    });
    if (plan?.isAhead) {
      this.#leave(behind(this.#ahead, asked));
      return { rows: [] };
    }
    const { command, rowCount, rows } = await behind(this.#takeAhead(), asked);
    const isChange = command === 'INSERT' || command === 'UPDATE' || command === 'DELETE' || command === 'MERGE';
    return { rows, ...(isChange && { numAffectedRows: BigInt(rowCount ?? 0) }) };
  }

  #nameOf(text: string): string | undefined {
    const name = this.#names?.get(text) ?? `text-${String(this.#names?.size)}`;
    this.#names?.set(text, name);
    return this.#names && name;
  }

  async commit(): Promise<void> {
    const { command } = await behind(this.#takeAhead(), this.#client.query('commit'));
    // PostgreSQL answers so, and not with an error, when a statement before it failed.
    if (command === 'ROLLBACK') throw new DeskError('conflict', 'The transaction had failed before its commit');
  }

  async rollback(): Promise<void> {
    const ahead = this.#takeAhead().catch(() => undefined); // told already, or undone with the rest
    try {
      await Promise.all([this.#client.query('rollback'), ahead]);
    } catch (error) {
      this.#isBroken = true;
      throw error;
    }
  }

  release(): void {
    this.#client.release(this.#isBroken);
  }

  streamQuery(): never {
    throw new DeskError('bug', 'Rows are read in pages: a cursor cannot share a pipelined connection');
  }

  #leave(sent: Promise<unknown>): void {
    this.#ahead = sent;
    sent.catch(() => undefined);
  }

  #takeAhead(): Promise<unknown> {
    const ahead = this.#ahead;
    this.#ahead = Promise.resolve();
    return ahead;
  }
}

/** What was asked, unless what went ahead of it failed: that is why it failed as well. */
async function behind<Answer>(ahead: Promise<unknown>, asked: Promise<Answer>): Promise<Answer> {
  const [before] = await Promise.allSettled([ahead, asked]);
  if (before.status === 'rejected') throw before.reason;
  return asked;
}

/** « cached plan must not change result type »: a newer replica has changed the table, and this connection would fail for ever. */
const isOutdated = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === '0A000';

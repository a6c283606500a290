import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { leave } from '../../appservice/store/driver.ts';
import { openStore, type Store } from '../../appservice/store/open.ts';
import { pause } from '../support/guarded.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';

let folder: string;
let postgres: Postgres;
let store: Store;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ecritoire-store-'));
  postgres = await startPostgres({ folder, databases: ['ecritoire'] });
  ({ store } = openStore(postgres.url('ecritoire')));
});

afterAll(async () => {
  await store.destroy();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

test('a connection that breaks between two statements of a transaction fails that transaction only, and ends no process', async () => {
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => void uncaught.push(error);
  process.on('uncaughtException', note);
  const broken = store.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(transaction);
    await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(store);
    await pause(200);
    await sql`select 1`.execute(transaction);
  });
  await expect(broken).rejects.toThrow(/not queryable|terminat/);
  expect((await sql<{ one: number }>`select 1 as one`.execute(store)).rows).toEqual([{ one: 1 }]);
  process.off('uncaughtException', note);
  expect(uncaught).toEqual([]);
});

test('a table that a newer replica widens fails one statement planned before it, and the next one works', async () => {
  const { store: relaying } = openStore(postgres.url('ecritoire'), { connections: 1, task: 'relaying' });
  const read = async (): Promise<unknown[]> => (await sql`select * from widened`.execute(relaying)).rows;
  await sql`create table widened as select 1 as one`.execute(store);
  expect(await read()).toEqual([{ one: 1 }]);
  await sql`alter table widened add column two int`.execute(store);
  await expect(read()).rejects.toThrow('cached plan must not change result type');
  expect(await read()).toEqual([{ one: 1, two: null }]);
  await relaying.destroy();
});

test('a statement that was left fails what follows it in its transaction, or the commit, and nothing of it is kept', async () => {
  await sql`create table kept (one int primary key)`.execute(store);
  const keep = (db: Store): Promise<void> => leave(db, sql`insert into kept values (1)`.compile(db));
  await store.transaction().execute(keep);
  await expect(store.transaction().execute(keep)).rejects.toThrow('duplicate key');
  const followed = store.transaction().execute(async (trx) => {
    await sql`insert into kept values (2)`.execute(trx);
    await keep(trx);
    await sql`select 1`.execute(trx);
  });
  await expect(followed).rejects.toThrow('duplicate key');
  await expect(keep(store)).rejects.toThrow('duplicate key'); // outside a transaction it is waited for
  expect((await sql`select one from kept`.execute(store)).rows).toEqual([{ one: 1 }]);
});

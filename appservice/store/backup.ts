/**
 * `record` as lines of JSON, from one moment of the store: a head, then per table a line that names it and one per row,
 * then an end with their number. Rows travel as PostgreSQL writes them, so nothing of them passes through JavaScript.
 */
import { sql } from 'kysely';
import { z } from 'zod';
import { DeskError } from '#desk/errors.ts';
import { forgetSealing } from './account-keys.ts';
import { tablesOf } from './empty.ts';
import type { Store } from './open.ts';
import { keyedHash } from './seal.ts';

const FORMAT = 'ecritoire-record-1';
const ROWS = 5000; // fetched, or inserted, at once
const LARGEST = 8_000_000; // characters of one insert

export const BackupHead = z.object({
  format: z.literal(FORMAT),
  /** The newest migration of the store it was made of. */
  migration: z.string(),
  serverName: z.string(),
  madeAt: z.string(),
  /** Tells another `recordKey`, with which nothing sealed would open. */
  keyCheck: z.string(),
});
export type BackupHead = z.infer<typeof BackupHead>;

const TableLine = z.object({ table: z.string(), columns: z.array(z.string()).min(1) });
const EndLine = z.object({ end: z.literal(true), rows: z.number() });

/** What a `recordKey` is recognised by, without telling anything of it. */
export const keyCheckOf = (recordKey: Buffer): string => keyedHash(recordKey, 'backup', ['record']).slice(0, 16);

/** The newest migration that the store has run. */
export async function newestMigration(db: Store): Promise<string> {
  const { rows } = await sql<{ name: string }>`select max(name) as name from public.kysely_migration`.execute(db);
  return rows[0]?.name ?? '';
}

/** Hands the lines to `write`, as they are read; answers how many rows. */
export function writeRecord(
  store: Store,
  { serverName, recordKey }: { serverName: string; recordKey: Buffer },
  write: (line: string) => Promise<void>,
): Promise<number> {
  return store
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (trx) => {
      await sql`set transaction read only`.execute(trx);
      const migration = await newestMigration(trx);
      const head: BackupHead = { format: FORMAT, migration, serverName, madeAt: new Date().toISOString(), keyCheck: keyCheckOf(recordKey) };
      await write(JSON.stringify(head));
      let rows = 0;
      for (const table of await tablesInOrder(trx)) rows += await writeTable(trx, table, write);
      await write(JSON.stringify({ end: true, rows }));
      return rows;
    });
}

async function writeTable(trx: Store, table: string, write: (line: string) => Promise<void>): Promise<number> {
  await write(JSON.stringify({ table, columns: await columnsOf(trx, table) }));
  await sql`declare backup no scroll cursor for select to_jsonb(one)::text as line from ${sql.raw(table)} one`.execute(trx);
  let count = 0;
  for (let page = await fetchPage(trx); page.length > 0; page = await fetchPage(trx)) {
    for (const { line } of page) await write(line);
    count += page.length;
  }
  await sql`close backup`.execute(trx);
  return count;
}

async function fetchPage(trx: Store): Promise<{ line: string }[]> {
  return (await sql<{ line: string }>`fetch ${sql.raw(String(ROWS))} from backup`.execute(trx)).rows;
}

/** Tables that others refer to come first. */
async function tablesInOrder(db: Store): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select distinct format('%I.%I', space.nspname, one.relname) as name
    from pg_constraint rule join pg_class one on one.oid = rule.confrelid join pg_namespace space on space.oid = one.relnamespace
    where rule.contype = 'f' and space.nspname = 'record'`.execute(db);
  const referred = new Set(rows.map(({ name }) => name));
  const all = await tablesOf(db, 'record');
  return [...all.filter((name) => referred.has(name)), ...all.filter((name) => !referred.has(name))];
}

async function columnsOf(db: Store, table: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select quote_ident(attname) as name from pg_attribute
    where attrelid = ${table}::regclass and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`.execute(db);
  return rows.map(({ name }) => name);
}

/** Whether `record` holds anything but the name of its installation. */
export async function holdsRecord(db: Store): Promise<boolean> {
  for (const table of await tablesOf(db, 'record')) {
    const found = table === 'record.installation' ? [] : (await sql`select 1 from ${sql.raw(table)} limit 1`.execute(db)).rows;
    if (found.length > 0) return true;
  }
  return false;
}

/** Puts `record` in place of what is there, all of it or nothing; answers how many rows. Throws `invalid` for a file that is not whole. */
export function readRecord(store: Store, lines: AsyncIterable<string>): Promise<number> {
  return store.transaction().execute(async (trx) => {
    const known = await tablesOf(trx, 'record');
    await sql.raw(`truncate ${known.join(', ')}`).execute(trx);
    const restoring = new Restoring(trx, known);
    for await (const line of lines) await restoring.take(line);
    restoring.finish();
    await forgetSealing(trx);
    await sql.raw(`select ${await serialSettings(trx)}`).execute(trx);
    return restoring.rows;
  });
}

/** Identity columns go on behind the highest number that was restored. */
async function serialSettings(db: Store): Promise<string> {
  const { rows } = await sql<{
    setting: string;
  }>`select format('setval(pg_get_serial_sequence(%L, %L), greatest((select max(%I) from %I.%I), 1))',
      format('%I.%I', space.nspname, one.relname), attname, attname, space.nspname, one.relname) as setting
    from pg_attribute column_ join pg_class one on one.oid = column_.attrelid join pg_namespace space on space.oid = one.relnamespace
    where space.nspname = 'record' and one.relkind = 'r' and attidentity <> '' and not attisdropped`.execute(db);
  return rows.length === 0 ? '1' : rows.map(({ setting }) => setting).join(', ');
}

class Restoring {
  readonly #db: Store;
  readonly #known: readonly string[];
  #table: z.infer<typeof TableLine> | undefined;
  #lines: string[] = [];
  #length = 0;
  #isEnded = false;
  rows = 0;

  constructor(db: Store, known: readonly string[]) {
    this.#db = db;
    this.#known = known;
  }

  /** Rows are handed on as they stand; only lines that begin as ours do are read. */
  async take(line: string): Promise<void> {
    if (line.startsWith('{"table":')) await this.#begin(line);
    else if (line.startsWith('{"end":')) await this.#end(line);
    else await this.#add(line);
  }

  async #add(line: string): Promise<void> {
    if (this.#table === undefined || this.#isEnded) throw cutOff();
    this.#lines.push(line);
    this.#length += line.length;
    this.rows += 1;
    if (this.#lines.length >= ROWS || this.#length >= LARGEST) await this.#flush();
  }

  async #begin(line: string): Promise<void> {
    await this.#flush();
    const read = TableLine.safeParse(JSON.parse(line));
    if (!read.success || !this.#known.includes(read.data.table)) throw cutOff();
    const columns = await columnsOf(this.#db, read.data.table);
    if (!read.data.columns.every((name) => columns.includes(name))) throw cutOff();
    this.#table = read.data;
  }

  async #end(line: string): Promise<void> {
    await this.#flush();
    const read = EndLine.safeParse(JSON.parse(line));
    this.#isEnded = read.success && read.data.rows === this.rows;
  }

  async #flush(): Promise<void> {
    if (this.#table === undefined || this.#lines.length === 0) return;
    const { table, columns } = this.#table;
    const names = sql.raw(columns.join(', '));
    const rows = `[${this.#lines.join(',')}]`;
    await sql`insert into ${sql.raw(table)} (${names}) overriding system value
      select ${names} from jsonb_populate_recordset(null::${sql.raw(table)}, ${rows}::jsonb)`.execute(this.#db);
    this.#lines = [];
    this.#length = 0;
  }

  /** Throws when the end was missing or counts other rows. */
  finish(): void {
    if (!this.#isEnded) throw cutOff();
  }
}

const cutOff = (): DeskError => new DeskError('invalid', 'The backup is not whole');

/** PostgreSQL's dialect. */
import pg from 'pg';
import { DeskError } from '#desk/errors.ts';
import { withstand } from './io-sql-socket.ts';
import type { Dial, Session, SqlTable } from './io-sql-session.ts';

const [BOOL, TIMESTAMPTZ] = [16, 1184];
const PLAIN = 0x4e; // « N »: how a server answers who asks for TLS and gets none

/** Views, tables, materialised and foreign ones; what the account may see without a schema, or all of that schema. */
const FIND = `SELECT n.nspname, c.relname, a.attname
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
  WHERE c.relkind IN ('v', 'm', 'r', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped AND lower(c.relname) = lower($1)
  AND (lower(n.nspname) = lower($2) OR ($2 = '' AND pg_catalog.pg_table_is_visible(c.oid)))
  ORDER BY n.nspname, c.relname, a.attnum LIMIT 5000`;

/** A base that knows no encoding would refuse to send what is not UTF-8, and all the rest with it: so a letter is lost at most. */
const ANY_BYTES =
  "SELECT set_config('client_encoding', CASE current_setting('server_encoding') WHEN 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END, true)";

export async function openPostgres(dial: Dial): Promise<Session> {
  const { socket, address, hostname, port, database, user, password, tls, ca, timeZone, timeoutMs } = dial;
  let isPlain = false;
  if (tls) socket.once('data', (bytes: Buffer) => (isPlain = bytes[0] === PLAIN));
  const client = new pg.Client({
    host: address,
    port,
    database,
    user,
    password,
    application_name: 'ecritoire',
    stream: () => socket,
    // Verified against the name, not against the address it is reached by.
    ssl: tls && {
      host: hostname,
      rejectUnauthorized: true,
      ...(isName(hostname) && { servername: hostname }),
      ...(ca !== undefined && { ca }),
    },
  });
  // Told by the call that is under way; without a listener Node would end the process.
  client.on('error', () => undefined);
  await client.connect().catch((error: unknown) => {
    throw isPlain ? new DeskError('config', 'SQL: the server does not encrypt') : error;
  });
  // With TLS it is another one now.
  if (tls) withstand(Reflect.get(Object(Reflect.get(client, 'connection')), 'stream'));
  const run: Session['run'] = (text, values, each) =>
    new Promise((resolve, reject) => {
      const asked: pg.QueryArrayConfig = { text, values: [...values], rowMode: 'array', types: { getTypeParser: () => asText } };
      const query = new pg.Query<(string | null)[]>(asked);
      query.on('row', (row, result) => {
        try {
          each(row.map((value, place) => canonical(value, result?.fields[place]?.dataTypeID)));
        } catch (error) {
          reject(error instanceof Error ? error : new Error('no row'));
          socket.destroy();
        }
      });
      query.on('end', () => resolve());
      query.on('error', reject);
      client.query(query);
    });
  // For this transaction alone: a pooler between us and the server may give the connection to others.
  await run(
    [
      'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
      `SET LOCAL statement_timeout = ${timeoutMs}`,
      `SET LOCAL TimeZone = '${timeZone.replaceAll("'", '')}'`,
      "SET LOCAL DateStyle = 'ISO, YMD'",
      ANY_BYTES,
    ].join('; '),
    [],
    () => undefined,
  );
  return {
    quote: (name) => `"${name.replaceAll('"', '""')}"`,
    sign: (place) => `$${place}`,
    written: (value) => value,
    run,
    find: (name) => find(run, name),
    nowText: 'SELECT extract(epoch from now())',
    end: async () => {
      await run('COMMIT', [], () => undefined);
      await client.end();
    },
  };
}

const asText = (value: string): string => value;
const isName = (hostname: string): boolean => !/^[\d.]+$|:/.test(hostname);

function canonical(value: string | null, type: number | undefined): string {
  if (value === null || value === 'infinity' || value === '-infinity') return '';
  if (type === BOOL) return value === 't' ? '1' : '0';
  return type === TIMESTAMPTZ ? instant(value) : value;
}

/** `2026-11-27 09:00:00.123456+01`, all its digits kept. What is of no year that we write stays as it is. */
function instant(text: string): string {
  const [, day = '', time = '', fraction = '', hours = '', minutes = '00'] =
    /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)?([+-]\d\d)(?::(\d\d))?$/.exec(text) ?? [];
  const ms = Date.parse(`${day}T${time}${hours}:${minutes}`);
  return Number.isNaN(ms) ? text : `${new Date(ms).toISOString().slice(0, 19)}${fraction}Z`;
}

async function find(run: Session['run'], name: string): Promise<SqlTable[]> {
  const [table = '', schema = ''] = name.split('.').reverse();
  const tables = new Map<string, SqlTable>();
  await run(FIND, [table, schema], ([of = '', found = '', column = '']) => {
    const key = JSON.stringify([of, found]);
    const known = tables.get(key) ?? { schema: of, name: found, columns: [] };
    tables.set(key, { ...known, columns: [...known.columns, column] });
  });
  return [...tables.values()];
}

/** The dialect of MariaDB and MySQL. */
import { isUtf8 } from 'node:buffer';
import type { Connection } from 'mysql2';
import { withstand } from './io-sql-socket.ts';
import type { Dial, Session, SqlTable } from './io-sql-session.ts';

/** A view by its name: of what is open to this account alone. Of all views of a schema only the names are asked: that opens none. */
const FIND = `SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES
  WHERE TABLE_SCHEMA = IF(? = '', DATABASE(), ?) AND LOWER(TABLE_NAME) = LOWER(?)`;
const COLUMNS = `SELECT COLUMN_NAME, NUMERIC_PRECISION FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`;

export async function openMariadb(dial: Dial): Promise<Session> {
  const { socket, address, hostname, port, database, user, password, tls, ca, timeoutMs } = dial;
  const library = await import('mysql2'); // for the few whose tool has such a database
  const client = library.createConnection({
    host: hostname,
    database,
    user,
    password,
    stream: socket.connect(port, address),
    connectTimeout: timeoutMs,
    supportBigNumbers: true,
    multipleStatements: false,
    charset: 'utf8mb4',
    ...(tls && { ssl: { rejectUnauthorized: true, verifyIdentity: true, ...(ca !== undefined && { ca }) } }),
  });
  await new Promise<void>((resolve, reject) =>
    client.once('error', reject).connect((error) => (error === null ? resolve() : reject(error))),
  );
  // Told by the call that is under way; without a listener Node would end the process.
  client.on('error', () => undefined);
  // With TLS it is another one now.
  if (tls) withstand(Reflect.get(client, 'stream'));
  const run = runner(client, () => socket.destroy());
  const numbers = new Set<string>();
  for (const text of settings(timeoutMs)) await run(text, [], () => undefined);
  return {
    quote: (name) => `\`${name.replaceAll('`', '``')}\``,
    // A text beside a number is compared as a floating one, and beyond 2^53 that is another number.
    sign: (_, column) => (numbers.has(column) ? 'CAST(? AS DECIMAL(65, 10))' : '?'),
    written: (value) => (INSTANT.test(value) ? value.replace('T', ' ').replace('Z', '') : value),
    run,
    find: (name) => find(run, name, numbers),
    nowText: 'SELECT UNIX_TIMESTAMP(NOW(3))',
    end: async () => {
      await run('COMMIT', [], () => undefined);
      await new Promise<void>((resolve) => client.end(() => resolve()));
    },
  };
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** Each server reads the comment that is its own. */
function settings(timeoutMs: number): string[] {
  return [
    `SET SESSION sql_mode = '', time_zone = '+00:00' /*M!100102 , max_statement_time = ${timeoutMs / 1000} */ /*!50708 , max_execution_time = ${timeoutMs} */`,
    'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
    'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
  ];
}

function runner(client: Connection, breakOff: () => void): Session['run'] {
  return (sql, values, each) =>
    new Promise((resolve, reject) => {
      const query = client.query({ sql, values: [...values], rowsAsArray: true, typeCast });
      query.on('result', (row: unknown) => {
        try {
          if (Array.isArray(row)) each(row.map(String));
        } catch (error) {
          reject(error instanceof Error ? error : new Error('no row'));
          breakOff();
        }
      });
      query.on('error', reject);
      query.on('end', () => resolve());
    });
}

type Field = { type: string; buffer(): Buffer | null };

function typeCast(field: Field): string {
  const bytes = field.buffer() ?? Buffer.alloc(0);
  if (field.type === 'BIT') return bytes.length === 0 ? '' : BigInt(`0x0${bytes.toString('hex')}`).toString();
  // Texts come in UTF-8, as the session asks; bytes (BINARY, BLOB) come as they are, and tools keep texts in them too.
  const text = bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
  // What this server writes where no date was given.
  if (DATES.includes(field.type) && text.startsWith('0000-00-00')) return '';
  return field.type === 'TIMESTAMP' && text !== '' ? `${text.replace(' ', 'T')}Z` : text;
}

const DATES = ['TIMESTAMP', 'DATETIME', 'DATE', 'NEWDATE'];

/** `numbers`: told of the columns that hold some. */
async function find(run: Session['run'], name: string, numbers: Set<string>): Promise<SqlTable[]> {
  const [table = '', schema = ''] = name.split('.').reverse();
  const tables: SqlTable[] = [];
  await run(FIND, [schema, schema, table], ([of = '', found = '']) => tables.push({ schema: of, name: found, columns: [] }));
  for (const one of tables)
    await run(COLUMNS, [one.schema, one.name], ([column = '', precision = '']) => {
      one.columns.push(column);
      if (precision !== '') numbers.add(column);
    });
  return tables;
}

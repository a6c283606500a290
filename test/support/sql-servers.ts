/** Real databases for the tests of the bot that reads views: the embedded PostgreSQL, and Debian's MariaDB on a port and folder of its own. */
import { spawn } from 'node:child_process';
import { chmodSync, createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { NetConnectOpts } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { findProgram, installPackage } from './debian.ts';
import { ended, until, withDeathSignal } from './guarded.ts';
import { startPostgres } from './postgres.ts';
import { freePort } from './trial/ports.ts';

export type SqlServer = {
  scheme: 'postgresql' | 'mariadb';
  at: NetConnectOpts;
  /** The database of the connection string; in MariaDB a schema is a database. */
  database: (schema: string) => string;
  /** As the administrator; one statement. */
  run(text: string): Promise<void>;
  /** The statements that make an account which may only read this view. */
  reader(user: string, password: string, view: string): string[];
  newPassword(user: string, password: string): string;
  createSchema(schema: string): string;
  stop(): Promise<void>;
};

export type Certificate = { key: string; cert: string };

/** Over its socket nobody is asked for a password but who reads views. */
export async function startSqlPostgres(): Promise<SqlServer> {
  const folder = mkdtempSync(join(tmpdir(), 'vue-pg-'));
  const postgres = await startPostgres({ folder });
  const url = new URL(postgres.url('postgres'));
  const socket = url.searchParams.get('host') ?? '';
  const admin = new pg.Client({ host: socket, user: 'postgres', database: 'postgres' });
  await admin.connect();
  const rules = join(folder, 'pg', 'pg_hba.conf');
  writeFileSync(rules, `local all postgres trust\nlocal all all scram-sha-256\n`);
  const run = (text: string): Promise<void> => admin.query(text).then(() => undefined);
  await run('SELECT pg_reload_conf()');
  return {
    scheme: 'postgresql',
    at: { path: join(socket, '.s.PGSQL.5432') },
    database: () => 'postgres',
    run,
    reader: (user, password, view) => [
      `CREATE ROLE ${user} LOGIN PASSWORD '${password}'`,
      `GRANT USAGE ON SCHEMA ${view.split('.')[0] ?? ''} TO ${user}`,
      `GRANT SELECT ON ${view} TO ${user}`,
    ],
    newPassword: (user, password) => `ALTER ROLE ${user} PASSWORD '${password}'`,
    createSchema: (schema) => `CREATE SCHEMA ${schema}`,
    async stop() {
      await admin.end();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** MariaDB's program, installed first when it may be. */
export function findMariadb({ say }: { say: (line: string) => void }): string | undefined {
  const found = findProgram(['mariadbd']);
  if (found !== undefined) return found;
  return installPackage('mariadb-server-core', { say }) ? findProgram(['mariadbd']) : undefined;
}

const TABLES = ['/usr/share/mysql/mysql_system_tables.sql', '/usr/share/mysql/mysql_system_tables_data.sql'];
const SMALL = ['--innodb-buffer-pool-size=16M', '--innodb-log-file-size=4M', '--innodb-flush-method=nosync', '--skip-log-bin'];

export async function startMariadb(program: string, { key, cert }: Certificate): Promise<SqlServer> {
  const folder = mkdtempSync(join(tmpdir(), 'vue-mariadb-'));
  const port = await freePort();
  const at = (name: string): string => join(folder, name);
  const options = ['--no-defaults', `--datadir=${folder}`, `--user=${userInfo().username}`, ...SMALL];
  writeFileSync(at('tables.sql'), ['create database mysql;', 'use mysql;', ...TABLES.map((file) => readFileSync(file, 'utf8'))].join('\n'));
  const bootstrap = spawn(program, [...options, '--bootstrap'], { stdio: ['pipe', 'ignore', 'ignore'] });
  createReadStream(at('tables.sql')).pipe(bootstrap.stdin);
  await ended(bootstrap);
  writeFileSync(
    at('first.sql'),
    "CREATE USER admin@'127.0.0.1' IDENTIFIED BY 'admin';\nGRANT ALL ON *.* TO admin@'127.0.0.1' WITH GRANT OPTION;\n",
  );
  writeFileSync(at('cle'), key, { mode: 0o600 });
  writeFileSync(at('certificat'), cert);
  chmodSync(folder, 0o700);
  const [file = '', ...args] = withDeathSignal([program, ...options], 'TERM');
  const own = [`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${at('s')}`, `--pid-file=${at('pid')}`, '--skip-name-resolve'];
  const first = [`--init-file=${at('first.sql')}`, `--ssl-key=${at('cle')}`, `--ssl-cert=${at('certificat')}`];
  const child = spawn(file, [...args, ...own, ...first], { stdio: 'ignore' });
  const admin = await until(() =>
    mysql.createConnection({ host: '127.0.0.1', port, user: 'admin', password: 'admin' }).catch(() => undefined),
  );
  if (admin === undefined) throw new Error('MariaDB does not start');
  return {
    scheme: 'mariadb',
    at: { host: '127.0.0.1', port },
    database: (schema) => schema,
    run: (text) => admin.query(text).then(() => undefined),
    reader: (user, password, view) => [`CREATE USER ${user} IDENTIFIED BY '${password}'`, `GRANT SELECT ON ${view} TO ${user}`],
    newPassword: (user, password) => `ALTER USER ${user} IDENTIFIED BY '${password}'`,
    createSchema: (schema) => `CREATE DATABASE ${schema}`,
    async stop() {
      await admin.end();
      child.kill('SIGKILL'); // nothing there is worth being written down
      await ended(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * A view of a tool's database as a bot may use it: at the connection's own origin, in one transaction that is read-only and sees
 * one moment, within time-outs and limits. No query comes from outside: a view, its columns and where to go on are all there
 * is. Every value is a text, so that no driver rounds a number or moves a date.
 */
import { Socket } from 'node:net';
import { DeskError } from '#desk/errors.ts';
import type { BotLog } from './log.ts';
import { type AddressGuard, resolveGuarded } from './io-guard.ts';
import { openMariadb } from './io-sql-mariadb.ts';
import { openPostgres } from './io-sql-postgres.ts';
import { closed, withstand } from './io-sql-socket.ts';
import type { Select, Session, SqlAccess, SqlTable } from './io-sql-session.ts';
import { sqlError } from './io-sql-status.ts';
import { selectText } from './io-sql-text.ts';

export interface View {
  /** Those of that name, whatever its case (`schema.name`, or a name alone where the account sees it): none, or several. */
  find(name: string): Promise<SqlTable[]>;
  /**
   * Values in the order of `columns`; nothing for NULL. An instant is RFC 3339 in UTC; a date without a zone is as it stands there
   * (`2026-11-27 09:00:00`); what is true is `1`.
   */
  select(of: Select): Promise<string[][]>;
  /** ms: what time it is there. */
  now(): Promise<number>;
}

export interface Sql {
  visit: <Answer>(access: SqlAccess, visit: (view: View) => Promise<Answer>) => Promise<Answer>;
}

export type SqlOptions = { origin: string; guard: AddressGuard; log: BotLog; requestId: string; timeoutMs: number };

const PORTS: Readonly<Record<string, number>> = { 'postgresql:': 5432, 'mariadb:': 3306, 'mysql:': 3306 };
const MOST_BYTES = 50_000_000;

export function makeSql({ origin, guard, log, requestId, timeoutMs }: SqlOptions): Sql {
  return {
    async visit(access, visit) {
      const started = performance.now();
      const url = URL.parse(origin);
      const port = url === null ? undefined : PORTS[url.protocol];
      if (url === null || port === undefined) throw new DeskError('config', 'This connection has no database');
      const hostname = url.hostname.replace(/^\[|\]$/g, '');
      const socket = new Socket();
      withstand(socket);
      try {
        const address = await resolveGuarded(guard, hostname);
        // Nothing for so long, while it is asked, is no answer: of the connection, of the first row and of every other.
        socket.setTimeout(timeoutMs, () => socket.destroy(new DeskError('unavailable', 'SQL: no answer (time-out)')));
        const database = decodeURIComponent(url.pathname.slice(1));
        const dial = { ...access, socket, address, hostname, port: Number(url.port || port), database, timeoutMs };
        const session = url.protocol === 'postgresql:' ? openPostgres(dial) : openMariadb(dial);
        const found = await Promise.race([speak(session, visit), closed(socket)]);
        log.debug({ requestId, ms: Math.round(performance.now() - started) }, 'read a view');
        return found;
      } catch (error) {
        throw sqlError(error);
      } finally {
        socket.destroy();
      }
    },
  };
}

async function speak<Answer>(opening: Promise<Session>, visit: (view: View) => Promise<Answer>): Promise<Answer> {
  const session = await opening;
  const found = await visit(viewOf(session));
  await session.end();
  return found;
}

function viewOf(session: Session): View {
  const rowsOf = async (text: string, values: readonly string[]): Promise<string[][]> => {
    const rows: string[][] = [];
    let bytes = 0;
    await session.run(text, values, (row) => {
      bytes += row.reduce((sum, value) => sum + value.length, 0);
      if (bytes > MOST_BYTES) throw new DeskError('invalid', `SQL: more than ${MOST_BYTES} characters`);
      rows.push(row);
    });
    return rows;
  };
  return {
    find: (name) => session.find(name),
    select(of) {
      const { text, values } = selectText(of, session);
      return rowsOf(text, values);
    },
    async now() {
      const [row] = await rowsOf(session.nowText, []);
      return Math.floor(Number(row?.[0]) * 1000);
    },
  };
}

/** What every dialect of SQL gives, and what it is asked with. */
import type { Socket } from 'node:net';

/** `tls`: asked for, and the server's name and certificate verified, by this authority (PEM) where it has one of its own. */
export type SqlAccess = { user: string; password: string; tls: boolean; ca?: string | undefined; timeZone: string };

/** Names as the database has them. */
export type SqlTable = { schema: string; name: string; columns: string[] };

export type Select = {
  table: SqlTable;
  columns: readonly string[];
  /** Ascending, by these columns. */
  order?: readonly string[];
  /** Only from this place of that order on, itself included. `orNull`: and where the first of them says nothing. */
  from?: { values: readonly string[]; orNull?: boolean };
  /** Rows at most. */
  most: number;
};

/** What a dialect gives: one statement after the other, rows as they come. */
export interface Session {
  quote(name: string): string;
  /** The sign of the nth value, from 1 on, which stands beside that column. */
  sign(place: number, column: string): string;
  /** How the dialect writes a value that `select` gave. */
  written(value: string): string;
  run(text: string, values: readonly string[], each: (row: string[]) => void): Promise<void>;
  find(name: string): Promise<SqlTable[]>;
  nowText: string;
  /** Takes leave, so that the server has nothing to complain about in its log. */
  end(): Promise<void>;
}

/** A socket that is not connected yet, to an address that the guard has seen, and what the certificate must name. */
export type Dial = { socket: Socket; address: string; hostname: string; port: number; database: string } & SqlAccess & {
    timeoutMs: number;
  };

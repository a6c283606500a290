/**
 * What a database's error means, as a DeskError. Of its text nothing is kept, not even as a cause: servers quote rows in it
 * (« invalid input syntax for type integer: … »), and what cannot be read is the number's matter.
 */
import { DeskError, type ErrorCode } from '#desk/errors.ts';
import { networkError } from './io-status.ts';

type Fate = readonly [ErrorCode, string];

const REFUSED: Fate = ['auth', 'the credentials are refused'];
const NO_DATABASE: Fate = ['config', 'the database is not there'];
const NO_RIGHT: Fate = ['denied', 'this account has no right to read it'];
const NO_VIEW: Fate = ['config', 'the view is not there, or what it reads is not'];
const NO_COLUMN: Fate = ['config', 'a column is not there'];
const FULL: Fate = ['unavailable', 'too many connections'];
const SLOW: Fate = ['unavailable', 'the view takes too long'];
const WRITES: Fate = ['config', 'the view wants to write'];

/** SQLSTATE of PostgreSQL (appendix A of its manual), number of MariaDB and MySQL. */
const FATES: Readonly<Record<string, Fate>> = {
  '28P01': REFUSED,
  '28000': REFUSED,
  '3D000': NO_DATABASE,
  '42501': NO_RIGHT,
  '42P01': NO_VIEW,
  '3F000': NO_VIEW,
  '42703': NO_COLUMN,
  '53300': FULL,
  '57014': SLOW,
  '55P03': SLOW,
  '25006': WRITES,
  1045: REFUSED,
  1698: REFUSED,
  1862: REFUSED,
  4151: REFUSED,
  1049: NO_DATABASE,
  1044: NO_RIGHT,
  1142: NO_RIGHT,
  1143: NO_RIGHT,
  1370: NO_RIGHT,
  1130: NO_RIGHT,
  1146: NO_VIEW,
  1356: NO_VIEW,
  1054: NO_COLUMN,
  1040: FULL,
  1203: FULL,
  1226: FULL,
  1129: FULL,
  1969: SLOW,
  3024: SLOW,
  1205: SLOW,
  1792: WRITES,
};

/** Classes of SQLSTATE: what is in the rows, what was declared, the server itself. */
const CLASSES: Readonly<Record<string, Fate>> = {
  21: ['invalid', 'the view cannot be computed'],
  22: ['invalid', 'the view cannot be computed'],
  28: REFUSED,
  42: ['config', 'the view cannot be read as declared'],
};

export function sqlError(error: unknown): DeskError {
  if (error instanceof DeskError) return error;
  const said = (name: string): unknown => (error instanceof Error ? Reflect.get(error, name) : undefined);
  const code = said('code');
  const state = stateOf(said('errno')) ?? stateOf(said('sqlState')) ?? stateOf(code);
  if (state !== undefined) {
    const [fate, words] =
      FATES[state] ?? (state.length === 5 ? CLASSES[state.slice(0, 2)] : undefined) ?? (['unavailable', 'the server cannot now'] as const);
    return new DeskError(fate, `SQL: ${words} (${state})`);
  }
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') return new DeskError('config', 'SQL: the server does not encrypt');
  // The driver puts its own word in place of what TLS said.
  if (code === 'HANDSHAKE_SSL_ERROR') return new DeskError('config', 'SQL: the certificate does not hold');
  return networkError(error, 'SQL');
}

/** A number of MariaDB's (Node's own are below zero), or five signs of the standard's (Node's hold no digit). */
function stateOf(said: unknown): string | undefined {
  if (typeof said === 'number') return said >= 1000 && said < 10_000 ? String(said) : undefined;
  return typeof said === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(said) ? said : undefined;
}

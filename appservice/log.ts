/** One logger for the process: JSON lines on stdout, with what must never be in a log taken out whatever its depth. */
import { type Logger, pino } from 'pino';

export type Log = Logger;

const SECRET_KEYS = [
  'authorization',
  'accessToken',
  'access_token',
  'asToken',
  'hsToken',
  'internalToken',
  'idToken',
  'id_token',
  'secret',
  'secrets',
  'password',
  'appPassword',
  'token',
];

export function openLog(level: 'debug' | 'info' | 'warn' | 'error'): Log {
  const paths = SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);
  return pino({ level, base: undefined, redact: { paths, censor: '[secret]' }, timestamp: pino.stdTimeFunctions.isoTime });
}

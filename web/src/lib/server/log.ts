/** The web's log: JSON lines on stdout. Nothing of a session, a token or a cookie is ever a field of it. */
import { pino } from 'pino';

const SECRET = ['accessToken', 'idToken', 'authorization', 'cookie', '*.accessToken', '*.idToken', '*.authorization', '*.cookie'];

/** `ECRITOIRE_LOG` is the configuration's `log`, set by `web/server.ts`. */
export const log = pino({
  level: process.env.ECRITOIRE_LOG ?? 'info',
  base: undefined,
  redact: { paths: SECRET, censor: '[secret]' },
  timestamp: pino.stdTimeFunctions.isoTime,
});

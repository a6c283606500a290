/**
 * Our own requests to the homeserver, as one of our bots. The library's are not used for anything that must not be
 * lost: they choose their own transaction ids, send again with a new one after a time-out and know no 429 (DESIGN §6).
 */
import { Agent, errors, request } from 'undici';
import { readAhead } from '#desk/clock.ts';

/** What the homeserver said. `status` 0: nothing (no connection, time-out, cut off), `reason` says how. */
export type Answer = {
  status: number;
  /** The JSON object it answered, an array as its `list`; undefined for anything else, an HTML page of a proxy for instance. */
  body: Record<string, unknown> | undefined;
  /** Matrix's own code (`M_FORBIDDEN`), when there is one. */
  errcode: string | undefined;
  retryAfterMs: number | undefined;
  reason: string;
  /** Of status 0: it did not answer in time. */
  isLate?: boolean;
};

export type Ask = {
  /** The mxid this is said as; always sent together with `device`, see `DEVICE`. */
  as?: string;
  device?: string;
  query?: Record<string, string>;
  body?: unknown;
  timeoutMs?: number;
  /** Instead of the as_token: the token of a person who calls us. */
  token?: string;
};

/** One homeserver, reached with our as_token over kept connections. */
export interface MatrixClient {
  /** Never throws: what went wrong is in the answer. `path` begins with `/_matrix/`, its parts already encoded. */
  call(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, ask?: Ask): Promise<Answer>;
  /** ms: what the homeserver's clock shows now, as its latest answer told. Ours may be off, and events have its times. */
  now(): number;
  /** How often it gave no answer of its own or cut a connection so far: it may have been restarted, or restored, since. */
  silences(): number;
  close(): Promise<void>;
}

const TIMEOUT_MS = 30_000; // Synapse answers a send in 20–200 ms; createRoom under load takes seconds
const CONNECTIONS = 32; // twice the sends in flight: room work and pings never wait behind them

export function createClient({ url, asToken }: { url: string; asToken: string }): MatrixClient {
  const dispatcher = new Agent({ connections: CONNECTIONS, keepAliveTimeout: 10_000, connect: { timeout: 5_000 } });
  const root = url.replace(/\/+$/, '');
  let aheadMs = 0;
  let silences = 0;
  // A restart that fell between two calls is heard by the connections it cut; those we close ourselves for idleness say something else.
  dispatcher.on('disconnect', (_origin, _targets, error) => {
    if (error instanceof errors.SocketError) silences += 1;
  });
  return {
    now: () => Date.now() + aheadMs,
    silences: () => silences,
    async call(method, path, { as, device, query = {}, body, timeoutMs = TIMEOUT_MS, token = asToken } = {}) {
      const search = new URLSearchParams(query);
      if (as !== undefined) search.set('user_id', as);
      if (device !== undefined) search.set('device_id', device);
      const target = `${root}${path}${search.size > 0 ? `?${search.toString()}` : ''}`;
      const headers: Record<string, string> = { authorization: `Bearer ${token}` };
      if (body !== undefined) headers['content-type'] = 'application/json';
      try {
        // Not `fetch`, which does the same over web streams; neither follows a redirect here.
        const answer = await request(target, {
          method,
          headers,
          body: body === undefined ? null : JSON.stringify(body),
          dispatcher,
          signal: AbortSignal.timeout(timeoutMs),
        });
        if ([502, 503, 504].includes(answer.statusCode)) silences += 1;
        aheadMs = readAhead(oneOf(answer.headers.date), Date.now()) ?? aheadMs;
        return readAnswer(answer.statusCode, oneOf(answer.headers['retry-after']), await answer.body.text());
      } catch (error) {
        silences += 1;
        const isLate = error instanceof Error && error.name === 'TimeoutError';
        return { status: 0, body: undefined, errcode: undefined, retryAfterMs: undefined, reason: nameFailure(error), isLate };
      }
    },
    async close() {
      await dispatcher.destroy();
    },
  };
}

/** A header's value; null when it is missing or comes several times. */
const oneOf = (header: string | string[] | undefined): string | null => (typeof header === 'string' ? header : null);

function readAnswer(status: number, retryAfter: string | null, text: string): Answer {
  const body = readObject(text);
  const errcode = typeof body?.errcode === 'string' ? body.errcode : undefined;
  const said = typeof body?.error === 'string' ? body.error : '';
  const reason = status < 300 ? '' : `${String(status)} ${errcode ?? ''} ${said}`.replace(/\s+/g, ' ').trim().slice(0, 300);
  return { status, body, errcode, retryAfterMs: readRetryAfter(retryAfter, body), reason };
}

function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return { list: value };
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), else Matrix's older `retry_after_ms`. */
export function readRetryAfter(header: string | null, body: Record<string, unknown> | undefined, now = Date.now()): number | undefined {
  if (header !== null && /^\d+$/.test(header.trim())) return Number(header) * 1000;
  const date = header === null ? Number.NaN : Date.parse(header);
  if (!Number.isNaN(date)) return Math.max(0, date - now);
  const ms = body?.retry_after_ms;
  return typeof ms === 'number' && ms >= 0 ? Math.ceil(ms) : undefined;
}

/** Only the kind of failure: messages of the network layer may hold addresses with a token in them. */
function nameFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  const code = 'code' in error && error.name !== 'TimeoutError' ? String(error.code) : '';
  return error.name === 'TimeoutError' ? 'time-out' : `no answer ${code}`.trim();
}

/**
 * One call to the homeserver's client-server API. In the browser it goes through our own `/_matrix` pipe with the session
 * cookie; on the server it carries the agent's own token. The feeds know neither.
 */
import { hearDate } from './clock.ts';

/** Sends one request and gives the JSON answer; throws a {@link Refusal} for any other status and when there is no answer. */
export type Call = (
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  options?: { body?: unknown; signal?: AbortSignal | undefined },
) => Promise<unknown>;

/** What the homeserver (or the way to it) refused. `status` 0: no answer at all. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly errcode: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(status: number, { errcode, retryAfterMs, cause }: { errcode?: string; retryAfterMs?: number; cause?: unknown } = {}) {
    super(errcode ?? `HTTP ${status}`, { cause });
    this.status = status;
    this.errcode = errcode;
    this.retryAfterMs = retryAfterMs;
  }

  /** Worth the same request again: no answer, a fault over there, or too many requests. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** The session is over: signed out elsewhere, ended, or its cookie is gone. */
  get signedOut(): boolean {
    return this.status === 401 || this.errcode === 'M_UNKNOWN_TOKEN' || this.errcode === 'M_MISSING_TOKEN';
  }

  /** The homeserver does not have this endpoint. */
  get unrecognised(): boolean {
    return this.errcode === 'M_UNRECOGNIZED' || (this.status === 404 && this.errcode === undefined) || this.status === 405;
  }
}

function wholeOr(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

async function readRefusal(response: Response): Promise<Refusal> {
  const body: unknown = await response.json().catch(() => undefined);
  const fields: Record<string, unknown> = typeof body === 'object' && body !== null ? { ...body } : {};
  const header = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retryAfterMs = wholeOr(fields['retry_after_ms']) ?? wholeOr(header * 1000);
  return new Refusal(response.status, {
    ...(typeof fields['errcode'] === 'string' ? { errcode: fields['errcode'] } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** A {@link Call} over `fetch`, at `origin` (empty in the browser), with the given headers on every request. */
export function callOver(fetcher: typeof fetch, origin: string, headers: Readonly<Record<string, string>>): Call {
  return async (method, path, { body, signal } = {}) => {
    let response: Response;
    try {
      response = await fetcher(origin + path, {
        method,
        headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: signal ?? null,
        cache: 'no-store',
      });
    } catch (cause) {
      throw new Refusal(0, { cause });
    }
    if (!response.ok) throw await readRefusal(response);
    try {
      return (await response.json()) as unknown;
    } catch (cause) {
      throw new Refusal(0, { cause });
    }
  };
}

const OUTLIVES = 16_384; // signs: browsers let at most 64 KiB at once outlive a page (Fetch, « inflightKeepaliveBytes »)

/** The page's own call: same origin, cookie, and the header that other origins cannot set (RFC 10017 §6.1.3). */
export function pageCall(): Call {
  const fetcher: typeof fetch = async (input, init) => {
    // What she decides as she leaves the page is sent all the same.
    const keepalive = init?.method === 'PUT' && typeof init.body === 'string' && init.body.length < OUTLIVES;
    const answer = await fetch(input, { ...init, keepalive, credentials: 'same-origin' });
    hearDate(answer.headers.get('date'));
    return answer;
  };
  return callOver(fetcher, '', { 'x-ecritoire': '1' });
}

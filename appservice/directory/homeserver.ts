/** The few client-server calls the directory makes as an agent, with her own token. Errors come as DeskErrors. */
import { z } from 'zod';
import { DeskError, type ErrorCode } from '#desk/errors.ts';
import { Refusal } from './refusal.ts';

const TIMEOUT_MS = 20_000;

const Fault = z
  .object({ errcode: z.string().catch(''), error: z.string().catch(''), retry_after_ms: z.number().optional().catch(undefined) })
  .catch({
    errcode: '',
    error: '',
  });

/** Calls one homeserver; `call` answers the parsed JSON of a 2xx. */
export class Homeserver {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async call(method: 'GET' | 'POST' | 'PUT', path: string, { token, body }: { token?: string; body?: unknown } = {}): Promise<unknown> {
    const headers = { ...(token !== undefined && { authorization: `Bearer ${token}` }), 'content-type': 'application/json' };
    const request = {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    };
    const answer = await fetch(this.#url + path, request).catch((cause: unknown) => {
      throw new DeskError('unavailable', `The homeserver does not answer at ${path}`, { cause });
    });
    const json: unknown = await answer.json().catch(() => undefined);
    if (answer.ok) {
      return json;
    }
    const { errcode, error, retry_after_ms } = Fault.parse(json);
    if (errcode === 'M_USER_DEACTIVATED') throw new Refusal('left', `The homeserver has deactivated this account: ${error}`);
    throw new DeskError(codeOf(answer.status), `The homeserver answered ${String(answer.status)} ${errcode} at ${path}: ${error}`, {
      retryAfterMs: retry_after_ms,
    });
  }
}

function codeOf(status: number): ErrorCode {
  const codes: Partial<Record<number, ErrorCode>> = { 401: 'auth', 403: 'denied', 404: 'not_found', 429: 'rate_limited' };
  return codes[status] ?? (status >= 500 ? 'unavailable' : 'invalid');
}

/** One question to the homeserver's client API, for the checks of this folder. */
import type { LoadedConfig } from './load.ts';

/** Error bodies are flat: only their texts and numbers are read. */
export type Answer = { status: number; body: Record<string, unknown> };

const TIMEOUT_MS = 10_000; // the homeserver itself waits this long for us when it is asked to ping

/** `undefined` when nothing answered in time. */
export async function ask(
  config: LoadedConfig,
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  { token, body }: { token?: string; body?: unknown } = {},
): Promise<Answer | undefined> {
  const headers = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  try {
    const answer = await fetch(config.homeserver.url + path, {
      method,
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const parsed: unknown = await answer.json().catch(() => undefined);
    return { status: answer.status, body: typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {} };
  } catch {
    return undefined; // unreachable or too slow: the caller's sentence says which question went unanswered
  }
}

/** A text or number of the answer's body, as text; empty when it is not there. */
export function textOf(answer: Answer | undefined, key: string): string {
  const value = answer?.body[key];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** The web's calls of the appservice's internal listener. */
import { z } from 'zod';
import type { LoadedConfig } from '../../../../config/load.ts';

/** What went wrong, in the internal API's own code; `unavailable` when it does not answer. */
export class InternalError extends Error {
  override readonly name = 'InternalError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.status = status;
    this.code = code;
  }
}

const TIMEOUT_MS = 30_000; // a first sign-in makes two rooms

const Problem = z.object({ title: z.string().catch(''), code: z.string().catch('') }).catch({ title: '', code: '' });

const Opened = z.object({
  session: z.string(),
  mxid: z.string(),
  localpart: z.string(),
  name: z.string(),
  organisation: z.string(),
  deviceId: z.string(),
  accessToken: z.string(),
  expiresAt: z.number(),
  desks: z.array(
    z.object({ organisation: z.string(), name: z.string(), timeZone: z.string(), room: z.string(), organisationRoom: z.string() }),
  ),
});
export type Opened = z.infer<typeof Opened>;

const Ended = z.object({ provider: z.string(), idToken: z.string().optional() });
const Person = z.object({ localpart: z.string(), name: z.string(), mail: z.string().optional() });

/** `path` begins with a slash. Answers the JSON of a 2xx, undefined for a 204; throws an {@link InternalError}. */
export async function callInternal(
  { web, appservice }: Pick<LoadedConfig, 'web' | 'appservice'>,
  method: 'GET' | 'PUT' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<unknown> {
  const headers = { authorization: `Bearer ${appservice.internalToken}`, 'content-type': 'application/json' };
  const request = { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal: AbortSignal.timeout(TIMEOUT_MS) };
  const answer = await fetch(web.internalUrl + path, request).catch((cause: unknown) => {
    throw new InternalError(503, 'unavailable', 'The appservice does not answer', { cause });
  });
  const json: unknown = answer.status === 204 ? undefined : await answer.json().catch(() => undefined);
  if (!answer.ok) {
    const { title, code } = Problem.parse(json);
    throw new InternalError(answer.status, code || (answer.status >= 500 ? 'unavailable' : 'invalid'), title);
  }
  return json;
}

export type SignIn = { provider: string; idToken: string; userinfo: unknown; nonce: string; sharedPost: boolean };

export async function openAtDirectory(config: LoadedConfig, signIn: SignIn): Promise<Opened> {
  return Opened.parse(await callInternal(config, 'POST', '/sessions', signIn));
}

/** Undefined when it had ended before. */
export async function endAtDirectory(config: LoadedConfig, { id, accessToken }: { id: string; accessToken: string }) {
  try {
    return Ended.parse(await callInternal(config, 'POST', `/sessions/${id}/end`, { reason: 'agent', accessToken }));
  } catch (error) {
    if (error instanceof InternalError && error.status === 404) {
      return undefined;
    }
    throw error;
  }
}

/** Undefined when nobody active has this localpart. */
export async function personOf(config: LoadedConfig, localpart: string): Promise<z.infer<typeof Person> | undefined> {
  try {
    return Person.parse(await callInternal(config, 'GET', `/identities/${encodeURIComponent(localpart)}`));
  } catch (error) {
    if (error instanceof InternalError && error.status === 404) {
      return undefined;
    }
    throw error;
  }
}

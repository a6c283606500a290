/** What is an agent's own, at the internal listener: who asks, by her own Matrix token, and what she sends, which may be secret. */
import type { Request } from 'express';
import { localpartOf } from '#desk/access.ts';
import { DeskError } from '#desk/errors.ts';
import type { Store } from '#store/open.ts';
import { findPerson } from '#store/people.ts';
import { readBody } from './raw-body.ts';

export type Asking = {
  store: Store;
  serverName: string;
  /** Whose a Matrix token is (an mxid); undefined when the homeserver does not know it. Throws `unavailable`. */
  whoIs: (token: string) => Promise<string | undefined>;
};

const LARGEST_BODY = 64_000;

/** Neither the parser's words nor express's own are passed on: both may quote what was sent. */
export async function bodyOf(request: Request): Promise<unknown> {
  const bytes = await readBody(request, LARGEST_BODY);
  if (bytes === 'too_large') throw new DeskError('invalid', 'Too large');
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new DeskError('invalid', 'Not JSON');
  }
}

/** The localpart of an agent who is here now; never a bot of ours, which has no row. */
export async function agentOf(request: Request, { store, serverName, whoIs }: Asking): Promise<string> {
  const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const mxid = token === undefined ? undefined : await whoIs(token);
  if (mxid?.endsWith(`:${serverName}`) !== true) throw new DeskError('auth', 'The homeserver does not know this token');
  const localpart = localpartOf(mxid);
  if ((await findPerson(store, localpart))?.status !== 'active') throw new DeskError('denied', 'Nobody active has this name');
  return localpart;
}

/** The internal API of the directory, for the web alone: each call carries the internal token. Never on a public listener. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { type ErrorRequestHandler, json, type RequestHandler, Router } from 'express';
import { z } from 'zod';
import { DeskError } from '#desk/errors.ts';
import type { Store } from '#store/open.ts';
import { findPerson, membershipsOf } from '#store/people.ts';
import { oidcRoutes } from './oidc-adapter.ts';
import { Refusal } from './refusal.ts';
import type { Sessions } from './sessions.ts';

const SignIn = z.strictObject({
  provider: z.string().max(40),
  idToken: z.string().min(1).max(20_000),
  /** As the provider gave it: the JWT when it signs, else the object. */
  userinfo: z.union([z.string().max(20_000), z.record(z.string(), z.unknown())]),
  nonce: z.string().min(1).max(200),
  sharedPost: z.boolean().optional(),
});
const End = z.strictObject({ reason: z.string().min(1).max(40), accessToken: z.string().max(1000).optional() });
const Named = z.strictObject({ provider: z.string().max(40), logoutToken: z.string().min(1).max(20_000) });
const SessionId = z.uuid();

export type DirectoryProblem = (error: unknown, at: { method: string; path: string }) => void;

/** `onProblem` is told what was answered with a 5xx, for the log. */
export function directoryRoutes({
  sessions,
  store,
  internalToken,
  onProblem,
}: {
  sessions: Sessions;
  store: Store;
  internalToken: string;
  onProblem: DirectoryProblem;
}): Router {
  const router = Router();
  router.use(['/sessions', '/identities', '/oidc'], onlyWith(internalToken));
  router.use(sessionRoutes(sessions));
  router.get('/identities/:localpart', async (request, response) => {
    const { localpart } = request.params;
    const person = await findPerson(store, localpart);
    if (person?.status !== 'active') {
      throw new DeskError('not_found', 'Nobody active has this localpart');
    }
    const mail = (await membershipsOf(store, localpart)).map((membership) => membership.mail).find((one) => one !== null);
    response.json({ localpart, name: person.name, mail });
  });
  router.use(oidcRoutes(store));
  router.use(['/sessions', '/identities', '/oidc'], sayProblem(onProblem));
  return router;
}

function sessionRoutes(sessions: Sessions): Router {
  const router = Router();
  const body = json({ limit: '128kb' });
  router.post('/sessions', body, async (request, response) => {
    response.status(201).json(await sessions.open(SignIn.parse(request.body)));
  });
  router.post('/sessions/backchannel', body, async (request, response) => {
    const { provider, logoutToken } = Named.parse(request.body);
    response.json({ ended: await sessions.endNamed(provider, logoutToken) });
  });
  router.post('/sessions/:id/end', body, async (request, response) => {
    const { reason, accessToken } = End.parse(request.body);
    const ended = await sessions.end(SessionId.parse(request.params.id), reason, accessToken);
    if (!ended) {
      throw new DeskError('not_found', 'No such session, or it has ended');
    }
    response.json(ended);
  });
  router.get('/sessions/:id', async (request, response) => {
    response.json({ alive: await sessions.isAlive(SessionId.parse(request.params.id)) });
  });
  return router;
}

function onlyWith(token: string): RequestHandler {
  const digest = (text: string) => createHash('sha256').update(text).digest(); // equal lengths, whatever came
  const expected = digest(`Bearer ${token}`);
  return (request, _response, next) => {
    if (!timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) {
      throw new DeskError('auth', 'The internal token is missing or wrong');
    }
    next();
  };
}

/** Errors as application/problem+json (RFC 9457); a refusal's `code` is its reason. */
function sayProblem(onProblem: DirectoryProblem): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request, response, _next) => {
    const known = asDeskError(error);
    const { status } = known.fate;
    if (status >= 500) {
      onProblem(error, { method: request.method, path: request.route ? request.baseUrl : request.path });
    }
    if (known.retryAfterMs !== undefined) {
      response.setHeader('retry-after', Math.ceil(known.retryAfterMs / 1000));
    }
    const code = known instanceof Refusal ? known.reason : known.code;
    response
      .status(status)
      .type('application/problem+json')
      .send(JSON.stringify({ title: known.message, status, code }));
  };
}

function asDeskError(error: unknown): DeskError {
  if (error instanceof DeskError) {
    return error;
  }
  const isBadInput = error instanceof z.ZodError || (error instanceof Error && 'status' in error && error.status === 400);
  return isBadInput
    ? new DeskError('invalid', 'The request is not of this form', { cause: error })
    : new DeskError('bug', 'Unexpected', { cause: error });
}

/**
 * Our own receiver of the homeserver's transactions (Application Service API, v1.19): events are in the store before the
 * answer, tokens are compared in constant time, bodies may be as large as Synapse makes them.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import express, { type NextFunction, type Request, type Response, Router } from 'express';
import { isOurBot } from '#desk/access.ts';
import { type Received, storeEvents } from '#store/inbox.ts';
import type { Store } from '#store/open.ts';

export type TransactionsOptions = {
  store: Store;
  hsToken: string;
  serverName: string;
  log: { warn: (fields: object, text: string) => void; error: (fields: object, text: string) => void };
  onStep?: (step: string) => void;
  /** Resolves once it is certain that the homeserver means us: until then nothing is taken that may be another's. */
  admitted?: () => Promise<void>;
  /** One could not be stored. The homeserver is to repeat it, and has been seen to lose one that was refused. */
  onRefused?: () => void;
  /** A ping came, with the id it was asked for with. Rejects when it cannot be noted. */
  onPing?: (id: unknown) => Promise<void>;
  /** Receipts, typing and presence: never stored, the homeserver does not repeat them either. */
  onEphemeral?: (events: readonly Record<string, unknown>[]) => void;
};

const OF_ROOMS: readonly unknown[] = ['m.room.tombstone', 'm.room.power_levels'];

const LIMIT_BYTES = 20_000_000; // up to 100 events of 64 kB, and as many ephemeral ones; a refused one comes again for ever

export function transactions(options: TransactionsOptions): Router {
  const router = Router();
  router.use('/_matrix', authenticate(options.hsToken));
  const json = express.json({ limit: LIMIT_BYTES, type: () => true });
  router.put('/_matrix/app/v1/transactions/:txnId', json, (request, response) => receive(options, request, response));
  router.post('/_matrix/app/v1/ping', json, (request, response) => receivePing(options, request, response));
  // The homeserver asks whether it should make a user or an alias for us: everything of ours is made by ourselves, beforehand.
  router.get('/_matrix/app/v1/users/:userId', (_request, response) => refuse(response, 404, 'M_NOT_FOUND', 'No such user'));
  router.get('/_matrix/app/v1/rooms/:alias', (_request, response) => refuse(response, 404, 'M_NOT_FOUND', 'No such room'));
  router.all('/_matrix/app/v1/transactions/:txnId', (_request, response) => refuse(response, 405, 'M_UNRECOGNIZED', 'Unknown method'));
  router.all('/_matrix/app/v1/ping', (_request, response) => refuse(response, 405, 'M_UNRECOGNIZED', 'Unknown method'));
  router.use('/_matrix', (_request, response) => refuse(response, 404, 'M_UNRECOGNIZED', 'Unknown request'));
  router.use('/_matrix', (error: unknown, _request: Request, response: Response, next: NextFunction) => onBadBody(error, response, next));
  return router;
}

function authenticate(hsToken: string): (request: Request, response: Response, next: NextFunction) => void {
  // Digests have one length, so neither the token nor its length can be guessed by time.
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(hsToken);
  return (request, response, next) => {
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) refuse(response, 401, 'M_UNAUTHORIZED', 'No hs_token');
    else if (!timingSafeEqual(digest(token), expected)) refuse(response, 403, 'M_FORBIDDEN', 'Wrong hs_token');
    else next();
  };
}

async function receivePing({ onPing }: TransactionsOptions, request: Request, response: Response): Promise<void> {
  const body: unknown = request.body;
  try {
    await onPing?.(isObject(body) ? body.transaction_id : undefined);
    response.status(200).json({});
  } catch {
    refuse(response, 503, 'M_UNKNOWN', 'The store does not answer');
  }
}

async function receive(
  { store, serverName, log, onStep, admitted, onRefused, onEphemeral }: TransactionsOptions,
  request: Request,
  response: Response,
): Promise<void> {
  const body: unknown = request.body;
  if (!isObject(body) || !Array.isArray(body.events)) {
    refuse(response, 400, 'M_BAD_JSON', 'A transaction has events');
    return;
  }
  const events = body.events.filter(isEvent);
  if (events.length < body.events.length) log.warn({ left: body.events.length - events.length }, 'a transaction held what are no events');
  let fresh: number;
  try {
    await admitted?.();
    // What our own bots sent comes back to us; nothing is ever asked by them. Whoever holds the as_token may replace a room.
    fresh = await storeEvents(
      store,
      String(request.params.txnId),
      events.filter(({ sender, type }) => !isOurBot(sender, serverName) || OF_ROOMS.includes(type)),
    );
  } catch (err) {
    log.error({ err }, 'a transaction could not be stored; the homeserver will repeat it');
    refuse(response, 503, 'M_UNKNOWN', 'The store does not answer');
    onRefused?.();
    return;
  }
  if (fresh > 0) onStep?.('inbox.stored');
  onEphemeral?.(readEphemeral(body));
  response.status(200).json({});
}

/** The stable name (v1.13) and the one before it; a homeserver sends one of them. */
export function readEphemeral(body: Record<string, unknown>): Record<string, unknown>[] {
  const found = [body.ephemeral, body['de.sorunome.msc2409.ephemeral']].find((list) => Array.isArray(list));
  return Array.isArray(found) ? found.filter(isObject) : [];
}

function isEvent(event: unknown): event is Received & { sender: string } {
  return (
    isObject(event) &&
    typeof event.event_id === 'string' &&
    typeof event.room_id === 'string' &&
    typeof event.sender === 'string' &&
    typeof event.type === 'string' &&
    typeof event.origin_server_ts === 'number' &&
    isObject(event.content)
  );
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function refuse(response: Response, status: number, errcode: string, error: string): void {
  response.status(status).json({ errcode, error });
}

/** express.json refuses with a status of its own: too large, not JSON, cut off. */
function onBadBody(error: unknown, response: Response, next: NextFunction): void {
  const status = isObject(error) && typeof error.status === 'number' ? error.status : undefined;
  if (status === undefined || response.headersSent) next(error);
  else refuse(response, status, status === 413 ? 'M_TOO_LARGE' : 'M_NOT_JSON', 'Unreadable body');
}

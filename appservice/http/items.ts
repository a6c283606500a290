/**
 * `GET /items`: the rows of the agent's desks beyond what her page has from the room itself. Called by the web with the
 * agent's own Matrix token; the homeserver says which rooms that token is in, so there is no second set of rights.
 */
import { createHash } from 'node:crypto';
import { type Request, Router } from 'express';
import { z } from 'zod';
import { DeskError } from '#desk/errors.ts';
import { knowsRooms } from '#store/awaiting.ts';
import { type Cursor, findPlacements, latestMarks, type ListName, listPlacements } from '#store/lists.ts';
import type { Store } from '#store/open.ts';
import { settingsOfRooms } from '#store/settings.ts';

export type ItemsOptions = {
  store: Store;
  /** The rooms a Matrix token is joined in; undefined when the homeserver does not know the token. Throws `unavailable`. */
  joinedRooms: (token: string) => Promise<readonly string[] | undefined>;
  clock: () => number;
};

const MARKS = 500; // triage marks sent along, for events the page has itself
const REMEMBER_MS = 3000; // a session that ends meanwhile, or a room that is left, is served so long: one search typed, one list scrolled
const FRESH_MS = 1000; // a room joined since the list was remembered is looked for again, at most this often
const TOKENS = 5000; // remembered at most
const REBUILT_MS = 2000; // a room is read within a second or two; all of them may take minutes

/** No identifier of Matrix holds a NUL, and PostgreSQL takes none. */
const Identifier = z
  .string()
  .max(255)
  .regex(/^[^\0]*$/);

/** A parameter that may stand once, several times or not at all. */
const list = (max: number) =>
  z.preprocess((value): unknown => (typeof value === 'string' ? [value] : (value ?? [])), z.array(Identifier.min(1)).max(max));
const Query = z.object({
  room: list(50),
  event_id: list(100),
  limit: z.coerce.number().int().min(1).max(200).default(60),
  after: z.string().max(1000).optional(),
  list: z.enum(['open', 'closed', 'aside']).optional(),
  q: z.string().max(200).optional(),
});

export function items({ store, joinedRooms, clock }: ItemsOptions): Router {
  const membership = new Membership(joinedRooms, clock);
  const router = Router();
  router.get('/items', async (request, response) => {
    const token = readToken(request);
    const read = Query.safeParse(request.query);
    if (!read.success) throw new DeskError('invalid', 'Unreadable query');
    const { room: rooms, event_id: eventIds, limit, after, list: name, q } = read.data;
    await membership.check(token, rooms);
    if (!(await knowsRooms(store, rooms))) throw new DeskError('unavailable', 'Rooms are being read again', { retryAfterMs: REBUILT_MS });
    response.setHeader('cache-control', 'no-store');
    if (eventIds.length > 0) {
      response.json({ rows: await findPlacements(store, rooms, eventIds), next: null, triage: {} });
      return;
    }
    const search = q !== undefined && q.trim() !== '' ? q : undefined;
    // A search without a list looks everywhere: what is looked for is often done already.
    const which: ListName = name ?? (search === undefined ? 'open' : 'all');
    const page = await listPlacements(store, {
      rooms,
      list: which,
      limit,
      ...(after !== undefined && { after: readCursor(after) }),
      ...(search !== undefined && { search }),
    });
    response.json({
      rows: page.rows,
      next: page.next === undefined ? null : writeCursor(page.next),
      triage: await latestMarks(store, rooms, MARKS),
      settings: await settingsOfRooms(store, rooms),
    });
  });
  return router;
}

function readToken(request: Request): string {
  const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) throw new DeskError('auth', 'A Matrix access token is needed');
  return token;
}

const CursorShape = z.object({ at: z.number().nullable(), eventId: Identifier });

const writeCursor = (cursor: Cursor): string => Buffer.from(JSON.stringify(cursor)).toString('base64url');

function readCursor(text: string): Cursor {
  try {
    return CursorShape.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
  } catch (cause) {
    throw new DeskError('invalid', 'Unreadable cursor', { cause });
  }
}

type Known = { rooms: ReadonlySet<string>; at: number };

/** What the homeserver said of tokens lately, by their hash: tokens themselves are not kept. */
class Membership {
  readonly #ask: ItemsOptions['joinedRooms'];
  readonly #clock: () => number;
  readonly #known = new Map<string, Known>();

  constructor(ask: ItemsOptions['joinedRooms'], clock: () => number) {
    this.#ask = ask;
    this.#clock = clock;
  }

  /** Throws `auth` for a token that is nobody's, `denied` when one of the rooms is not joined. */
  async check(token: string, rooms: readonly string[]): Promise<void> {
    const key = createHash('sha256').update(token).digest('base64');
    let known = this.#known.get(key);
    const isIn = (): boolean => known !== undefined && rooms.every((room) => known?.rooms.has(room) === true);
    const age = this.#clock() - (known?.at ?? 0);
    if (age > REMEMBER_MS || (!isIn() && age > FRESH_MS)) known = await this.#remember(key, token);
    if (!isIn()) throw new DeskError('denied', 'Not a room of this agent');
  }

  async #remember(key: string, token: string): Promise<Known> {
    const rooms = await this.#ask(token);
    this.#known.delete(key);
    if (rooms === undefined) throw new DeskError('auth', 'The homeserver does not know this token');
    const known = { rooms: new Set(rooms), at: this.#clock() };
    this.#known.set(key, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > TOKENS && oldest !== undefined) this.#known.delete(oldest);
    return known;
  }
}

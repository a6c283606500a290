/**
 * Finds events that the homeserver has and never sent us: Synapse loses those between « stream position saved » and
 * « transaction created » when it dies (synapse#11637), and a transaction that something on the way answered for us. One
 * `/sync` from where it last stopped; a room is read itself only when that answer leaves part of it out. Synapse refuses
 * `/sync` to the desk bot (a registration's sender: NotImplementedError, 1.163), hence as each tool's bot: one of them is in
 * every desk that has an item.
 */
import { DESK_BOT, toolBot } from '#desk/access.ts';
import { DeskError } from '#desk/errors.ts';
import { EVENT, MATRIX } from '#desk/event.ts';
import { changeCursor, storeNow } from '#store/cursors.ts';
import { storeFound } from '#store/found.ts';
import type { Received } from '#store/inbox.ts';
import type { Store } from '#store/open.ts';
import { adminRooms, joinedBots } from '#store/rooms.ts';
import { z } from 'zod';
import type { Answer, MatrixClient } from './client.ts';

export type GapsOptions = {
  client: MatrixClient;
  store: Store;
  serverName: string;
  /** Ids of the tools' bots: what they said themselves is not asked for. */
  tools: readonly string[];
};

export interface Gaps {
  /**
   * Looks for what is missing since the last time and puts it into the inbox; answers how many events that were. One
   * replica at a time does it, the others answer 0. Throws `unavailable` when the homeserver does not say.
   */
  fill(): Promise<number>;
}

const LIMIT = 10; // events per room in one answer: Synapse reads twenty at least to find them
const PAGE = 100;
const TIMEOUT_MS = 120_000; // after days, with thousands of rooms changed
const NOTHING = { types: [] };

/** Where the stream was last, by the localpart of the bot that asked. */
const Places = z.record(z.string(), z.string()).catch({});

export function makeGaps(options: GapsOptions): Gaps {
  return {
    async fill() {
      let found = 0;
      await changeCursor(options.store, 'gaps', async (db, value) => {
        const places = Places.parse(value ?? {});
        const askedAt = new Date(await storeNow(db));
        const next: Record<string, string> = {};
        // Events are stored before the place in the stream is, in a commit of their own: a kill in between finds them again.
        for (const bot of await joinedBots(db)) {
          const since = places[bot];
          const answer = await sync(options, bot, since);
          next[bot] = answer.next;
          for (const room of answer.rooms) found += await fillRoom(options, room, { since, askedAt });
        }
        const [since] = Object.values(places);
        if (since !== undefined) found += await fillAdminRooms(options, db, { since, askedAt });
        return next;
      });
      return found;
    },
  };
}

/** Nobody but the desk bot is sure to be in these few rooms, so each is read. */
async function fillAdminRooms(options: GapsOptions, db: Store, at: { since: string; askedAt: Date }): Promise<number> {
  let found = 0;
  for (const roomId of await adminRooms(db)) found += await fillRoom(options, { roomId, events: [], limited: true }, at);
  return found;
}

const Timeline = z.object({
  timeline: z.object({ events: z.array(z.unknown()).default([]), limited: z.boolean().default(false), prev_batch: z.string().optional() }),
});
const Rooms = z.record(z.string(), Timeline).default({});
const Synced = z.object({
  next_batch: z.string(),
  rooms: z.object({ join: Rooms, leave: Rooms }).default({ join: {}, leave: {} }),
});
type Room = { roomId: string } & z.infer<typeof Timeline>['timeline'];

/** Without `since` only the place where the stream is now, and no room at all: a first answer would hold every one. */
async function sync(options: GapsOptions, bot: string, since: string | undefined): Promise<{ next: string; rooms: Room[] }> {
  const room =
    since === undefined
      ? { rooms: [] }
      : { timeline: { ...wanted(options), limit: LIMIT }, state: NOTHING, ephemeral: NOTHING, account_data: NOTHING };
  const filter = JSON.stringify({ room, presence: NOTHING, account_data: NOTHING });
  const query = { filter, timeout: '0', set_presence: 'offline', ...(since !== undefined && { since }) };
  const answer = await ask(options, bot, '/sync', query);
  // A token of another time or another homeserver: what is missing cannot be asked for any more; from here on it can.
  if (since !== undefined && answer.status === 400) return sync(options, bot, undefined);
  const read = Synced.safeParse(answer.body);
  if (answer.status !== 200 || !read.success) throw silent('where its stream is', answer);
  const { next_batch, rooms } = read.data;
  const all = Object.entries({ ...rooms.join, ...rooms.leave });
  return { next: next_batch, rooms: since === undefined ? [] : all.map(([roomId, { timeline }]) => ({ roomId, ...timeline })) };
}

/** What dispatch may have to handle; never what our own bots said, which is nearly everything in a desk. */
function wanted({ serverName, tools }: GapsOptions): Record<string, unknown> {
  const types = [EVENT.action, EVENT.settings, ...Object.values(MATRIX), 'm.room.member', 'm.room.tombstone', 'm.room.power_levels'];
  return { types, not_senders: [`@${DESK_BOT}:${serverName}`, ...tools.map((bot) => toolBot(bot, serverName))] };
}

async function fillRoom(
  options: GapsOptions,
  room: Room,
  { since, askedAt }: { since: string | undefined; askedAt: Date },
): Promise<number> {
  const { roomId, limited, prev_batch } = room;
  const earlier = limited && since !== undefined ? await readBack(options, roomId, { from: prev_batch, to: since }) : [];
  const events = [...earlier, ...room.events].filter(isEvent).map((event): Received => ({ ...event, room_id: roomId }));
  return storeFound(options.store, { roomId, events, askedAt });
}

const Page = z.object({ chunk: z.array(z.unknown()), end: z.string().optional() });

/** What the answer left out of a room, oldest first. */
async function readBack(options: GapsOptions, roomId: string, { from, to }: { from: string | undefined; to: string }): Promise<unknown[]> {
  const events: unknown[] = [];
  const filter = JSON.stringify(wanted(options));
  let next = from;
  do {
    const query: Record<string, string> = { dir: 'b', to, limit: String(PAGE), filter, ...(next !== undefined && { from: next }) };
    const answer = await ask(options, DESK_BOT, `/rooms/${encodeURIComponent(roomId)}/messages`, query);
    if (answer.status === 403 || answer.status === 404) break; // left since: what it still tells is in the answer already
    const page = Page.safeParse(answer.body);
    if (answer.status !== 200 || !page.success) throw silent('what was said in a room', answer);
    events.push(...page.data.chunk);
    next = page.data.chunk.length === 0 ? undefined : page.data.end;
  } while (next !== undefined);
  return events.reverse();
}

const Event = z.looseObject({
  event_id: z.string(),
  type: z.string(),
  sender: z.string(),
  origin_server_ts: z.number(),
  content: z.record(z.string(), z.unknown()),
});
const isEvent = (event: unknown): event is z.infer<typeof Event> => Event.safeParse(event).success;

const ask = ({ client, serverName }: GapsOptions, bot: string, path: string, query: Record<string, string>): Promise<Answer> =>
  client.call('GET', `/_matrix/client/v3${path}`, { as: `@${bot}:${serverName}`, query, timeoutMs: TIMEOUT_MS });

const silent = (what: string, { reason, status }: Answer): DeskError =>
  new DeskError('unavailable', `The homeserver did not say ${what}: ${reason === '' ? String(status) : reason}`);

/** What stands at the homeserver, for the rebuild: which rooms are ours, how they are now, what was said in them from the first day. */
import { deskBot, DESK_BOT, isDeskRoom, isOurBot, localpartOf } from '#desk/access.ts';
import { DeskError } from '#desk/errors.ts';
import { EVENT, MATRIX, type MatrixEvent, readDesk } from '#desk/event.ts';
import { type Address, deskAddress } from '#store/rooms.ts';
import { z } from 'zod';
import type { Bots } from './bridge.ts';
import type { Answer, MatrixClient } from './client.ts';
import { aliasOf } from './names.ts';

/** A room as it is now. */
export type RoomNow = {
  /** Undefined for a room that is none of those we write to. */
  address: string | undefined;
  /** The mxid of a desk's agent. */
  agent: string | undefined;
  /** Localparts of our tools' bots in it, the first comer first. */
  bots: string[];
  state: MatrixEvent[];
};

export interface History {
  /** Every room the desk bot is in. Throws `unavailable`. */
  deskBotRooms(): Promise<string[]>;
  /** Undefined when the desk bot cannot see the room (any more). Throws `unavailable`. */
  readRoom(roomId: string): Promise<RoomNow | undefined>;
  /** Messages, requests and redactions, oldest first, in pages. Throws `unavailable`. */
  readPages(roomId: string): AsyncGenerator<MatrixEvent[]>;
  /** Where the alias of an address leads. Throws `unavailable`. */
  roomOfAlias(address: Address): Promise<string | undefined>;
}

export type HistoryOptions = {
  client: MatrixClient;
  bots: Bots;
  serverName: string;
  organisations: readonly { id: string }[];
};

const PAGE = 1000; // the most Synapse gives at once
const TIMEOUT_MS = 120_000;
const TYPES = [MATRIX.message, MATRIX.reaction, MATRIX.redaction, EVENT.action, EVENT.outcome];

export function makeHistory(options: HistoryOptions): History {
  const { client, bots, serverName } = options;
  const ask = (path: string, query: Record<string, string> = {}): Promise<Answer> =>
    client.call('GET', `/_matrix/client/v3${path}`, { as: deskBot(serverName), query, timeoutMs: TIMEOUT_MS });
  const room = (roomId: string): string => `/rooms/${encodeURIComponent(roomId)}`;
  return {
    async deskBotRooms() {
      await bots.ensure(DESK_BOT);
      const read = Joined.safeParse(readBody(await ask('/joined_rooms'), 'which rooms the desk bot is in'));
      return read.success ? read.data.joined_rooms : [];
    },
    async readRoom(roomId) {
      const answer = await ask(`${room(roomId)}/state`);
      if (answer.status === 403 || answer.status === 404) return undefined;
      const { list } = readBody(answer, 'how a room is');
      return describe(z.array(Event).parse(list), options);
    },
    async *readPages(roomId) {
      const filter = JSON.stringify({ types: TYPES, lazy_load_members: true });
      for (let from: string | undefined, isLast = false; !isLast;) {
        const query = { dir: 'f', limit: String(PAGE), filter, ...(from !== undefined && { from }) };
        const page = Page.parse(readBody(await ask(`${room(roomId)}/messages`, query), 'what was said in a room'));
        yield page.chunk;
        from = page.end;
        isLast = from === undefined || page.chunk.length === 0;
      }
    },
    async roomOfAlias(address) {
      const answer = await ask(`/directory/room/${encodeURIComponent(`#${aliasOf(address)}:${serverName}`)}`);
      if (answer.status === 404) return undefined;
      const { room_id } = readBody(answer, 'where an alias leads');
      return typeof room_id === 'string' ? room_id : undefined;
    },
  };
}

const Event = z.looseObject({
  event_id: z.string(),
  type: z.string(),
  sender: z.string(),
  origin_server_ts: z.number(),
  state_key: z.string().optional(),
  content: z.record(z.string(), z.unknown()),
  unsigned: z.record(z.string(), z.unknown()).optional(),
  redacts: z.string().optional(),
});
const Page = z.object({ chunk: z.array(Event), end: z.string().optional() });
const Joined = z.object({ joined_rooms: z.array(z.string()) });

function readBody({ status, body, reason, retryAfterMs }: Answer, what: string): Record<string, unknown> {
  if (status === 200 && body !== undefined) return body;
  const options = retryAfterMs === undefined ? {} : { retryAfterMs };
  throw new DeskError('unavailable', `The homeserver did not say ${what}: ${reason === '' ? String(status) : reason}`, options);
}

function describe(state: z.infer<typeof Event>[], options: HistoryOptions): RoomNow {
  const { serverName } = options;
  const desk = state.map(readDesk).find((found) => found !== undefined);
  const creator = state.find(({ type }) => type === 'm.room.create')?.sender;
  const isOurs = creator === deskBot(serverName);
  const isDesk = isDeskRoom({ creator, deskState: desk }, serverName) && desk?.agent?.endsWith(`:${serverName}`) === true;
  const agent = isDesk ? desk.agent : undefined;
  const own = agent === undefined || desk === undefined ? undefined : deskAddress(desk.organisation, localpartOf(agent));
  return { address: own ?? (isOurs ? addressByAlias(state, options) : undefined), agent, bots: joinedBots(state, serverName), state };
}

/** The rooms that are no desks have nothing but their alias to tell them by; only the desk bot can give them one of ours. */
function addressByAlias(state: readonly z.infer<typeof Event>[], { serverName, organisations }: HistoryOptions): string | undefined {
  const alias = state.find(({ type, sender }) => type === 'm.room.canonical_alias' && sender === deskBot(serverName))?.content['alias'];
  const addresses: [string, Address][] = organisations.flatMap(({ id }): [string, Address][] => [
    [`organisation:${id}`, { kind: 'organisation', organisation: id }],
    [`admin:${id}`, { kind: 'admin', organisation: id }],
  ]);
  return [...addresses, ['platform', { kind: 'platform' }] as const].find(
    ([, address]) => alias === `#${aliasOf(address)}:${serverName}`,
  )?.[0];
}

function joinedBots(state: readonly z.infer<typeof Event>[], serverName: string): string[] {
  return state
    .filter(({ type, content }) => type === 'm.room.member' && content['membership'] === 'join')
    .filter(({ state_key = '' }) => isOurBot(state_key, serverName) && state_key !== deskBot(serverName))
    .sort((a, b) => a.origin_server_ts - b.origin_server_ts)
    .map(({ state_key = '' }) => localpartOf(state_key));
}

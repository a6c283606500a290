/**
 * Simplified sliding sync (MSC4186, as Synapse 1.163 answers it under its unstable name). Subscriptions are not sticky there:
 * each request repeats them.
 */
import type { Answer, Feed, Interest, RoomNews } from './feed.ts';
import type { Call } from './homeserver.ts';
import { events, fields, text } from './raw.ts';
import { Refusal } from './homeserver.ts';

const PATH = '/_matrix/client/unstable/org.matrix.simplified_msc3575/sync';

/** The latest events of a desk that the first paint and the « fil » begin with. */
export const WINDOW = 50;

const DESK_STATE = [
  ['m.room.create', ''],
  ['fr.ecritoire.desk', ''],
  ['fr.ecritoire.tool', '*'],
];
const ORGANISATION_STATE = [
  ['m.room.create', ''],
  ['fr.ecritoire.banner', '*'],
  ['fr.ecritoire.connection', '*'],
];

function subscriptions({ desks, organisationRooms }: Interest): Record<string, unknown> {
  return Object.fromEntries<unknown>([
    ...organisationRooms.map((room): [string, unknown] => [room, { timeline_limit: 1, required_state: ORGANISATION_STATE }]),
    ...desks.map((room): [string, unknown] => [room, { timeline_limit: WINDOW, required_state: DESK_STATE }]),
  ]);
}

function readRoom(room: string, raw: unknown): RoomNews {
  const news = fields(raw);
  const prevBatch = text(news['prev_batch']);
  return {
    room,
    initial: news['initial'] === true,
    limited: news['limited'] === true,
    state: events(news['required_state']),
    timeline: events(news['timeline']),
    ...(prevBatch === undefined ? {} : { prevBatch }),
  };
}

export function slidingFeed(call: Call, interest: Interest, connId: string): Feed {
  const body = { conn_id: connId, room_subscriptions: subscriptions(interest) };
  return {
    kind: 'sliding',
    async next(pos, { timeoutMs, signal }): Promise<Answer> {
      const query = new URLSearchParams({ timeout: String(timeoutMs), ...(pos === undefined ? {} : { pos }) });
      const answer = fields(await call('POST', `${PATH}?${query.toString()}`, { body, signal }));
      const next = text(answer['pos']);
      if (next === undefined) throw new Refusal(0);
      return { pos: next, rooms: Object.entries(fields(answer['rooms'])).map(([room, raw]) => readRoom(room, raw)) };
    },
  };
}

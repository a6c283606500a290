/** Classic `/sync`, filtered to the desk's rooms: the fallback for a homeserver without sliding sync. Slower to begin, as live. */
import type { Answer, Feed, Interest, RoomNews } from './feed.ts';
import type { Call } from './homeserver.ts';
import { Refusal } from './homeserver.ts';
import { events, fields, text } from './raw.ts';
import { WINDOW } from './sliding.ts';

const STATE = ['m.room.create', 'fr.ecritoire.desk', 'fr.ecritoire.tool', 'fr.ecritoire.banner', 'fr.ecritoire.connection'];

function filter({ desks, organisationRooms }: Interest): string {
  return JSON.stringify({
    presence: { types: [] },
    account_data: { types: [] },
    room: {
      rooms: [...desks, ...organisationRooms],
      state: { types: STATE },
      timeline: { limit: WINDOW },
      ephemeral: { types: [] },
      account_data: { types: [] },
    },
  });
}

function readRoom(room: string, raw: unknown, initial: boolean): RoomNews {
  const timeline = fields(fields(raw)['timeline']);
  const prevBatch = text(timeline['prev_batch']);
  return {
    room,
    initial,
    limited: timeline['limited'] === true,
    state: events(fields(fields(raw)['state'])['events']),
    timeline: events(timeline['events']),
    ...(prevBatch === undefined ? {} : { prevBatch }),
  };
}

/**
 * Synapse leaves a room's `m.room.create` out of an answer that is filtered by rooms, from room version 12 on, where that
 * event names no room itself. Without it nobody can tell who made the desk.
 */
async function withCreate(call: Call, news: RoomNews, signal: AbortSignal | undefined): Promise<RoomNews> {
  if ([...news.state, ...news.timeline].some((event) => event.type === 'm.room.create')) return news;
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(news.room)}/state/m.room.create/?format=event`;
  return { ...news, state: [...events([await call('GET', path, { signal })]), ...news.state] };
}

export function classicFeed(call: Call, interest: Interest): Feed {
  return {
    kind: 'classic',
    async next(pos, { timeoutMs, signal }): Promise<Answer> {
      const since: Record<string, string> = pos === undefined ? {} : { since: pos };
      const query = new URLSearchParams({ timeout: String(timeoutMs), filter: filter(interest), ...since });
      const answer = fields(await call('GET', `/_matrix/client/v3/sync?${query.toString()}`, { signal }));
      const next = text(answer['next_batch']);
      if (next === undefined) throw new Refusal(0);
      const joined = Object.entries(fields(fields(answer['rooms'])['join']));
      const rooms = joined.map(([room, raw]) => readRoom(room, raw, pos === undefined));
      if (pos !== undefined) return { pos: next, rooms };
      const whole = rooms.map(async (news) => (interest.desks.includes(news.room) ? await withCreate(call, news, signal) : news));
      return { pos: next, rooms: await Promise.all(whole) };
    },
  };
}

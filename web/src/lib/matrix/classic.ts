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
      return { pos: next, rooms: joined.map(([room, raw]) => readRoom(room, raw, pos === undefined)) };
    },
  };
}

/**
 * The desk's feed: what happens in the desk rooms and their organisation rooms, from one position to the next, without
 * gaps. Two ways give it: simplified sliding sync (./sliding.ts) and classic `/sync` (./classic.ts) where a homeserver lacks
 * the first. The first answer is taken by the server for the first paint; the page goes on from its position.
 */
import type { MatrixEvent } from '#desk/event.ts';
import type { Call } from './homeserver.ts';
import { Refusal } from './homeserver.ts';
import { slidingFeed } from './sliding.ts';

/** The rooms a desk is drawn from. */
export type Interest = { desks: readonly string[]; organisationRooms: readonly string[] };

/** What is new in one room. `limited`: the timeline begins after a gap. `initial`: everything known of the room is in it. */
export type RoomNews = {
  room: string;
  initial: boolean;
  limited: boolean;
  state: readonly MatrixEvent[];
  timeline: readonly MatrixEvent[];
  prevBatch?: string;
};

export type Answer = { pos: string; rooms: readonly RoomNews[] };

export type FeedKind = 'sliding' | 'classic';

export interface Feed {
  readonly kind: FeedKind;
  /**
   * The news after `pos`; all of it when `pos` is undefined. Waits up to `timeoutMs` when there is none.
   * Throws a Refusal; `M_UNKNOWN_POS` means that the homeserver has forgotten the position: start again without one.
   */
  next(pos: string | undefined, options: { timeoutMs: number; signal?: AbortSignal }): Promise<Answer>;
}

/** The feed of the given kind. `connId` keeps tabs apart on sliding sync: one per tab. */
export function openFeed(kind: FeedKind, call: Call, interest: Interest, connId: string): Feed {
  return kind === 'sliding' ? slidingFeed(call, interest, connId) : lateClassic(call, interest);
}

/** Fetched where it is needed: hardly any homeserver is without sliding sync. */
function lateClassic(call: Call, interest: Interest): Feed {
  return {
    kind: 'classic',
    next: async (pos, options) => (await import('./classic.ts')).classicFeed(call, interest).next(pos, options),
  };
}

/** The first answer, by sliding sync or, where the homeserver does not know it, by classic `/sync`. */
export async function firstAnswer(call: Call, interest: Interest, connId: string): Promise<Answer & { kind: FeedKind }> {
  try {
    return { ...(await slidingFeed(call, interest, connId).next(undefined, { timeoutMs: 0 })), kind: 'sliding' };
  } catch (error) {
    if (!(error instanceof Refusal) || !error.unrecognised) throw error;
    return { ...(await lateClassic(call, interest).next(undefined, { timeoutMs: 0 })), kind: 'classic' };
  }
}

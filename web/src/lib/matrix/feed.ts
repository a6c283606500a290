/**
 * The desk's feed: what happens in the desk rooms and their organisation rooms, from one position to the next, without
 * gaps. Two ways give it: simplified sliding sync (./sliding.ts) and classic `/sync` (./classic.ts).
 */
import type { MatrixEvent } from '#desk/event.ts';

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

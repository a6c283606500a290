/**
 * What an agent asks for (an action event of hers, or a reaction or a reply from any Matrix client, read into the same shape), and
 * what may come of it.
 */
import * as z from 'zod/mini';

/** *failed* only when it is certain that nothing was done at the tool; otherwise *unknown*. */
export const Outcome = z.enum(['waiting', 'sent', 'confirmed', 'refused', 'failed', 'unknown']);
export type Outcome = z.infer<typeof Outcome>;

/** Through what she asked: the desk page's own event, a reaction, a reply. */
export const Source = z.enum(['action', 'reaction', 'reply']);
export type Source = z.infer<typeof Source>;

/** The desk's own actions; every other id is one that the item's tool offers. */
export const DESK_ACTIONS = [
  'desk.seen',
  'desk.unseen',
  'desk.aside',
  'desk.restore',
  'desk.snooze',
  'desk.pin',
  'desk.unpin',
  'desk.note',
  'desk.task',
] as const;
export type DeskAction = (typeof DESK_ACTIONS)[number];

/** One request touches at most so many items. */
export const MAX_ITEMS = 50;

export type Request = {
  /** The request id: the id of the event that asks. */
  eventId: string;
  sender: string;
  /** Event ids of the items' original messages, each once. Empty for `desk.task`. */
  items: string[];
  action: string;
  input?: Record<string, unknown>;
  /** Revision the agent was shown; only meaningful for a request on one item. */
  revision?: number;
  /** The revisions that her page showed of the items, where the request does not say it. Never on the wire. */
  shown?: Readonly<Record<string, number>>;
  /** ms: when she asked, by her own clock or the homeserver's, whichever is earlier (so that an age is never made smaller). */
  askedAt: number;
  /** ms: when the homeserver received it. */
  at: number;
  source: Source;
};

/** Anything named `desk.…` is for the desk and never reaches a tool; ids of tools hold no dot. */
export function isDeskAction(action: string): action is DeskAction {
  return (DESK_ACTIONS as readonly string[]).includes(action);
}

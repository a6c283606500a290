/**
 * Opens a feed: by simplified sliding sync, or by classic `/sync` where a homeserver lacks that. The first answer is taken by the
 * server for the first paint; the page goes on from its position.
 */
import type { Answer, Feed, FeedKind, Interest } from './feed.ts';
import { type Call, Refusal } from './homeserver.ts';
import { slidingFeed } from './sliding.ts';

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

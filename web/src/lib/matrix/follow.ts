/** Keeps a feed going for as long as the page is open: one parked request at a time, with back-off, saying how it stands. */
import type { Feed, RoomNews } from './feed.ts';
import { Refusal } from './homeserver.ts';

/** How the page stands with its room; the page says each in words. */
export type Standing = 'live' | 'reconnecting' | 'offline';

export interface Listener {
  /** Called in order, once for each answer that brings something. */
  onNews(rooms: readonly RoomNews[]): void;
  /** Called when the word changes; `live` means that nothing that happened before is still missing. */
  onStanding(standing: Standing): void;
  /** The feed has ended: the session is over, or the position is lost and the page must be drawn again. Called once, last. */
  onEnd(why: 'signed-out' | 'position-lost'): void;
}

/** What the machine knows of its network: the page's `navigator` and `window`. */
export interface Line {
  isOnline(): boolean;
  /** Tells `online` when the network comes back, `offline` when it goes. */
  readonly events: EventTarget;
}

export type Following = { listener: Listener; signal: AbortSignal; line: Line };

const PARKED_MS = 30_000;
/** A parked request that says nothing well after its time is dead (a laptop that slept, a proxy that forgot). */
const GIVE_UP_MS = PARKED_MS + 15_000;
const FIRST_DELAY_MS = 400;
const LONGEST_DELAY_MS = 10_000;

/** Milliseconds to wait after the nth failure in a row: doubling, with a spread so that pages do not come back all at once. */
export function backOff(failures: number, random: number): number {
  const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(failures - 1, 10));
  return Math.round(longest * (0.6 + 0.4 * random));
}

/** Waits, at most `ms`; the network coming back or the signal ends it early. */
async function pause(ms: number, signal: AbortSignal, line: Line): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      line.events.removeEventListener('online', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    line.events.addEventListener('online', done, { once: true });
  });
}

function endOf(error: unknown): 'signed-out' | 'position-lost' | undefined {
  if (!(error instanceof Refusal)) return undefined;
  if (error.signedOut) return 'signed-out';
  return error.errcode === 'M_UNKNOWN_POS' || error.unrecognised ? 'position-lost' : undefined;
}

/** Aborted when the network goes: a parked request would not notice before its time is over. `stop` when it is not needed any more. */
function untilOffline({ events }: Line): { signal: AbortSignal; stop: () => void } {
  const cut = new AbortController();
  const onOffline = () => cut.abort();
  events.addEventListener('offline', onOffline);
  return { signal: cut.signal, stop: () => events.removeEventListener('offline', onOffline) };
}

/** Asked anew after each wait: the signal changes meanwhile. */
const isOver = (signal: AbortSignal): boolean => signal.aborted;

/** Follows the feed from `pos` until the signal is aborted or the feed ends. Never throws. */
export async function follow(feed: Feed, pos: string, { listener, signal, line }: Following): Promise<void> {
  let at = pos;
  let failures = 0;
  let standing: Standing | undefined;
  const say = (next: Standing) => {
    if (next !== standing) listener.onStanding((standing = next));
  };
  while (!signal.aborted) {
    const network = untilOffline(line);
    try {
      const timeoutMs = standing === 'live' ? PARKED_MS : 0;
      const anyEnd = AbortSignal.any([signal, network.signal, AbortSignal.timeout(GIVE_UP_MS)]);
      const answer = await feed.next(at, { timeoutMs, signal: anyEnd });
      at = answer.pos;
      failures = 0;
      if (answer.rooms.length > 0) listener.onNews(answer.rooms);
      say('live');
    } catch (error) {
      if (isOver(signal)) return;
      const end = endOf(error);
      if (end) {
        listener.onEnd(end);
        return;
      }
      failures += 1;
      say(line.isOnline() ? 'reconnecting' : 'offline');
      const asked = error instanceof Refusal ? (error.retryAfterMs ?? 0) : 0;
      await pause(Math.max(asked, backOff(failures, Math.random())), signal, line);
    } finally {
      network.stop();
    }
  }
}

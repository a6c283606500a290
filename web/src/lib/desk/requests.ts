/** Her requests in the order in which they count. Pure. */
import type { Request } from '#desk/request.ts';
import { revisionAt } from './acts.ts';
import type { Known } from './snapshot.ts';

/** One that the feed tells of: behind those it has told of before, and before what is only on its way from here. */
export function settle(requests: readonly Request[], eventId: string, isTold: (eventId: string) => boolean): Request[] {
  const own = requests.filter((one) => one.eventId === eventId);
  const others = requests.filter((one) => one.eventId !== eventId);
  return others.toSpliced(others.findLastIndex((one) => isTold(one.eventId)) + 1, 0, ...own);
}

/** The homeserver has given one its name; it may already have come back through the feed, and even be over. */
export function rename(requests: readonly Request[], { from, to, isOver }: { from: string; to: string; isOver: boolean }): Request[] {
  const isKnown = isOver || requests.some((one) => one.eventId === to);
  return requests.flatMap((one) => (one.eventId !== from ? [one] : isKnown ? [] : [{ ...one, eventId: to }]));
}

/** The revisions that stood when she asked. */
export function shownAt({ items, at }: Request, known: ReadonlyMap<string, Known>): Record<string, number> {
  return Object.fromEntries(items.flatMap((item) => known.get(item) ?? []).map((one) => [one.eventId, revisionAt(one, at)]));
}

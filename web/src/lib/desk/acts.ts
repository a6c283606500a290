/** What the agent asked and decided of an item, as far as the room tells. Pure. */
import type { Outcome } from '#desk/event.ts';
import type { Placement } from '#desk/placement.ts';
import { isDeskAction, type Request } from '#desk/request.ts';

/** What the desk bot said of a request last. Times in ms, by the page's own clock. */
export type Told = { outcome: Outcome; at: number; until?: number; text?: string };

/** The latest act on an item: asked here, or by `lastAction` when the room's window does not hold the request any more. */
export type Act = {
  request: string;
  action: string;
  label: string;
  /** It can be called back as long as nothing was sent. */
  isCallable: boolean;
  told: Told | undefined;
  input: Readonly<Record<string, unknown>> | undefined;
  /** ms */
  at: number;
};

type Moved = { movedAt?: number | undefined; placement: Pick<Placement, 'revision'> };

/** The revision that stood at a moment. Of an item that has moved since, and is known as it is now: that it was an older one. */
export function revisionAt({ movedAt = 0, placement: { revision } }: Moved, at: number): number {
  return movedAt > at ? revision - 1 : revision;
}

/** By item: what was asked of its tool, in room order. */
export const askedByItem = (requests: readonly Request[]): Map<string, Request[]> => byItem(requests, false);

/** By item: what was decided of it on the desk, each in room order. */
export const decidedByItem = (requests: readonly Request[]): Map<string, Request[]> => byItem(requests, true);

function byItem(requests: readonly Request[], isDesk: boolean): Map<string, Request[]> {
  const by = new Map<string, Request[]>();
  for (const request of requests) {
    if (isDeskAction(request.action) !== isDesk) continue;
    for (const item of new Set(request.items)) by.set(item, [...(by.get(item) ?? []), request]);
  }
  return by;
}

/** Of what was asked of one item: what she has just asked, what goes on (another is refused meanwhile), else what was said of last. */
export function standingOf(asked: readonly Request[] = [], told: ReadonlyMap<string, Told>): Request | undefined {
  const last = asked.at(-1);
  if (asked.length < 2 || last === undefined || !told.has(last.eventId)) return last;
  const saidOf = [...told.keys()].flatMap((request) => asked.filter(({ eventId }) => eventId === request));
  return saidOf.findLast(({ eventId }) => ['waiting', 'sent'].includes(told.get(eventId)?.outcome ?? '')) ?? saidOf.at(-1);
}

export function actOf(placement: Placement, request: Request | undefined, told: Told | undefined): Act | undefined {
  if (request === undefined) return actInPlacement(placement);
  const action = placement.actions.find(({ id }) => id === request.action);
  const { lastAction } = placement;
  const label = action?.label ?? (lastAction?.action === request.action ? lastAction.label : undefined) ?? request.action;
  // The tool's confirmation stands on the card before the desk bot has said it: who waits sees it one message sooner.
  const isDone = told?.outcome !== 'confirmed' && lastAction?.outcome === 'confirmed' && lastAction.request === request.eventId;
  const heard = isDone ? { outcome: lastAction.outcome, at: Date.parse(lastAction.at) } : told;
  return {
    request: request.eventId,
    action: request.action,
    label,
    told: heard,
    input: request.input,
    at: request.at,
    isCallable: action?.risk !== 'green' && (heard === undefined || heard.outcome === 'waiting'),
  };
}

function actInPlacement({ lastAction }: Placement): Act | undefined {
  if (lastAction === undefined) return undefined;
  const { action, label = action, outcome } = lastAction;
  const at = Date.parse(lastAction.at);
  return { request: '', action, label, isCallable: false, told: { outcome, at }, input: undefined, at };
}

/** It goes on: nothing else can be asked of the item meanwhile. */
export function isGoingOn({ told }: Act): boolean {
  return told === undefined || told.outcome === 'waiting' || told.outcome === 'sent';
}

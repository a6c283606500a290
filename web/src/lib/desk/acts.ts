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

/** By item: the tool's action that was asked last. */
export function latestAsked(requests: readonly Request[]): Map<string, Request> {
  const asked = new Map<string, Request>();
  for (const request of requests) if (!isDeskAction(request.action)) for (const item of request.items) asked.set(item, request);
  return asked;
}

/** By item: what was decided of it on the desk, each in room order. */
export function decidedByItem(requests: readonly Request[]): Map<string, Request[]> {
  const decided = new Map<string, Request[]>();
  for (const request of requests) {
    if (!isDeskAction(request.action)) continue;
    for (const item of new Set(request.items)) decided.set(item, [...(decided.get(item) ?? []), request]);
  }
  return decided;
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

/**
 * The placement: an item as one person is shown it, in one desk room. It is what stands under `fr.ecritoire.item` in
 * the room, whole, with its own revision, state, actions and reason (two validators of one folder may see it differently).
 */
import * as z from 'zod/mini';
import { without } from './fields.ts';
import { CLOSED_STATES, Instant, Item, Slug, splitKey, type State } from './item.ts';
import { Outcome, Source } from './request.ts';

/** What was last done to the object from the desk: who, for whom, when, through what, and how it ended. */
export const LastAction = z.object({
  by: z.string(),
  /** As she is called; absent in what was written before names were. */
  byName: z.optional(z.string()),
  onBehalfOf: z.optional(z.string()),
  at: Instant,
  action: z.string(),
  outcome: Outcome,
  /** The desk page, or a reply or reaction from any other client. */
  through: z.optional(Source),
  /** The action as she was shown it. */
  label: z.optional(z.string()),
  /** The event id of what she asked: who waits for the outcome of that request has it here. */
  request: z.optional(z.string()),
});
export type LastAction = z.infer<typeof LastAction>;

/**
 * The delivery a placement was last changed by. Rebuild restores the delivery ids from it, and the digest by which two
 * events of one revision are told apart.
 */
export const Via = z.object({ source: z.string(), id: z.string(), digest: z.string(), contentDigest: z.optional(z.string()) });
export type Via = z.infer<typeof Via>;

export const Placement = z.extend(Item, {
  v: z.literal(1),
  bot: Slug,
  connection: Slug,
  reason: z.optional(z.string()),
  lastAction: z.optional(LastAction),
  via: z.optional(Via),
});
export type Placement = z.infer<typeof Placement>;

/** Why a placement is taken away; also what tells « retiré » from « annulé » when it is written down. */
export const REASSIGNED = 'réattribué';

/** Shows an item to one person: `reason` says why her, `via` which delivery said so. */
export function place(item: Item, { reason, via, lastAction }: { reason?: string; via?: Via; lastAction?: LastAction }): Placement {
  const { bot, connection } = splitKey(item.key);
  return {
    ...item,
    v: 1,
    bot,
    connection,
    ...(reason !== undefined && { reason }),
    ...(lastAction && { lastAction }),
    ...(via && { via }),
  };
}

/** The source asks nothing more: the content last shown stays, only state and revision move. */
export function closePlacement(
  shown: Placement,
  { state, revision, via, lastAction }: { state: 'done' | 'cancelled' | 'expired'; revision: number; via?: Via; lastAction?: LastAction },
): Placement {
  return { ...without(shown, 'via'), state, revision, ...(lastAction && { lastAction }), ...(via && { via }) };
}

/** It concerns somebody else now: she keeps the content last shown to her, as cancelled, « réattribué ». */
export function takeAway(shown: Placement, { revision, via }: { revision: number; via?: Via }): Placement {
  return { ...closePlacement(shown, { state: 'cancelled', revision, ...(via && { via }) }), reason: REASSIGNED };
}

/** In these states the source no longer asks anything of anyone. */
export function isClosed({ state }: { state: State }): boolean {
  return CLOSED_STATES.includes(state);
}

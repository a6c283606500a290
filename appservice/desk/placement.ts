/**
 * The placement: an item as one person is shown it, in one desk room. It is what stands under `fr.ecritoire.item` in
 * the room, whole, with its own revision, state, actions and reason (two validators of one folder may see it differently).
 */
import { z } from 'zod';
import { Instant, Item, Slug } from './item.ts';

/** What was last done to the object from the desk: who, for whom, when, through what, and how it ended. */
export const LastAction = z.object({
  by: z.string(),
  onBehalfOf: z.string().optional(),
  at: Instant,
  action: z.string(),
  outcome: z.enum(['waiting', 'sent', 'confirmed', 'refused', 'failed', 'unknown']),
});

/** The delivery a placement was last changed by; rebuild restores the delivery ids from it. */
export const Via = z.object({ source: z.string(), id: z.string(), digest: z.string() });

export const Placement = Item.extend({
  v: z.literal(1),
  bot: Slug,
  connection: Slug,
  reason: z.string().optional(),
  lastAction: LastAction.optional(),
  via: Via.optional(),
});
export type Placement = z.infer<typeof Placement>;

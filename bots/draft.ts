/** What `normalise` gives: the item without what the framework adds (bot, connection, and a revision where the tool has none). */
import { z } from 'zod';
import { ActionId, Document, Due, InputField, Instant, Person, Revision, Severity, State } from '#desk/item.ts';

/** An action the item offers: its id in the bot's `actions`, and whatever differs from what stands there. */
export const OfferedAction = z.strictObject({
  id: ActionId,
  label: z.string().min(1).optional(),
  risk: z.enum(['green', 'amber', 'red']).optional(),
  repeatable: z.boolean().optional(),
  input: z.record(z.string(), InputField).optional(),
  href: z.string().optional(),
});
export type OfferedAction = z.infer<typeof OfferedAction>;

/**
 * `key` is the tool's own id of the object, 200 characters at most. Without `revision` the framework stamps the sweep's start
 * when the content differs from what is stored; without `updatedAt` the revision's instant counts.
 */
export const ItemDraft = z.strictObject({
  key: z.string().min(1).max(400),
  revision: z.optional(Revision),
  kind: z.string().min(1).optional(),
  title: z.string().min(1),
  summary: z.string().optional(),
  severity: z.optional(Severity),
  state: z.optional(State),
  dueAt: z.optional(Due),
  createdAt: z.optional(Instant),
  updatedAt: z.optional(Instant),
  startsAt: z.optional(Instant),
  endsAt: z.optional(Instant),
  place: z.string().optional(),
  joinUrl: z.string().optional(),
  count: z.optional(Revision),
  url: z.string().optional(),
  people: z.array(Person).max(50).optional(),
  dossier: z.string().min(1).optional(),
  documents: z.array(Document).max(50).optional(),
  actions: z.array(OfferedAction).max(8).optional(),
});
export type ItemDraft = z.infer<typeof ItemDraft>;

/** An object of which the tool says that it asks nothing any more. `key` as in a draft; `state` is `done` unless said. */
export type Closing = { key: string; state?: 'done' | 'cancelled' | 'expired'; revision?: number };

/**
 * A payload that is ours and cannot be used: why, in French for the admin, and where in it (`/dueDate`). With `key` it is
 * certain which object it is about: that one stays as it is, and the rest of a complete sweep still closes what is missing.
 */
export type Rejection = { reason: string; pointer?: string; key?: string };

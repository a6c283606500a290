/**
 * The item: a tool's object, as every part of Écritoire knows it. One schema for bots, hooks, store, wire and web;
 * types are inferred from it and never written a second time. Field by field: DESIGN §3.
 */
import { z } from 'zod';

export const Severity = z.enum(['info', 'normal', 'urgent']);
export type Severity = z.infer<typeof Severity>;

export const State = z.enum(['todo', 'doing', 'waiting', 'done', 'cancelled', 'expired']);
export type State = z.infer<typeof State>;

/** States in which the source no longer asks anything of anyone. */
export const CLOSED_STATES: readonly State[] = ['done', 'cancelled', 'expired'];

/** Bot, connection and organisation ids: they stand in keys, localparts and aliases, so no `:` and no `_`. */
export const Slug = z
  .string()
  .max(40)
  .regex(/^[a-z][a-z0-9-]*$/);

/** `bot:connection:externalId`, in full; splits at the first two colons. 482 UTF-16 units at most: two slugs of 40, 200 code points. */
export const ItemKey = z
  .string()
  .max(482)
  .regex(/^[a-z][a-z0-9-]*:[a-z][a-z0-9-]*:[^]+$/)
  .brand<'ItemKey'>();
export type ItemKey = z.infer<typeof ItemKey>;

/** A growing whole number, 0 to 2^53-1: Matrix events hold no fractions and no larger ones. */
const Whole = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
export const Revision = Whole;

/** The regular expressions below let 31 February through; the calendar does not. Total: zod asks it about any text. */
function isInCalendar(text: string): boolean {
  const midnight = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(text.slice(0, 10));
}

/** An instant: RFC 3339 with an offset, capital `T` and `Z`; a leap second (`:60`) is accepted. */
export const Instant = z
  .string()
  .max(40)
  .regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/)
  .refine(isInCalendar);

/** A full date: that day in the organisation's time zone. */
export const Day = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/)
  .refine(isInCalendar);

export const Due = z.union([Instant, Day]);

export const ActionId = z.string().regex(/^[a-z0-9_-]{1,40}$/);

/** One property of an action's input: the `properties` of a flat JSON Schema, each with an optional `required: true`. */
export const InputField = z.object({
  type: z.enum(['string', 'integer', 'boolean']),
  title: z.string().optional(),
  description: z.string().optional(),
  enum: z
    .array(z.union([z.string(), Whole]))
    .max(50)
    .optional(),
  minLength: Whole.optional(),
  maxLength: Whole.optional(),
  minimum: z.number().int().optional(),
  maximum: z.number().int().optional(),
  required: z.boolean().optional(),
});

export const Action = z.object({
  id: ActionId,
  label: z.string().min(1),
  risk: z.enum(['green', 'amber', 'red']),
  repeatable: z.boolean().optional(),
  input: z.record(z.string(), InputField).optional(),
  href: z.string().optional(),
});
export type Action = z.infer<typeof Action>;

/** Someone the object names. People never route: addressees do. */
export const Person = z.object({
  role: z.enum(['for', 'by', 'cc']),
  reason: z.string().optional(),
  name: z.string().optional(),
  mail: z.string().optional(),
  uid: z.string().optional(),
  matricule: z.string().optional(),
  mxid: z.string().optional(),
  group: z.string().optional(),
});
export type Person = z.infer<typeof Person>;

export const Document = z.object({
  name: z.string(),
  url: z.string(),
  mime: z.string().optional(),
  size: Whole.optional(),
});

export const Item = z.object({
  key: ItemKey,
  revision: Revision,
  kind: z.string().default('autre'),
  title: z.string(),
  summary: z.string().optional(),
  severity: Severity.default('normal'),
  state: State.default('todo'),
  dueAt: Due.optional(),
  createdAt: Instant.optional(),
  updatedAt: Instant,
  startsAt: Instant.optional(),
  endsAt: Instant.optional(),
  place: z.string().optional(),
  joinUrl: z.string().optional(),
  count: Whole.optional(),
  url: z.string().optional(),
  people: z.array(Person).max(50).default([]),
  dossier: z.string().optional(),
  documents: z.array(Document).max(50).optional(),
  actions: z.array(Action).max(8).default([]),
});
export type Item = z.infer<typeof Item>;

/** Builds the key of an item; the external id stays as the tool wrote it. */
export function itemKey(bot: string, connection: string, externalId: string): ItemKey {
  return ItemKey.parse(`${bot}:${connection}:${externalId}`);
}

/** The three parts of a key: it splits at its first two colons, the rest is the external id. */
export function splitKey(key: ItemKey): { bot: string; connection: string; externalId: string } {
  const first = key.indexOf(':');
  const second = key.indexOf(':', first + 1);
  return { bot: key.slice(0, first), connection: key.slice(first + 1, second), externalId: key.slice(second + 1) };
}

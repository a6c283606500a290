/**
 * The item: a tool's object, as every part of Écritoire knows it. One schema for bots, hooks, store, wire and web;
 * types are inferred from it and never written a second time. Field by field: DESIGN §3.
 *
 * The core's schemas are written with zod's small form: they are in every page, where the large one would weigh 18 kB
 * more. Both forms nest in each other, parse alike and give JSON Schemas.
 */
import * as z from 'zod/mini';

export const Severity = z.enum(['info', 'normal', 'urgent']);
export type Severity = z.infer<typeof Severity>;

export const State = z.enum(['todo', 'doing', 'waiting', 'done', 'cancelled', 'expired']);
export type State = z.infer<typeof State>;

/** States in which the source no longer asks anything of anyone. */
export const CLOSED_STATES: readonly State[] = ['done', 'cancelled', 'expired'];

/** Bot, connection and organisation ids: they stand in keys, localparts and aliases, so no `:` and no `_`. */
export const Slug = z.string().check(z.maxLength(40), z.regex(/^[a-z][a-z0-9-]*$/));

/** `bot:connection:externalId`, in full; splits at the first two colons. 482 UTF-16 units at most: two slugs of 40, 200 code points. */
export const ItemKey = z
  .string()
  .check(z.maxLength(482), z.regex(/^[a-z][a-z0-9-]*:[a-z][a-z0-9-]*:[^]+$/))
  .brand<'ItemKey'>();
export type ItemKey = z.infer<typeof ItemKey>;

/** A growing whole number, 0 to 2^53-1: Matrix events hold no fractions and no larger ones. */
const Whole = z.int().check(z.nonnegative());
export const Revision = Whole;

/** The regular expressions below let 31 February through; the calendar does not. Total: zod asks it about any text. */
function isInCalendar(text: string): boolean {
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8, 10))];
  if (month === 2) return day <= (isLeap(year) ? 29 : 28);
  return month >= 1 && month <= 12 && day <= (month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31);
}

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

const INSTANT = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** An instant: RFC 3339 with an offset, capital `T` and `Z`; a leap second (`:60`) is accepted. */
export const Instant = z.string().check(z.maxLength(40), z.regex(INSTANT), z.refine(isInCalendar));

/** Whether a text is an `Instant`, for those who read thousands. */
export function isInstant(text: string): boolean {
  return text.length <= 40 && INSTANT.test(text) && isInCalendar(text);
}

/** A full date: that day in the organisation's time zone. */
export const Day = z.string().check(z.regex(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/), z.refine(isInCalendar));

export const Due = z.union([Instant, Day]);

export const ActionId = z.string().check(z.regex(/^[a-z0-9_-]{1,40}$/));

/** One property of an action's input: the `properties` of a flat JSON Schema, each with an optional `required: true`. */
export const InputField = z.object({
  type: z.enum(['string', 'integer', 'boolean']),
  title: z.optional(z.string()),
  description: z.optional(z.string()),
  enum: z.optional(z.array(z.union([z.string(), Whole])).check(z.maxLength(50))),
  minLength: z.optional(Whole),
  maxLength: z.optional(Whole),
  minimum: z.optional(z.int()),
  maximum: z.optional(z.int()),
  required: z.optional(z.boolean()),
});

export const Action = z.object({
  id: ActionId,
  label: z.string().check(z.minLength(1)),
  risk: z.enum(['green', 'amber', 'red']),
  repeatable: z.optional(z.boolean()),
  input: z.optional(z.record(z.string(), InputField)),
  href: z.optional(z.string()),
});
export type Action = z.infer<typeof Action>;

/** Someone the object names. People never route: addressees do. */
export const Person = z.object({
  role: z.enum(['for', 'by', 'cc']),
  reason: z.optional(z.string()),
  name: z.optional(z.string()),
  mail: z.optional(z.string()),
  uid: z.optional(z.string()),
  matricule: z.optional(z.string()),
  mxid: z.optional(z.string()),
  group: z.optional(z.string()),
});
export type Person = z.infer<typeof Person>;

export const Document = z.object({
  name: z.string(),
  url: z.string(),
  mime: z.optional(z.string()),
  size: z.optional(Whole),
});

export const Item = z.object({
  key: ItemKey,
  revision: Revision,
  kind: z._default(z.string(), 'autre'),
  title: z.string(),
  summary: z.optional(z.string()),
  severity: z._default(Severity, 'normal'),
  state: z._default(State, 'todo'),
  dueAt: z.optional(Due),
  createdAt: z.optional(Instant),
  updatedAt: Instant,
  startsAt: z.optional(Instant),
  endsAt: z.optional(Instant),
  place: z.optional(z.string()),
  joinUrl: z.optional(z.string()),
  count: z.optional(Whole),
  url: z.optional(z.string()),
  people: z._default(z.array(Person).check(z.maxLength(50)), []),
  dossier: z.optional(z.string()),
  documents: z.optional(z.array(Document).check(z.maxLength(50))),
  actions: z._default(z.array(Action).check(z.maxLength(8)), []),
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

/**
 * The event a tool posts (HOOKS.md): one zod schema for reading it and for the JSON Schema served to vendors. `null`
 * stands for absent wherever a field is optional; prose is cleaned and shortened, identifiers are refused or kept as they are.
 */
import { z } from 'zod';
import { isMail } from '../mail.ts';
import { ActionId, Day, Instant, isInstant, Severity, State } from '../item.ts';
import { cleanProse, countPoints, hasControl } from '../text.ts';
import { parseInstant } from '../zone.ts';
import { linkFault } from './links.ts';

const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);

/** Counted in code points, as JSON Schema's maxLength is (and zod's is not). */
const identifier = (max: number) =>
  z
    .string()
    .min(1)
    .refine((text) => text.length <= max || countPoints(text) <= max, `trop long (${max} caractères au plus)`)
    .refine((text) => !hasControl(text), 'caractère de contrôle ou de direction interdit')
    .meta({ maxLength: max });

const prose = (max: number) => z.string().transform((text) => cleanProse(text, max));
const requiredProse = (max: number) => prose(max).refine((text) => text !== '', 'texte vide');
/** An optional text in which nothing readable was is absent. */
const optionalProse = (max: number) =>
  z
    .string()
    .nullish()
    .transform((text) => cleanProse(text ?? '', max) || undefined);

const whole = z.int().min(0);
const flag = optional(z.boolean());

const link = z.string().superRefine((text, context) => {
  const message = linkFault(text);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

const patternOf = (schema: z.core.$ZodType): string => String(z.toJSONSchema(schema).pattern);
const INSTANT = patternOf(Instant);
const DAY = patternOf(Day);

const instant = z
  .string()
  .refine(isInstant, 'instant RFC 3339 avec décalage attendu (2026-11-27T17:00:00+01:00)')
  .meta({ pattern: INSTANT });
const due = z
  .string()
  .refine((text) => isInstant(text) || Day.safeParse(text).success, 'instant RFC 3339 avec décalage, ou jour (2026-11-27), attendu')
  .meta({ anyOf: [INSTANT, DAY].map((pattern) => ({ type: 'string', pattern })) });

/** What an address is made of, by kind; the names of these members are the kinds of addressees. */
const addresses = {
  mail: identifier(200).refine(isMail, 'adresse de messagerie impossible'),
  uid: identifier(200),
  matricule: identifier(200),
  mxid: identifier(200).refine(
    (text) => /^@[!-9;-~]+:([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/.test(text),
    'identifiant Matrix impossible',
  ),
  group: identifier(200),
};
export const ADDRESS_KINDS = ['mail', 'uid', 'matricule', 'mxid', 'group'] as const satisfies readonly (keyof typeof addresses)[];
export type AddressKind = (typeof ADDRESS_KINDS)[number];
const optionalAddresses = {
  mail: optional(addresses.mail),
  uid: optional(addresses.uid),
  matricule: optional(addresses.matricule),
  mxid: optional(addresses.mxid),
  group: optional(addresses.group),
};
type Addresses = Partial<Record<AddressKind, string | undefined>>;
const countAddresses = (entry: Addresses): number => ADDRESS_KINDS.filter((kind) => entry[kind] !== undefined).length;

const Addressee = z
  .object({ ...optionalAddresses, reason: optionalProse(200) })
  .refine((entry) => countAddresses(entry) === 1, `exactement un identifiant attendu parmi ${ADDRESS_KINDS.join(', ')}`)
  .meta({ oneOf: ADDRESS_KINDS.map((kind) => ({ type: 'object', required: [kind], properties: { [kind]: { type: 'string' } } })) });

const Person = z
  .object({ role: z.enum(['for', 'by', 'cc']), name: optionalProse(200), reason: optionalProse(200), ...optionalAddresses })
  .refine((entry) => countAddresses(entry) <= 1, 'un identifiant au plus');

const Document = z.object({ name: requiredProse(200), url: link, mime: optionalProse(200), size: optional(whole) });

/** Words of JSON Schema that would nest or refer: said to be refused rather than left out, because they change the meaning. */
const NESTING = [
  '$ref',
  '$dynamicRef',
  '$defs',
  'definitions',
  'properties',
  'patternProperties',
  'additionalProperties',
  'items',
  'prefixItems',
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
];
const refused = z.never().nullish();

const InputField = z.object({
  type: z.enum(['string', 'integer', 'boolean']),
  title: optionalProse(200),
  description: optionalProse(200),
  enum: optional(z.array(z.union([identifier(200), whole])).max(50)),
  minLength: optional(whole),
  maxLength: optional(whole),
  minimum: optional(z.int()),
  maximum: optional(z.int()),
  required: flag,
  ...Object.fromEntries(NESTING.map((word) => [word, refused])),
});

const Action = z
  .object({
    id: ActionId,
    label: requiredProse(200),
    risk: z.enum(['green', 'amber', 'red']),
    repeatable: flag,
    input: optional(z.record(identifier(200), InputField)),
    href: optional(link),
  })
  .superRefine(({ risk, href }, context) => {
    if (risk === 'red' && href === undefined)
      context.addIssue({ code: 'custom', path: ['href'], message: 'obligatoire pour une action rouge' });
    if (risk !== 'red' && href !== undefined) context.addIssue({ code: 'custom', path: ['href'], message: 'réservé aux actions rouges' });
  });

const Actions = z
  .array(Action)
  .max(8)
  .superRefine((actions, context) => {
    actions.forEach(({ id }, index) => {
      const isRepeated = actions.findIndex((action) => action.id === id) < index;
      if (isRepeated) context.addIssue({ code: 'custom', path: [index, 'id'], message: 'identifiant d’action présent deux fois' });
    });
  });

const fields = {
  key: identifier(200),
  revision: optional(whole),
  kind: optional(identifier(200)),
  summary: optionalProse(500),
  severity: optional(z.enum(Severity.options)),
  state: optional(z.enum(State.options)),
  dueAt: optional(due),
  createdAt: optional(instant),
  startsAt: optional(instant),
  endsAt: optional(instant),
  place: optionalProse(200),
  joinUrl: optional(link),
  count: optional(whole),
  url: optional(link),
  people: optional(z.array(Person).max(50)),
  dossier: optional(identifier(200)),
  documents: optional(z.array(Document).max(50)),
  actions: optional(Actions),
};

const Upsert = z.object({
  op: z.literal('upsert').describe('how the object stands now'),
  to: z.array(Addressee).min(1).max(200),
  item: z.object({ ...fields, title: requiredProse(200) }),
});
/** `to` is not read here; a title may be missing. */
const Close = z.object({
  op: z.literal('close').describe('the source no longer asks anything of anyone'),
  item: z.object({ ...fields, title: optionalProse(200) }),
});

/** The `data` of an event, as served at /hooks/schema.json. */
export const Data = z.discriminatedUnion('op', [Upsert, Close]);
export type Data = z.infer<typeof Data>;

/** A media type with perhaps a charset: JSON, in UTF-8. */
const isJsonType = (text: string): boolean => /^\s*application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(text);

/** A CloudEvent 1.0 in structured mode. Attributes that are not named here are left out. */
export const CloudEvent = z.object({
  specversion: z.literal('1.0'),
  id: identifier(500),
  source: identifier(500),
  type: identifier(200),
  time: instant.refine((text) => parseInstant(text) >= 0, 'instant antérieur à 1970'),
  subject: optional(identifier(500)),
  datacontenttype: optional(z.string().refine(isJsonType, 'application/json attendu')),
  data_base64: refused,
  data: Data,
});
export type CloudEvent = z.infer<typeof CloudEvent>;

export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** JSON Schema (2020-12) of what a sender writes; unknown fields are accepted, nothing in it is a default of ours to rely on. */
export const eventSchema: JsonSchema = z.toJSONSchema(CloudEvent, { io: 'input', unrepresentable: 'any' });
export const dataSchema: JsonSchema = {
  $comment: 'Generated from appservice/desk/delivery/schema.ts by zod',
  title: 'data of an event for POST /hooks/:connection',
  ...z.toJSONSchema(Data, { io: 'input', unrepresentable: 'any' }),
};

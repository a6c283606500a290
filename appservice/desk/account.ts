/**
 * What « Mes outils » knows of one connection, as the appservice tells the web: never a secret. Instants in ms. And the
 * closed list of what can be wrong with what an agent asks there.
 */
import * as z from 'zod/mini';

export const ACCOUNT_FAULTS = [
  /** The session has ended. */
  'signed_out',
  /** There is no such connection of hers, or it needs no account, or none is linked. */
  'unknown',
  /** What was typed is not of the form; `fields` says where. */
  'fields',
  /** The tool refuses what was typed. */
  'refused',
  /** The tool knows her, and does not let her in. */
  'denied',
  /** The tool asks to wait. */
  'busy',
  'down',
  /** It answers otherwise than it should, or our set-up is wrong. */
  'broken',
  /** She has tried too often. */
  'too_many',
  /** The key that sealed the account is not at hand. */
  'lost',
  /** She did not say yes at the tool in time. */
  'expired',
  /** The desk itself does not answer. */
  'unavailable',
] as const;
export const AccountFault = z.enum(ACCOUNT_FAULTS);
export type AccountFault = z.infer<typeof AccountFault>;

export const AccountField = z.object({
  name: z.string(),
  label: z.string(),
  kind: z.enum(['text', 'mail', 'secret']),
  isRequired: z.boolean(),
  maxLength: z.optional(z.number()),
});
export type AccountField = z.infer<typeof AccountField>;

/** What is asked of a tool's own page: until when, and where; without `url` it is over, and `ended` says how. */
export const AccountGrant = z.object({ until: z.number(), url: z.optional(z.string()), ended: z.optional(AccountFault) });
export type AccountGrant = z.infer<typeof AccountGrant>;

export const ToolAccount = z.object({
  connection: z.string(),
  organisation: z.string(),
  label: z.string(),
  mark: z.optional(z.string()),
  url: z.optional(z.string()),
  /** `own`: an account of hers; `shared`: the desk reads for everybody; `posts`: the tool tells by itself. */
  needs: z.enum(['own', 'shared', 'posts']),
  /** Of the account when it is `own`: never linked, linked, refused by the tool, or sealed with a key that is not at hand. */
  state: z.enum(['none', 'linked', 'refused', 'lost']),
  /** What the tool knows her by. */
  name: z.optional(z.string()),
  linkedAt: z.optional(z.number()),
  refusedAt: z.optional(z.number()),
  lastSuccess: z.optional(z.number()),
  /** Why it was not read since. */
  trouble: z.optional(z.enum(['down', 'denied', 'broken'])),
  fields: z.array(AccountField),
  canGrant: z.boolean(),
  grant: z.optional(AccountGrant),
});
export type ToolAccount = z.infer<typeof ToolAccount>;

/** What became of an account that was unlinked: given back at the tool, hers to keep, or not to be reached. */
export const Unlinked = z.enum(['revoked', 'kept', 'failed']);
export type Unlinked = z.infer<typeof Unlinked>;

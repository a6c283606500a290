/**
 * The addresses by which an agent is found, as « Mes outils » shows them: those of the directory, those she has proven to be
 * hers by a code, and the code that is still asked of her. Instants in ms.
 */
import * as z from 'zod/mini';

export const MAIL_FAULTS = [
  /** The session has ended. */
  'signed_out',
  /** There is nothing of the kind to do: no mail is sent from here, or the address is none of hers. */
  'unknown',
  /** What was typed is no address. */
  'mail',
  /** It is hers already. */
  'known',
  /** She has as many as one may have. */
  'full',
  /** Too many codes were asked for: by her, or for this address. */
  'too_many',
  /** The mail server says that there is no such mailbox, or does not take mails for it. */
  'refused',
  'down',
  /** It does not answer in time: the mail may come, or may not. */
  'slow',
  /** It answers otherwise than it should, or our set-up is wrong. */
  'broken',
  /** What was typed is not of the form of a code; this is no try. */
  'digits',
  /** The code is another one; `left` says how many tries there are. */
  'wrong',
  /** All tries are used. */
  'spent',
  /** The code is too old, was used or was replaced. */
  'expired',
  /** By the directory it is somebody else's: only said to whoever has just shown to read its mails. */
  'taken',
  /** The desk itself does not answer. */
  'unavailable',
] as const;
export const MailFault = z.enum(MAIL_FAULTS);
export type MailFault = z.infer<typeof MailFault>;

export const AskedCode = z.object({ mail: z.string(), until: z.number(), state: z.enum(['sent', 'spent', 'expired']), left: z.number() });
export type AskedCode = z.infer<typeof AskedCode>;

export const OwnMails = z.object({
  /** Whether another one can be proven here. */
  isOffered: z.boolean(),
  /** Those of the directory. */
  known: z.array(z.string()),
  /** `isOverruled`: the directory has given it to somebody else since. */
  proven: z.array(z.object({ mail: z.string(), provenAt: z.number(), isOverruled: z.boolean() })),
  asked: z.optional(AskedCode),
});
export type OwnMails = z.infer<typeof OwnMails>;

export const MailAnswer = z.object({ fault: z.optional(MailFault), left: z.optional(z.number()), mail: z.optional(z.string()) });
export type MailAnswer = z.infer<typeof MailAnswer>;

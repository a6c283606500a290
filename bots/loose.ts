/** What tools send, taken as it comes: numbers for texts, nothing for an empty list, and what is of another type is not there. */
import { z } from 'zod';

const asText = (of: unknown): unknown => (typeof of === 'number' ? String(of) : of);

/** The one thing that must be there. */
export const LooseId = z.preprocess(asText, z.string().min(1).max(200));
export const LooseText = z.preprocess(asText, z.string().trim().min(1)).nullish().catch(undefined);
/** A word of the tool's vocabulary, in capitals whatever it writes; empty when it says none. */
export const LooseWord = z.string().trim().toUpperCase().catch('');
export const LooseIs = z.boolean().nullish().catch(undefined);
export const LooseNamed = z.object({ id: LooseText, name: LooseText }).nullish().catch(undefined);

/** A list of what can be read in it. */
export function looseList<T>(of: z.ZodType<T>): z.ZodType<T[]> {
  return z
    .array(z.unknown())
    .catch([])
    .transform((all) => all.flatMap((one) => of.safeParse(one).data ?? []));
}

/** The same where no list at all says something else than an empty one. */
export function listOrNone<T>(of: z.ZodType<T>): z.ZodType<T[] | undefined> {
  return z.preprocess((given) => (Array.isArray(given) ? given : undefined), looseList(of).optional());
}

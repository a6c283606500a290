/** A folder of i-Parapheur and its steps, as far as either of its interfaces gives them. */
import { z } from 'zod';
import { listOrNone, LooseId, LooseIs, looseList, LooseNamed, LooseText, LooseWord } from './loose.ts';

export const Names = looseList(LooseNamed);
const Subtype = z.object({ name: LooseText, readingMandatory: LooseIs }).nullish().catch(undefined);
const Needs = { mandatoryValidationMetadata: looseList(z.unknown()), mandatoryRejectionMetadata: looseList(z.unknown()) };
/** Nothing of a step is certain: one to come has no id yet. The public list has a folder's `id`, `name` and `dueDate` only. */
const Step = z.object({ id: LooseId.catch(''), action: LooseWord, state: LooseWord, desks: Names, delegatedByDesk: LooseNamed, ...Needs });
export const Folder = z.object({
  id: LooseId,
  name: z.string().trim().min(1),
  dueDate: LooseText,
  draftCreationDate: LooseText,
  type: LooseNamed,
  subtype: Subtype,
  originDesk: LooseNamed,
  documentList: Names,
  stepList: listOrNone(Step),
  readByCurrentUser: LooseIs,
});
export type Step = z.infer<typeof Step>;

/** Why someone who proved an identity does not get a desk; the web turns the reason into a sentence. */
import { DeskError } from '#desk/errors.ts';

/** `unknown_organisation`: no served organisation has that SIRET; `left`: she works here no more; `refused`: all else. */
export type RefusalReason = 'unknown_organisation' | 'left' | 'refused';

export class Refusal extends DeskError {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string, options?: { cause?: unknown }) {
    super('denied', message, options);
    this.reason = reason;
  }
}

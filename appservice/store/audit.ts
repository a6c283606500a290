/** What happened, by whom, to what: written from the first day, because it cannot be invented afterwards. Never updated. */
import { v7 as uuidv7 } from 'uuid';
import { leave } from './driver.ts';
import type { Store } from './open.ts';

/**
 * One line of the record. `who` is an mxid, `connection:<id>` or `appservice`; `what` a dotted word (`session.opened`,
 * `hook.rejected`); `subject` what it was done to. `details` hold no secret and no payload.
 */
export type AuditEntry = { organisation?: string; who: string; what: string; subject?: string; details?: Record<string, unknown> };

/** Writes one entry, in the transaction of what it tells where there is one. */
export async function writeAudit(db: Store, { organisation, who, what, subject, details = {} }: AuditEntry): Promise<void> {
  const row = { id: uuidv7(), organisation: organisation ?? null, who, what, subject: subject ?? null, details: JSON.stringify(details) };
  await leave(db, db.insertInto('record.audit').values(row).compile());
}

/** What was written about a subject by one who did this, newest last. */
export async function auditsOf(db: Store, subject: string, what: string): Promise<{ details: Record<string, unknown> }[]> {
  return db.selectFrom('record.audit').select('details').where('subject', '=', subject).where('what', '=', what).orderBy('id').execute();
}

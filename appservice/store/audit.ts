/** The audit: what happened, by whom, to what. Written from the first day, never rewritten (`record.audit`). */
import type { Kysely } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { Tables } from './tables.ts';

/** `who` is a localpart, `tool` a connection's id, or `unknown`; `what` a dotted word. No secret, mail or payload in `details`. */
export type AuditLine = { organisation?: string; who: string; what: string; subject?: string; details?: Record<string, unknown> };

export async function writeAudit(db: Kysely<Tables>, { organisation, who, what, subject, details = {} }: AuditLine): Promise<void> {
  const row = { id: uuidv7(), organisation, who, what, subject, details: JSON.stringify(details) };
  await db.insertInto('record.audit').values(row).execute();
}

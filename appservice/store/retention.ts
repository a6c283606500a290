/** Forgets what the outbox and the inbox need no longer; what is primary data is never touched here. */
import { sql } from 'kysely';
import type { Store } from './open.ts';

/** Sent rows answer « was this sent? » for twice the 24 h in which Synapse knows a transaction id; dead ones wait for an admin. */
export async function forgetRows(store: Store): Promise<{ sent: number; dead: number; handled: number }> {
  const sent = await sql`delete from work.outbox where sent_at < now() - interval '2 days'`.execute(store);
  const dead = await sql`delete from work.outbox where dead_at < now() - interval '30 days'`.execute(store);
  const handled = await sql`delete from work.inbox where handled_at < now() - interval '7 days'`.execute(store);
  const count = ({ numAffectedRows }: { numAffectedRows?: bigint }): number => Number(numAffectedRows ?? 0n);
  return { sent: count(sent), dead: count(dead), handled: count(handled) };
}

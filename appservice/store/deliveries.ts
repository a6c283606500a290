/** Deliveries by their identity (connection, `source`, `id`), kept 30 days: what makes a repetition harmless. */
import { sql } from 'kysely';
import { DeskError } from '#desk/errors.ts';
import type { Store } from './open.ts';

export type DeliveryId = { connection: string; source: string; id: string };
export type DigestedId = DeliveryId & { digest: string };

/** Writes new ones, in the order of their identity. Throws `conflict` when another transaction took one of them meanwhile. */
export async function insertDeliveries(db: Store, deliveries: readonly DigestedId[]): Promise<void> {
  const { numAffectedRows } = await sql`insert into work.deliveries (connection, source, id, digest)
    select connection, source, id, digest
    from jsonb_to_recordset(${JSON.stringify(deliveries)}::jsonb) as sent(connection text, source text, id text, digest text)
    order by connection, source, id on conflict do nothing`.execute(db);
  if (Number(numAffectedRows ?? 0) < deliveries.length)
    throw new DeskError('conflict', 'Another transaction accepted one of these deliveries meanwhile');
}

/** Identifiers hold no control characters, so a line feed keeps them apart. */
export function deliveryName({ connection, source, id }: DeliveryId): string {
  return `${connection}\n${source}\n${id}`;
}

/** Forgets what was accepted more than 30 days ago; answers how many. */
export async function forgetDeliveries(db: Store): Promise<number> {
  const { numAffectedRows } = await sql`delete from work.deliveries where accepted_at < now() - interval '30 days'`.execute(db);
  return Number(numAffectedRows ?? 0);
}

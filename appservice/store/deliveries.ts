/** Deliveries by their identity (connection, `source`, `id`), kept 30 days: what makes a repetition harmless. */
import { sql } from 'kysely';
import type { Store } from './open.ts';

export type DeliveryId = { connection: string; source: string; id: string };

/** The digests of those that were accepted before, by `deliveryName`. */
export async function findDeliveries(db: Store, ids: readonly DeliveryId[]): Promise<Map<string, string>> {
  const { rows } = await sql<DeliveryId & { digest: string }>`select known.connection, known.source, known.id, known.digest
    from jsonb_to_recordset(${JSON.stringify(ids)}::jsonb) as asked(connection text, source text, id text)
    join work.deliveries known using (connection, source, id)`.execute(db);
  return new Map(rows.map((row) => [deliveryName(row), row.digest]));
}

/** Writes new ones, in the order of their identity. False when another transaction was quicker with one of them. */
export async function insertDeliveries(db: Store, deliveries: readonly (DeliveryId & { digest: string })[]): Promise<boolean> {
  const { numAffectedRows } = await sql`insert into work.deliveries (connection, source, id, digest)
    select connection, source, id, digest
    from jsonb_to_recordset(${JSON.stringify(deliveries)}::jsonb) as sent(connection text, source text, id text, digest text)
    order by connection, source, id on conflict do nothing`.execute(db);
  return Number(numAffectedRows ?? 0) === deliveries.length;
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

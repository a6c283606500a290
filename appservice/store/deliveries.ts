/** Deliveries by their identity (connection, `source`, `id`), kept 30 days: what makes a repetition harmless. */
import { sql } from 'kysely';
import { DeskError } from '#desk/errors.ts';
import type { Store } from './open.ts';

export type DeliveryId = { connection: string; source: string; id: string };
export type DigestedId = DeliveryId & { digest: string };

/** The digests of those that were accepted before, by `deliveryName`. */
export async function findDeliveries(db: Store, ids: readonly DeliveryId[]): Promise<Map<string, string>> {
  const { rows } = await sql<DigestedId>`select known.connection, known.source, known.id, known.digest
    from jsonb_to_recordset(${JSON.stringify(ids)}::jsonb) as asked(connection text, source text, id text)
    join work.deliveries known using (connection, source, id)`.execute(db);
  return new Map(rows.map((row) => [deliveryName(row), row.digest]));
}

/**
 * Writes all of them, no two alike, when none was accepted before; else none, and answers the digests of those that were, by
 * `deliveryName`. Throws `conflict` when another transaction took one of them meanwhile.
 */
export async function takeDeliveries(db: Store, deliveries: readonly DigestedId[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ [Name in keyof DigestedId]: string | null } & { taken: number }>`with sent as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(deliveries)}::jsonb) as sent(connection text, source text, id text, digest text)),
    known as materialized (select known.connection, known.source, known.id, known.digest
      from sent join work.deliveries known using (connection, source, id)),
    taken as (insert into work.deliveries (connection, source, id, digest)
      select connection, source, id, digest from sent where not exists (select 1 from known)
      order by connection, source, id on conflict do nothing returning 1)
    select known.*, (select count(*) from taken) as taken from (values (1)) one left join known on true`.execute(db);
  const known = new Map(
    rows.flatMap(({ connection, source, id, digest }) =>
      connection === null || source === null || id === null || digest === null
        ? []
        : [[deliveryName({ connection, source, id }), digest] as const],
    ),
  );
  if (known.size === 0 && rows[0]?.taken !== deliveries.length) throw taken();
  return known;
}

const taken = (): DeskError => new DeskError('conflict', 'Another transaction accepted one of these deliveries meanwhile');

/** Writes new ones, in the order of their identity. Throws `conflict` when another transaction took one of them meanwhile. */
export async function insertDeliveries(db: Store, deliveries: readonly DigestedId[]): Promise<void> {
  const { numAffectedRows } = await sql`insert into work.deliveries (connection, source, id, digest)
    select connection, source, id, digest
    from jsonb_to_recordset(${JSON.stringify(deliveries)}::jsonb) as sent(connection text, source text, id text, digest text)
    order by connection, source, id on conflict do nothing`.execute(db);
  if (Number(numAffectedRows ?? 0) < deliveries.length) throw taken();
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

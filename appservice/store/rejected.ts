/** Signed bodies that could not be used, sealed, with the reason an admin reads; kept 30 days. */
import { sql } from 'kysely';
import type { Store } from './open.ts';
import { keyedHash, seal, unseal } from './seal.ts';

export type Rejected = { connection: string; body: Uint8Array; reason: unknown };

/** Keeps a body aside. The same body again is the same row, so that a tool that repeats itself fills nothing. */
export async function keepRejected(db: Store, recordKey: Buffer, { connection, body, reason }: Rejected): Promise<void> {
  const id = uuidOf(keyedHash(recordKey, 'rejected', [connection, Buffer.from(body).toString('base64')]));
  const sealed = seal(recordKey, body, `record.rejected ${connection} ${id}`);
  await db
    .insertInto('record.rejected')
    .values({ id, connection, reason: JSON.stringify(reason), sealed })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ reason: JSON.stringify(reason), rejected_at: sql<Date>`now()` }))
    .execute();
}

/** The body of a row, as it was received; undefined when there is no such row. */
export async function openRejected(db: Store, recordKey: Buffer, id: string): Promise<{ connection: string; body: Buffer } | undefined> {
  const row = await db.selectFrom('record.rejected').select(['connection', 'sealed']).where('id', '=', id).executeTakeFirst();
  return row && { connection: row.connection, body: unseal(recordKey, row.sealed, `record.rejected ${row.connection} ${id}`) };
}

export async function forgetRejected(db: Store): Promise<number> {
  const { numAffectedRows } = await sql`delete from record.rejected where rejected_at < now() - interval '30 days'`.execute(db);
  return Number(numAffectedRows ?? 0);
}

/** A UUID of our own making (version 8, RFC 9562) from a hash in hex. */
function uuidOf(hash: string): string {
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

/** What our OIDC provider keeps (codes, grants, its sessions), for all replicas of the web: `record.oidc`. */
import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';

type Db = Kysely<Tables>;
export type OidcPayload = Record<string, unknown>;

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** Writes the record anew; `expiresIn` in seconds, undefined for one that does not lapse. */
export async function putOidc(db: Db, model: string, id: string, payload: OidcPayload, expiresIn?: number): Promise<void> {
  const row = {
    payload: JSON.stringify(payload),
    grant_id: text(payload.grantId),
    user_code: text(payload.userCode),
    uid: text(payload.uid),
    expires_at: expiresIn === undefined ? null : new Date(Date.now() + expiresIn * 1000),
  };
  await db
    .insertInto('record.oidc')
    .values({ model, id, ...row })
    .onConflict((clash) => clash.columns(['model', 'id']).doUpdateSet(row))
    .execute();
}

/** Writes the record if there is none by that id; false when there is: what must come once, came twice. */
export async function putOidcOnce(db: Db, model: string, id: string, expiresIn: number): Promise<boolean> {
  const made = await db
    .insertInto('record.oidc')
    .values({ model, id, payload: '{}', expires_at: new Date(Date.now() + expiresIn * 1000) })
    .onConflict((clash) => clash.doNothing())
    .executeTakeFirst();
  return made.numInsertedOrUpdatedRows === 1n;
}

/** By id, or for a `uid` by that; undefined when there is none or it has lapsed. A consumed one carries `consumed` (seconds). */
export async function findOidc(db: Db, model: string, by: { id: string } | { uid: string }): Promise<OidcPayload | undefined> {
  const row = await db
    .selectFrom('record.oidc')
    .select(['payload', 'consumed_at'])
    .where('model', '=', model)
    .where('id' in by ? 'id' : 'uid', '=', 'id' in by ? by.id : by.uid)
    .where((where) => where.or([where.eb('expires_at', 'is', null), where.eb('expires_at', '>', sql<Date>`now()`)]))
    .executeTakeFirst();
  return row && { ...row.payload, ...(row.consumed_at && { consumed: Math.floor(row.consumed_at.getTime() / 1000) }) };
}

export async function consumeOidc(db: Db, model: string, id: string): Promise<void> {
  await db
    .updateTable('record.oidc')
    .set({ consumed_at: sql`now()` })
    .where('model', '=', model)
    .where('id', '=', id)
    .execute();
}

export async function deleteOidc(db: Db, model: string, id: string): Promise<void> {
  await db.deleteFrom('record.oidc').where('model', '=', model).where('id', '=', id).execute();
}

export async function deleteOidcGrant(db: Db, grantId: string): Promise<void> {
  await db.deleteFrom('record.oidc').where('grant_id', '=', grantId).execute();
}

/** Throws away what lapsed; answers how many rows that was. */
export async function pruneOidc(db: Db): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('record.oidc')
    .where('expires_at', '<', sql<Date>`now() - interval '1 hour'`)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** Signed bodies that could not be used, sealed, with the reason an admin reads; kept 30 days. */
import { sql } from 'kysely';
import type { Store } from './open.ts';
import { keyedHash, seal, unseal } from './seal.ts';

export type Rejected = { connection: string; body: Uint8Array; reason: unknown };

/** Keeps a body aside. The same body again is the same row, so that a tool that repeats itself fills nothing. Answers whether it is new. */
export async function keepRejected(db: Store, recordKey: Buffer, { connection, body, reason }: Rejected): Promise<boolean> {
  const id = uuidOf(keyedHash(recordKey, 'rejected', [connection, Buffer.from(body).toString('base64')]));
  const sealed = seal(recordKey, body, `record.rejected ${connection} ${id}`);
  const { isNew } = await db
    .insertInto('record.rejected')
    .values({ id, connection, reason: JSON.stringify(reason), sealed })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({ reason: JSON.stringify(reason), rejected_at: sql<Date>`now()`, replayed_at: null }),
    )
    .returning(sql<boolean>`xmax = 0`.as('isNew')) // no older version of the row was locked: it was inserted
    .executeTakeFirstOrThrow();
  return isNew;
}

/** The body of a row, as it was received; undefined when there is no such row. */
export async function openRejected(db: Store, recordKey: Buffer, id: string): Promise<{ connection: string; body: Buffer } | undefined> {
  const row = await db.selectFrom('record.rejected').select(['connection', 'sealed']).where('id', '=', id).executeTakeFirst();
  return row && { connection: row.connection, body: unseal(recordKey, row.sealed, `record.rejected ${row.connection} ${id}`) };
}

export type RejectedRow = { id: string; number: number; connection: string; reason: unknown; rejectedAt: Date; replayedAt: Date | null };

/** `connections`: whose; undefined: of all. */
type Which = { connections: readonly string[] | undefined };

const COLUMNS = ['id', 'number', 'connection', 'reason', 'rejected_at as rejectedAt', 'replayed_at as replayedAt'] as const;

/** What still stands aside, oldest number first. */
export function listRejected(
  db: Store,
  { connections, after = 0, offset = 0, limit }: Which & { after?: number; offset?: number; limit: number },
): Promise<RejectedRow[]> {
  return standing(db, { connections }).select(COLUMNS).where('number', '>', after).orderBy('number').offset(offset).limit(limit).execute();
}

export async function countRejected(db: Store, which: Which): Promise<number> {
  const { count } = await standing(db, which)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

/** One by its number, replayed ones too. */
export function findRejected(db: Store, { connections, number }: Which & { number: number }): Promise<RejectedRow | undefined> {
  const rows = db.selectFrom('record.rejected').select(COLUMNS).where('number', '=', number);
  return (connections === undefined ? rows : rows.where('connection', 'in', [...connections, ''])).executeTakeFirst();
}

export async function markReplayed(db: Store, id: string): Promise<void> {
  await db
    .updateTable('record.rejected')
    .set({ replayed_at: sql<Date>`now()` })
    .where('id', '=', id)
    .execute();
}

export async function keepReason(db: Store, id: string, reason: unknown): Promise<void> {
  await db
    .updateTable('record.rejected')
    .set({ reason: JSON.stringify(reason) })
    .where('id', '=', id)
    .execute();
}

function standing(db: Store, { connections }: Which) {
  const rows = db.selectFrom('record.rejected').where('replayed_at', 'is', null);
  // An empty list is none of them: '' is no connection.
  return connections === undefined ? rows : rows.where('connection', 'in', [...connections, '']);
}

export async function forgetRejected(db: Store): Promise<number> {
  const { numAffectedRows } = await sql`delete from record.rejected where rejected_at < now() - interval '30 days'`.execute(db);
  return Number(numAffectedRows ?? 0);
}

/** A UUID of our own making (version 8, RFC 9562) from a hash in hex. */
function uuidOf(hash: string): string {
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

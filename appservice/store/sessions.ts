/** One row per web session, which is one Matrix device: `record.sessions`. No access token is kept here. */
import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';

type Db = Kysely<Tables>;

export type SessionRow = {
  id: string;
  localpart: string;
  organisation: string;
  provider: string;
  issuer: string;
  sub: string;
  /** The provider's own session id, for back-channel logout. */
  sid: string | null;
  deviceId: string;
  /** Sealed with the record key; the hint of logout at the provider. */
  idToken: Buffer | null;
  expiresAt: number;
};

export async function insertSession(db: Db, { deviceId, idToken, expiresAt, ...row }: SessionRow): Promise<void> {
  await db
    .insertInto('record.sessions')
    .values({ ...row, device_id: deviceId, id_token: idToken, expires_at: new Date(expiresAt) })
    .execute();
}

const COLUMNS = [
  'id',
  'localpart',
  'organisation',
  'provider',
  'issuer',
  'sub',
  'sid',
  'device_id as deviceId',
  'id_token as idToken',
  sql<number>`(extract(epoch from expires_at) * 1000)::bigint`.as('expiresAt'),
] as const;

/** The session when it goes on: neither ended nor past its time. */
export async function findLiveSession(db: Db, id: string): Promise<SessionRow | undefined> {
  return db
    .selectFrom('record.sessions')
    .select(COLUMNS)
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst();
}

/**
 * Marks the session ended and answers its row, or undefined when it was ended before (or never was): of two that end
 * the same session one does the rest.
 */
export async function endSession(db: Db, id: string, reason: string): Promise<SessionRow | undefined> {
  return db
    .updateTable('record.sessions')
    .set({ ended_at: sql`now()`, end_reason: reason })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .returning(COLUMNS)
    .executeTakeFirst();
}

/** Takes back {@link endSession}: its device could not be signed out, so it is to be tried again. */
export async function reviveSession(db: Db, id: string): Promise<void> {
  await db.updateTable('record.sessions').set({ ended_at: null, end_reason: null }).where('id', '=', id).execute();
}

/** Ids of sessions whose time is over and that nobody has ended yet, oldest first. */
export async function expiredSessions(db: Db, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('record.sessions')
    .select('id')
    .where('ended_at', 'is', null)
    .where('expires_at', '<=', sql<Date>`now()`)
    .orderBy('expires_at')
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}

/** Ids of the live sessions that a provider's logout token names: by its session id when it gives one, else by person. */
export async function sessionsNamed(db: Db, by: { issuer: string; sid?: string; sub?: string }): Promise<string[]> {
  const rows = await db
    .selectFrom('record.sessions')
    .select('id')
    .where('ended_at', 'is', null)
    .where('issuer', '=', by.issuer)
    .$if(by.sid !== undefined, (query) => query.where('sid', '=', by.sid ?? ''))
    .$if(by.sid === undefined || by.sub !== undefined, (query) => query.where('sub', '=', by.sub ?? ''))
    .execute();
  return rows.map((row) => row.id);
}

export async function sessionsOf(db: Db, localpart: string): Promise<string[]> {
  const rows = await db
    .selectFrom('record.sessions')
    .select('id')
    .where('localpart', '=', localpart)
    .where('ended_at', 'is', null)
    .execute();
  return rows.map((row) => row.id);
}

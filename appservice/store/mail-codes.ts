/** Codes by which agents prove addresses: `record.mail_codes`. One at most is open for each agent; times are the store's own. */
import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type { Store } from './open.ts';

export type MailCode = { id: string; mail: string; digest: string; until: Date; tries: number; isOver: boolean };

export const newCodeId = (): string => uuidv7();

const ADVISORY_KEY = 7_310_555; // any constant of our own: codes are counted and made by one replica at a time

/** Takes, until the end of the transaction, the right to make codes. */
export async function lockCodes(trx: Store): Promise<void> {
  await sql`select pg_advisory_xact_lock(${ADVISORY_KEY})`.execute(trx);
}

/** How many were made within the last hour by this agent, and for this address by anybody. */
export async function countCodes(
  db: Store,
  { localpart, mail }: { localpart: string; mail: string },
): Promise<{ agent: number; address: number }> {
  const { rows } = await sql<{ agent: number; address: number }>`select
    (select count(*) from record.mail_codes where localpart = ${localpart} and sent_at > now() - interval '1 hour')::int as agent,
    (select count(*) from record.mail_codes where mail = ${mail} and sent_at > now() - interval '1 hour')::int as address`.execute(db);
  return rows[0] ?? { agent: 0, address: 0 };
}

/** The one before it is replaced. */
export async function keepCode(
  trx: Store,
  { id, localpart, mail, digest, lifeMs }: { id: string; localpart: string; mail: string; digest: string; lifeMs: number },
): Promise<Date> {
  await endCode(trx, localpart, 'replaced');
  const until = sql<Date>`now() + ${lifeMs} * interval '1 millisecond'`;
  const made = trx.insertInto('record.mail_codes').values({ id, localpart, mail, digest, until }).returning('until');
  return (await made.executeTakeFirstOrThrow()).until;
}

/** The open one of this agent. `isLocked`: nobody else tries it until the end of the transaction. */
export async function findCode(db: Store, localpart: string, { isLocked = false } = {}): Promise<MailCode | undefined> {
  const { rows } = await sql<MailCode>`select id, mail, digest, until, tries, until <= clock_timestamp() as "isOver"
    from record.mail_codes where localpart = ${localpart} and ended is null ${sql.raw(isLocked ? 'for update' : '')}`.execute(db);
  return rows[0];
}

export async function countTry(trx: Store, id: string): Promise<void> {
  await sql`update record.mail_codes set tries = tries + 1 where id = ${id}`.execute(trx);
}

export async function endCode(db: Store, localpart: string, ended: 'proven' | 'replaced' | 'stopped' | 'taken' | 'refused'): Promise<void> {
  await db.updateTable('record.mail_codes').set({ ended }).where('localpart', '=', localpart).where('ended', 'is', null).execute();
}

/** It never left: it counts for nobody. */
export async function dropCode(db: Store, id: string): Promise<void> {
  await db.deleteFrom('record.mail_codes').where('id', '=', id).execute();
}

/** What counts no longer: the addresses in it may be strangers'. */
export async function forgetCodes(db: Store): Promise<void> {
  await sql`delete from record.mail_codes where sent_at < now() - interval '1 hour'`.execute(db);
}

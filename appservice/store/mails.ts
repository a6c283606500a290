/**
 * Addresses that agents have proven to be theirs: `record.mails`. They say where an item goes, never who someone is: nobody
 * signs in, and nobody is an admin, by one of them.
 */
import { sql } from 'kysely';
import type { Store } from './open.ts';

/** Whether the directory gives the address `own` to somebody of its organisation, whoever: then that holds. */
export const OVERRULED =
  'exists (select 1 from record.memberships ruler where ruler.organisation = own.organisation and ruler.mail = own.mail)';

/** `isOverruled`: the directory gives it to somebody else; to herself would be well. */
export type ProvenMail = { organisation: string; mail: string; provenAt: Date; isOverruled: boolean };

/** All of one agent, in all her organisations, the oldest first. */
export async function provenMails(db: Store, localpart: string): Promise<ProvenMail[]> {
  const { rows } = await sql<ProvenMail>`select own.organisation, own.mail, own.proven_at as "provenAt",
      exists (select 1 from record.memberships ruler where ruler.organisation = own.organisation and ruler.mail = own.mail and ruler.localpart <> own.localpart) as "isOverruled"
    from record.mails own where own.localpart = ${localpart} order by own.proven_at, own.mail, own.organisation`.execute(db);
  return rows;
}

/** Makes it hers; answers whose it was before. The directory's lock must be held. */
export async function putMail(
  db: Store,
  { organisation, mail, localpart }: { organisation: string; mail: string; localpart: string },
): Promise<string | undefined> {
  const found = db.selectFrom('record.mails').select('localpart').where('organisation', '=', organisation).where('mail', '=', mail);
  const before = await found.executeTakeFirst();
  await db
    .insertInto('record.mails')
    .values({ organisation, mail, localpart })
    .onConflict((clash) => clash.columns(['organisation', 'mail']).doUpdateSet({ localpart, proven_at: sql<Date>`now()` }))
    .execute();
  return before?.localpart === localpart ? undefined : before?.localpart;
}

/** Answers in which organisations it was hers. */
export async function dropMail(db: Store, { localpart, mail }: { localpart: string; mail: string }): Promise<string[]> {
  const gone = db.deleteFrom('record.mails').where('localpart', '=', localpart).where('mail', '=', mail).returning('organisation');
  return (await gone.execute()).map(({ organisation }) => organisation);
}

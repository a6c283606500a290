/** Who is an admin: whoever the configuration names by her mail, as the directory knows her. Being in a room is not enough. */
import type { Store } from './open.ts';

/** Localparts of those among the addresses who are known and have not left, in one organisation or in any. */
export async function findAdmins(
  db: Store,
  { mails, organisation }: { mails: readonly string[]; organisation?: string },
): Promise<string[]> {
  if (mails.length === 0) return [];
  const found = db
    .selectFrom('record.memberships as member')
    .innerJoin('record.people as person', 'person.localpart', 'member.localpart')
    .select('member.localpart')
    .distinct()
    .where('person.status', '=', 'active')
    .where(
      'member.mail',
      'in',
      mails.map((mail) => mail.toLowerCase()),
    );
  const rows = await (organisation === undefined ? found : found.where('member.organisation', '=', organisation)).execute();
  return rows.map((row) => row.localpart);
}

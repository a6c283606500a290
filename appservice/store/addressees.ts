/** Finds people by how tools address them: in one organisation only, never across. */
import { sql } from 'kysely';
import type { Store } from './open.ts';

/** `mail` in lower case; `mxid` as the localpart of a user of our server. */
export type Address = { organisation: string; kind: 'mail' | 'uid' | 'matricule' | 'localpart' | 'group'; value: string };

export function addressName({ organisation, kind, value }: Address): string {
  return `${organisation}\n${kind}\n${value}`;
}

/** Localparts by `addressName`, in alphabetical order; addresses of nobody are missing. */
export async function findMembersByAddress(db: Store, addresses: readonly Address[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  if (addresses.length === 0) return found;
  const { rows } = await sql<Address & { localpart: string }>`with asked as (
      select organisation, kind, value from jsonb_to_recordset(${JSON.stringify(addresses)}::jsonb) as asked(organisation text, kind text, value text))
    select asked.*, member.localpart from asked join record.memberships member on member.organisation = asked.organisation and member.mail = asked.value where asked.kind = 'mail'
    union all
    select asked.*, member.localpart from asked join record.memberships member on member.organisation = asked.organisation and member.uid = asked.value where asked.kind = 'uid'
    union all
    select asked.*, member.localpart from asked join record.memberships member on member.organisation = asked.organisation and member.matricule = asked.value where asked.kind = 'matricule'
    union all
    select asked.*, member.localpart from asked join record.memberships member on member.organisation = asked.organisation and member.localpart = asked.value where asked.kind = 'localpart'
    union all
    select asked.*, member.localpart from asked join record.memberships member on member.organisation = asked.organisation and asked.value = any(member.groups) where asked.kind = 'group'
    order by localpart`.execute(db);
  for (const row of rows) {
    const name = addressName(row);
    found.set(name, [...(found.get(name) ?? []), row.localpart]);
  }
  return found;
}

/** Every address of one member of an organisation; empty when she is none. */
export async function addressesOfMember(db: Store, organisation: string, localpart: string): Promise<Address[]> {
  const member = await db
    .selectFrom('record.memberships')
    .select(['mail', 'uid', 'matricule', 'groups'])
    .where('organisation', '=', organisation)
    .where('localpart', '=', localpart)
    .executeTakeFirst();
  return member ? addressesOf({ organisation, localpart, ...member }) : [];
}

type Member = {
  organisation: string;
  localpart: string;
  mail: string | null;
  uid: string | null;
  matricule: string | null;
  groups: string[];
};

export function addressesOf(member: Member): Address[] {
  const { organisation, localpart } = member;
  const single = (kind: 'mail' | 'uid' | 'matricule'): Address[] =>
    member[kind] === null ? [] : [{ organisation, kind, value: member[kind] }];
  const groups = member.groups.map((value): Address => ({ organisation, kind: 'group', value }));
  return [...single('mail'), ...single('uid'), ...single('matricule'), { organisation, kind: 'localpart', value: localpart }, ...groups];
}

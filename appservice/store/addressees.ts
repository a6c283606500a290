/** Finds people by how tools address them: in one organisation only, never across. */
import { sql } from 'kysely';
import { OVERRULED } from './mails.ts';
import type { Store } from './open.ts';

const OVERRULES = sql.raw(OVERRULED);

/** `mail` in lower case; `mxid` as the localpart of a user of our server. */
export type Address = { organisation: string; kind: 'mail' | 'uid' | 'matricule' | 'localpart' | 'group'; value: string };

/** By an identifier that a tool gives, a mail folded. A user of another server is nobody's localpart here: her mxid stays whole, which matches none. */
export function addressOf(
  organisation: string,
  { kind, value }: { kind: 'mail' | 'uid' | 'matricule' | 'mxid' | 'group'; value: string },
  serverName: string,
): Address {
  if (kind !== 'mxid') return { organisation, kind, value };
  const suffix = `:${serverName}`;
  return { organisation, kind: 'localpart', value: value.endsWith(suffix) ? value.slice(1, -suffix.length) : value };
}

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
    select asked.*, own.localpart from asked join record.mails own on own.organisation = asked.organisation and own.mail = asked.value where asked.kind = 'mail' and not ${OVERRULES}
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
  const [member] = await membersOf(db, [organisation], localpart);
  return member ? addressesOf(member) : [];
}

/** Members of these organisations with all that they are addressed by; of one localpart when it is given. */
export async function membersOf(db: Store, organisations: readonly string[], localpart?: string): Promise<Member[]> {
  const own = sql<string[]>`array(select own.mail from record.mails own
    where own.organisation = member.organisation and own.localpart = member.localpart and not ${OVERRULES})`;
  const members = db
    .selectFrom('record.memberships as member')
    .select(['organisation', 'localpart', 'mail', 'uid', 'matricule', 'groups', own.as('proven')])
    .where('organisation', 'in', [...organisations]);
  return (localpart === undefined ? members : members.where('localpart', '=', localpart)).execute();
}

/** `mail` is the directory's, `proven` those besides it. */
type Member = {
  organisation: string;
  localpart: string;
  proven: string[];
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
  const proven = member.proven.map((value): Address => ({ organisation, kind: 'mail', value }));
  return [
    ...single('mail'),
    ...proven,
    ...single('uid'),
    ...single('matricule'),
    { organisation, kind: 'localpart', value: localpart },
    ...groups,
  ];
}

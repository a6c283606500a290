/** People, where they work and by which identities they sign in: `record.people`, `record.memberships`, `record.identities`. */
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Tables } from './tables.ts';

type Reader = Kysely<Tables> | Transaction<Tables>;

/** By what someone is addressed inside one organisation. `mail` in lower case. */
export type Membership = {
  localpart: string;
  organisation: string;
  mail: string | null;
  uid: string | null;
  matricule: string | null;
  groups: string[];
  /** Who says so: `config`, or `oidc:<provider>` for someone made at her first sign-in. */
  source: string;
};

export type Person = { localpart: string; name: string; status: 'active' | 'left' };

export type Identity = { issuer: string; sub: string; localpart: string; provider: string; mail: string | null };

const ADVISORY_KEY = 7_310_553; // any constant of our own: whoever decides who a person is does so alone

/** Takes, until the end of the transaction, the right to make people and to link identities: over all replicas. */
export async function lockDirectory(trx: Transaction<Tables>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${ADVISORY_KEY})`.execute(trx);
}

export async function findPerson(db: Reader, localpart: string): Promise<Person | undefined> {
  return db.selectFrom('record.people').select(['localpart', 'name', 'status']).where('localpart', '=', localpart).executeTakeFirst();
}

export async function insertPerson(db: Reader, person: { localpart: string; name: string }): Promise<void> {
  await db.insertInto('record.people').values(person).execute();
}

export async function renamePerson(db: Reader, localpart: string, name: string): Promise<void> {
  await db.updateTable('record.people').set({ name }).where('localpart', '=', localpart).where('name', '!=', name).execute();
}

/** All localparts that begin with `start`: what a new one must not equal. */
export async function localpartsLike(db: Reader, start: string): Promise<Set<string>> {
  const rows = await db
    .selectFrom('record.people')
    .select('localpart')
    .where(sql<boolean>`starts_with(localpart, ${start})`)
    .execute();
  return new Set(rows.map((row) => row.localpart));
}

const MEMBERSHIP = ['localpart', 'organisation', 'mail', 'uid', 'matricule', 'groups', 'source'] as const;

/** All memberships of those who have one under one of these addresses, in any organisation. */
export async function membershipsUnder(db: Reader, by: { mails: readonly string[]; uids: readonly string[] }): Promise<Membership[]> {
  const known = db
    .selectFrom('record.memberships')
    .select('localpart')
    .where(sql<boolean>`mail = any(${[...by.mails]}::text[]) or uid = any(${[...by.uids]}::text[])`);
  return db.selectFrom('record.memberships').select(MEMBERSHIP).where('localpart', 'in', known).execute();
}

export async function membershipsOf(db: Reader, localpart: string): Promise<Membership[]> {
  return db.selectFrom('record.memberships').select(MEMBERSHIP).where('localpart', '=', localpart).orderBy('organisation').execute();
}

/** Who in this organisation has this uid or this mail; at most one of each. */
export async function findMembers(db: Reader, organisation: string, by: { uid?: string; mail?: string }): Promise<Membership[]> {
  return db
    .selectFrom('record.memberships')
    .select(MEMBERSHIP)
    .where('organisation', '=', organisation)
    .where((where) =>
      where.or([
        ...(by.uid === undefined ? [] : [where.eb('uid', '=', by.uid)]),
        ...(by.mail === undefined ? [] : [where.eb('mail', '=', by.mail)]),
      ]),
    )
    .execute();
}

/** Inserts the membership, or writes its mail, uid, matricule, groups and source anew. */
export async function putMembership(db: Reader, { groups, ...row }: Membership): Promise<void> {
  const values = { ...row, groups };
  await db
    .insertInto('record.memberships')
    .values(values)
    .onConflict((clash) =>
      clash
        .columns(['organisation', 'localpart'])
        .doUpdateSet({ mail: row.mail, uid: row.uid, matricule: row.matricule, groups, source: row.source }),
    )
    .execute();
}

export async function findIdentity(db: Reader, issuer: string, sub: string): Promise<Identity | undefined> {
  return db
    .selectFrom('record.identities')
    .select(['issuer', 'sub', 'localpart', 'provider', 'mail'])
    .where('issuer', '=', issuer)
    .where('sub', '=', sub)
    .executeTakeFirst();
}

export async function hasIdentity(db: Reader, localpart: string): Promise<boolean> {
  return (
    (await db.selectFrom('record.identities').select('sub').where('localpart', '=', localpart).limit(1).executeTakeFirst()) !== undefined
  );
}

export async function linkIdentity(db: Reader, identity: Identity): Promise<void> {
  await db.insertInto('record.identities').values(identity).execute();
}

/** The same identity came again: when, and with which mail. */
export async function sawIdentity(db: Reader, { issuer, sub, mail }: Pick<Identity, 'issuer' | 'sub' | 'mail'>): Promise<void> {
  await db
    .updateTable('record.identities')
    .set({ seen_at: sql`now()`, mail })
    .where('issuer', '=', issuer)
    .where('sub', '=', sub)
    .execute();
}

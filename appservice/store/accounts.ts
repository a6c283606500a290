/** Agents' own accounts at tools: sealed secrets, and whether the tool refused them. */
import { sql } from 'kysely';
import { DeskError } from '#desk/errors.ts';
import type { Store } from './open.ts';
import { type AccountKeys, LostKey, openWith, sealWith } from './account-keys.ts';

export type AccountId = { connection: string; localpart: string };

/** There is none that could be tried: not the tool's word, and nobody's fault but its agent's. */
export class NoAccount extends DeskError {
  constructor(reason: string) {
    super('auth', reason);
  }
}

const contextOf = ({ connection, localpart }: AccountId): string => `record.accounts ${connection} ${localpart}`;

/** Links an account, or links it again: it is swept at once, from its beginning. `name`: what the tool knows her by. */
export async function keepAccount(db: Store, keys: AccountKeys, id: AccountId, secret: unknown, name?: string): Promise<void> {
  const sealed = sealWith(keys, secret, contextOf(id));
  const at = { sealed, state: 'active' as const, linked_at: sql<Date>`now()`, refused_at: null, name: name ?? null };
  await db
    .insertInto('record.accounts')
    .values({ ...id, ...at })
    .onConflict((conflict) => conflict.columns(['connection', 'localpart']).doUpdateSet(at))
    .execute();
  await sql`insert into work.polls as old (connection, agent, due_at) values (${id.connection}, ${id.localpart}, clock_timestamp())
    on conflict (connection, agent) do update set due_at = clock_timestamp(), failures = 0, cursor = null, fault = null`.execute(db);
  await tellReplaced(db, id);
}

/** Whoever watches the tool with what it was before ends that, in every replica. */
async function tellReplaced(db: Store, { connection, localpart }: AccountId): Promise<void> {
  await sql`select pg_notify('work_polls', ${`${connection} ${localpart}`})`.execute(db);
}

/** Unlinks it; nothing of its secret stays. */
export async function dropAccount(db: Store, { connection, localpart }: AccountId): Promise<boolean> {
  await db.deleteFrom('work.polls').where('connection', '=', connection).where('agent', '=', localpart).execute();
  const gone = await db
    .deleteFrom('record.accounts')
    .where('connection', '=', connection)
    .where('localpart', '=', localpart)
    .executeTakeFirst();
  await tellReplaced(db, { connection, localpart });
  return gone.numDeletedRows > 0n;
}

/** The secret of an account that is not refused. Throws `auth` when there is none, {@link LostKey} when no key opens it. */
export async function openAccount(db: Store, keys: AccountKeys, id: AccountId): Promise<unknown> {
  const row = await findAccount(db, id);
  if (row?.state !== 'active') throw new NoAccount('No account is linked');
  return openWith(keys, row.sealed, contextOf(id));
}

/** The same also of one that was refused, for trying it again and for giving it back. */
export async function openAnyAccount(
  db: Store,
  keys: AccountKeys,
  id: AccountId,
): Promise<{ state: 'active' | 'refused'; secret: unknown } | undefined> {
  const row = await findAccount(db, id);
  return row === undefined ? undefined : { state: row.state, secret: openWith(keys, row.sealed, contextOf(id)) };
}

function findAccount(db: Store, { connection, localpart }: AccountId) {
  return db
    .selectFrom('record.accounts')
    .select(['sealed', 'state'])
    .where('connection', '=', connection)
    .where('localpart', '=', localpart)
    .executeTakeFirst();
}

/** The tool refused it: it rests until it is linked again. False when it was refused or replaced before. */
export async function refuseAccount(db: Store, { connection, localpart }: AccountId, triedAt: Date): Promise<boolean> {
  const refused = await db
    .updateTable('record.accounts')
    .set({ state: 'refused', refused_at: sql`now()` })
    .where('connection', '=', connection)
    .where('localpart', '=', localpart)
    .where('state', '=', 'active')
    .where('linked_at', '<=', triedAt)
    .executeTakeFirst();
  return refused.numUpdatedRows > 0n;
}

/** `isLost`: no key opens it. `sweptAt`, `fault`: its last reading that went well, and why those since did not. */
export type AccountState = {
  connection: string;
  state: 'active' | 'refused';
  name: string | null;
  linkedAt: Date;
  refusedAt: Date | null;
  sweptAt: Date | null;
  fault: string | null;
  isLost: boolean;
};

/** What one agent has linked, for « Mes outils ». */
export async function accountsOf(db: Store, keys: AccountKeys, localpart: string): Promise<AccountState[]> {
  const rows = await db
    .selectFrom('record.accounts as account')
    .leftJoin('work.polls as poll', (join) =>
      join.onRef('poll.connection', '=', 'account.connection').onRef('poll.agent', '=', 'account.localpart'),
    )
    .select(['account.connection', 'state', 'name', 'sealed', 'linked_at as linkedAt', 'refused_at as refusedAt'])
    .select(['poll.swept_at as sweptAt', 'poll.fault'])
    .where('localpart', '=', localpart)
    .execute();
  return rows.map(({ sealed, ...row }) => ({ ...row, isLost: isLost(keys, sealed, contextOf({ ...row, localpart })) }));
}

function isLost(keys: AccountKeys, sealed: Buffer, context: string): boolean {
  try {
    openWith(keys, sealed, context);
    return false;
  } catch (error) {
    if (error instanceof LostKey) return true;
    throw error;
  }
}

/** Whose active accounts a tool means that knows people by these names: the account's own, else those of the directory. */
export async function localpartsNamed(
  db: Store,
  { connection, organisation }: { connection: string; organisation: string },
  names: readonly string[],
): Promise<string[]> {
  const folded = names.map((name) => name.toLowerCase());
  const { rows } = await sql<{ localpart: string }>`select distinct account.localpart from record.accounts account
    left join record.memberships member on member.localpart = account.localpart and member.organisation = ${organisation}
    where account.connection = ${connection} and account.state = 'active'
      and (lower(account.name) = any(${folded}::text[]) or lower(member.uid) = any(${folded}::text[])
        or lower(member.mail) = any(${folded}::text[])
        or exists (select 1 from record.mails own where own.localpart = account.localpart and own.organisation = ${organisation} and own.mail = any(${folded}::text[])))`.execute(
    db,
  );
  return rows.map(({ localpart }) => localpart);
}

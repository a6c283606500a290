/** Agents' own accounts at tools: sealed secrets, and whether the tool refused them. */
import { sql } from 'kysely';
import { DeskError } from '#desk/errors.ts';
import { changeCursor } from './cursors.ts';
import type { Store } from './open.ts';
import { keyedHash, seal, unseal } from './seal.ts';

/** The current key first, then the one before it. */
export type AccountKeys = readonly Buffer[];
export type AccountId = { connection: string; localpart: string };

const contextOf = ({ connection, localpart }: AccountId): string => `record.accounts ${connection} ${localpart}`;

/** Links an account, or links it again: it is swept at once. */
export async function keepAccount(db: Store, keys: AccountKeys, id: AccountId, secret: unknown): Promise<void> {
  const sealed = sealWith(keys, id, secret);
  const at = { sealed, state: 'active' as const, linked_at: sql<Date>`now()`, refused_at: null };
  await db
    .insertInto('record.accounts')
    .values({ ...id, ...at })
    .onConflict((conflict) => conflict.columns(['connection', 'localpart']).doUpdateSet(at))
    .execute();
  await sql`insert into work.polls as old (connection, agent, due_at) values (${id.connection}, ${id.localpart}, now())
    on conflict (connection, agent) do update set due_at = now(), failures = 0`.execute(db);
}

/** Unlinks it; nothing of its secret stays. */
export async function dropAccount(db: Store, { connection, localpart }: AccountId): Promise<boolean> {
  await db.deleteFrom('work.polls').where('connection', '=', connection).where('agent', '=', localpart).execute();
  const gone = await db
    .deleteFrom('record.accounts')
    .where('connection', '=', connection)
    .where('localpart', '=', localpart)
    .executeTakeFirst();
  return gone.numDeletedRows > 0n;
}

/** The secret of an account that is not refused. Throws `auth` when there is none, `config` when no key opens it. */
export async function openAccount(db: Store, keys: AccountKeys, id: AccountId): Promise<unknown> {
  const row = await db
    .selectFrom('record.accounts')
    .select('sealed')
    .where('connection', '=', id.connection)
    .where('localpart', '=', id.localpart)
    .where('state', '=', 'active')
    .executeTakeFirst();
  if (row === undefined) throw new DeskError('auth', 'No account is linked');
  return openWith(keys, id, row.sealed);
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

export type AccountState = { connection: string; state: 'active' | 'refused'; linkedAt: Date; refusedAt: Date | null };

/** What one agent has linked, for « Mes outils »; no secret is opened. */
export async function accountsOf(db: Store, localpart: string): Promise<AccountState[]> {
  const rows = await db.selectFrom('record.accounts').selectAll().where('localpart', '=', localpart).orderBy('connection').execute();
  return rows.map((row) => ({ connection: row.connection, state: row.state, linkedAt: row.linked_at, refusedAt: row.refused_at }));
}

const SEALED_WITH = 'accounts-key'; // cursor: a sign of the key that seals all accounts

/**
 * After a change of keys: seals anew whatever the current key does not open. Once for each key, so that a start reads no
 * account otherwise. Answers how many; those that no key opens stay.
 */
export async function resealAccounts(store: Store, keys: AccountKeys): Promise<number> {
  const [current] = keys;
  if (current === undefined) return 0;
  const sign = keyedHash(current, 'accounts', ['current']).slice(0, 16);
  let count = 0;
  await changeCursor(store, SEALED_WITH, async (db, value) => {
    if (value === sign) return undefined;
    count = await resealAll(db, keys, current);
    return sign;
  });
  return count;
}

/** Whatever stands in `record.accounts` came from elsewhere: the next start looks at all of it. */
export async function forgetSealing(db: Store): Promise<void> {
  await db.deleteFrom('work.cursors').where('name', '=', SEALED_WITH).execute();
}

async function resealAll(db: Store, keys: AccountKeys, current: Buffer): Promise<number> {
  const rows = await db.selectFrom('record.accounts').select(['connection', 'localpart', 'sealed']).execute();
  let count = 0;
  for (const row of rows) {
    if (opens(current, row)) continue;
    const secret = tryOpen(keys, row);
    if (secret === undefined) continue;
    await db
      .updateTable('record.accounts')
      .set({ sealed: sealWith(keys, row, secret.value) })
      .where('connection', '=', row.connection)
      .where('localpart', '=', row.localpart)
      .where('sealed', '=', row.sealed)
      .execute();
    count += 1;
  }
  return count;
}

function sealWith([current]: AccountKeys, id: AccountId, secret: unknown): Buffer {
  if (current === undefined) throw new DeskError('config', 'There is no key to seal accounts with');
  return seal(current, Buffer.from(JSON.stringify(secret)), contextOf(id));
}

function openWith(keys: AccountKeys, id: AccountId, sealed: Buffer): unknown {
  const opened = tryOpen(keys, { ...id, sealed });
  if (opened === undefined) throw new DeskError('config', 'No key opens this account');
  return opened.value;
}

function tryOpen(keys: AccountKeys, row: AccountId & { sealed: Buffer }): { value: unknown } | undefined {
  const key = keys.find((one) => opens(one, row));
  return key === undefined ? undefined : { value: JSON.parse(unseal(key, row.sealed, contextOf(row)).toString()) as unknown };
}

function opens(key: Buffer, row: AccountId & { sealed: Buffer }): boolean {
  try {
    unseal(key, row.sealed, contextOf(row));
    return true;
  } catch (error) {
    if (error instanceof DeskError && error.code === 'config') return false;
    throw error;
  }
}

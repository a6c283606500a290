/** The keys that seal agents' accounts: the first seals, all of them open. After a change what the older ones sealed is sealed anew. */
import { DeskError } from '#desk/errors.ts';
import { changeCursor } from './cursors.ts';
import type { Store } from './open.ts';
import { keyedHash, seal, unseal } from './seal.ts';

/** The current key first, then those before it. */
export type AccountKeys = readonly Buffer[];

/** No key at hand opens it. Nothing of it is lost: it waits for the key that sealed it. */
export class LostKey extends DeskError {
  constructor() {
    super('config', 'No key opens this account');
  }
}

export function sealWith([current]: AccountKeys, secret: unknown, context: string): Buffer {
  if (current === undefined) throw new DeskError('config', 'There is no key to seal accounts with');
  return seal(current, Buffer.from(JSON.stringify(secret)), context);
}

/** Throws {@link LostKey}. */
export function openWith(keys: AccountKeys, sealed: Buffer, context: string): unknown {
  for (const key of keys) {
    const plain = tryOpen(key, sealed, context);
    if (plain !== undefined) return JSON.parse(plain.toString());
  }
  throw new LostKey();
}

function tryOpen(key: Buffer, sealed: Buffer, context: string): Buffer | undefined {
  try {
    return unseal(key, sealed, context);
  } catch (error) {
    if (error instanceof DeskError && error.code === 'config') return undefined;
    throw error;
  }
}

const SEALED_WITH = 'accounts-key'; // cursor: a sign of the key that seals all accounts

/** `lost`: no key opens them; they stay as they are. */
export type Resealed = { resealed: number; lost: number };

/**
 * After a change of keys: seals anew whatever the current key does not open. Once for each key, so that a start reads no
 * account otherwise, and again while some are lost: the key that opens them may have come.
 */
export async function resealAccounts(store: Store, keys: AccountKeys): Promise<Resealed> {
  const [current] = keys;
  let done: Resealed = { resealed: 0, lost: 0 };
  if (current === undefined) return done;
  const sign = keyedHash(current, 'accounts', ['current']).slice(0, 16);
  await changeCursor(store, SEALED_WITH, async (db, value) => {
    if (value === sign) return undefined;
    done = await resealAll(db, keys);
    return done.lost > 0 ? null : sign;
  });
  return done;
}

/** Whatever stands in `record.accounts` came from elsewhere: the next start looks at all of it. */
export async function forgetSealing(db: Store): Promise<void> {
  await db.deleteFrom('work.cursors').where('name', '=', SEALED_WITH).execute();
}

const SEALED = [
  { table: 'record.accounts', context: 'record.accounts' },
  { table: 'record.grants', context: 'record.grants' },
] as const;

/** Looks at all of them, whatever was done before. */
export async function resealAll(db: Store, keys: AccountKeys): Promise<Resealed> {
  const done = { resealed: 0, lost: 0 };
  for (const { table, context } of SEALED) {
    for (const row of await db.selectFrom(table).select(['connection', 'localpart', 'sealed']).execute()) {
      const place = `${context} ${row.connection} ${row.localpart}`;
      const [sealed, isLost] = reseal(keys, row.sealed, place);
      if (isLost) done.lost += 1;
      if (sealed === undefined) continue;
      const at = db.updateTable(table).set({ sealed }).where('connection', '=', row.connection);
      await at.where('localpart', '=', row.localpart).where('sealed', '=', row.sealed).execute();
      done.resealed += 1;
    }
  }
  return done;
}

/** What it has to be replaced with; undefined when it is well as it is, or nothing opens it. */
function reseal([current, ...older]: AccountKeys, sealed: Buffer, context: string): [Buffer | undefined, boolean] {
  if (current === undefined || tryOpen(current, sealed, context) !== undefined) return [undefined, current === undefined];
  const plain = older.map((key) => tryOpen(key, sealed, context)).find((one) => one !== undefined);
  return plain === undefined ? [undefined, true] : [seal(current, plain, context), false];
}

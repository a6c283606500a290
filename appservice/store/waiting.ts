/**
 * Items for people nobody knows yet: sealed, 30 days, the newest of each key and addressee. The addressee is a keyed hash,
 * so that the table names nobody who never came.
 */
import { sql } from 'kysely';
import { DeskError } from '#desk/errors.ts';
import type { Placement } from '#desk/placement.ts';
import { type Address, addressesOf, membersOf } from './addressees.ts';
import { jsonChunks } from './chunks.ts';
import type { Store } from './open.ts';
import { keyedHash, seal, unseal } from './seal.ts';

/** What is kept for one addressee. `contentDigest` tells equal revisions apart, `rank` is her place in the event's `to`. */
export type Kept = { placement: Placement; contentDigest: string; rank: number };
export type Waiting = { address: Address; kept: Kept };

const LOCK = 7_310_554; // a constant of our own: see lockWaiting

/**
 * Until the end of the transaction: `keep` while items of this organisation may be put aside, `deliver` while someone's are
 * taken out. So an item cannot be put aside for a person at the very moment she appears.
 */
export async function lockWaiting(db: Store, organisations: readonly string[], purpose: 'keep' | 'deliver'): Promise<void> {
  for (const organisation of [...new Set(organisations)].sort()) {
    const key = sql`${LOCK}, hashtext(${organisation})`;
    await (purpose === 'keep' ? sql`select pg_advisory_xact_lock_shared(${key})` : sql`select pg_advisory_xact_lock(${key})`).execute(db);
  }
}

export async function keepWaiting(db: Store, recordKey: Buffer, waiting: readonly Waiting[]): Promise<void> {
  const rows = waiting.map(({ address, kept }) => {
    const { key, connection, revision } = kept.placement;
    const addressee = hashOf(recordKey, address);
    const sealed = seal(recordKey, Buffer.from(JSON.stringify(kept)), contextOf({ organisation: address.organisation, addressee, key }));
    return { organisation: address.organisation, addressee, key, connection, revision, sealed: sealed.toString('base64') };
  });
  for (const chunk of jsonChunks(rows)) {
    await sql`insert into record.waiting as old (organisation, addressee, key, connection, revision, sealed)
      select organisation, addressee, key, connection, revision, decode(sealed, 'base64')
      from jsonb_to_recordset(${chunk}::jsonb) as kept(organisation text, addressee text, key text, connection text, revision bigint, sealed text)
      order by organisation, addressee, key
      on conflict (organisation, addressee, key) do update
      set revision = excluded.revision, sealed = excluded.sealed, connection = excluded.connection, kept_at = now()`.execute(db);
  }
}

/** What waits under any of these addresses, each with how it is addressed. Rows that do not open are left where they are. */
export async function findWaiting(db: Store, recordKey: Buffer, addresses: readonly Address[]): Promise<Waiting[]> {
  const byHash = new Map(addresses.map((address) => [hashOf(recordKey, address), address]));
  const rows = await db
    .selectFrom('record.waiting')
    .select(['organisation', 'addressee', 'key', 'sealed'])
    .where('addressee', 'in', [...byHash.keys()])
    .where('organisation', 'in', [...new Set(addresses.map(({ organisation }) => organisation))])
    .where('kept_at', '>', sql<Date>`now() - interval '30 days'`)
    .execute();
  return rows.flatMap((row) => {
    const address = byHash.get(row.addressee);
    const kept = openKept(recordKey, row);
    return address && kept ? [{ address, kept }] : [];
  });
}

/** Everything that waits, in parts, with its connection; `kept` undefined for what another recordKey sealed. */
export async function* eachWaiting(
  db: Store,
  recordKey: Buffer,
): AsyncGenerator<{ organisation: string; key: string; connection: string; revision: number; keptAt: Date; kept: Kept | undefined }[]> {
  for (let after = ['', '', '']; ;) {
    const { rows } = await sql<{
      organisation: string;
      addressee: string;
      key: string;
      connection: string;
      revision: number;
      kept_at: Date;
      sealed: Buffer;
    }>`select * from record.waiting where (organisation, addressee, key) > (${after[0]}, ${after[1]}, ${after[2]})
      order by organisation, addressee, key limit 1000`.execute(db);
    const last = rows.at(-1);
    if (last === undefined) return;
    after = [last.organisation, last.addressee, last.key];
    yield rows.map(({ organisation, key, connection, revision, kept_at, ...row }) => ({
      organisation,
      key,
      connection,
      revision,
      keptAt: kept_at,
      kept: openKept(recordKey, { organisation, key, ...row }),
    }));
  }
}

/** What another recordKey sealed must not keep a person from signing in: it stays shut until it is 30 days old. */
function openKept(recordKey: Buffer, row: { organisation: string; addressee: string; key: string; sealed: Buffer }): Kept | undefined {
  try {
    return JSON.parse(unseal(recordKey, row.sealed, contextOf(row)).toString()) as Kept;
  } catch (error) {
    if (error instanceof DeskError && error.code === 'config') return undefined;
    throw error;
  }
}

export type WaitingRow = { number: number; organisation: string; addressee: string; connection: string; keptAt: Date };

/** `organisation` undefined: of all. */
type Which = { organisation: string | undefined };

/** What waits for a person, oldest number first. */
export function listWaiting(db: Store, { organisation, offset, limit }: Which & { offset: number; limit: number }): Promise<WaitingRow[]> {
  return waitingIn(db, organisation)
    .select(['number', 'organisation', 'addressee', 'connection', 'kept_at as keptAt'])
    .orderBy('number')
    .offset(offset)
    .limit(limit)
    .execute();
}

export async function countAside(db: Store, { organisation }: Which): Promise<number> {
  const { count } = await waitingIn(db, organisation)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

/** One by its number, with the title of what waits when it can be opened. */
export async function openWaiting(
  db: Store,
  recordKey: Buffer,
  { organisation, number }: Which & { number: number },
): Promise<(WaitingRow & { title: string | undefined }) | undefined> {
  const row = await waitingIn(db, organisation)
    .select(['number', 'organisation', 'addressee', 'connection', 'kept_at as keptAt', 'key', 'sealed'])
    .where('number', '=', number)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { key: _key, sealed: _sealed, ...said } = row;
  return { ...said, title: openKept(recordKey, row)?.placement.title };
}

/** Members of these organisations for whom something waits, by `addressees` (hashes) or by any. */
export async function awaitedMembers(
  db: Store,
  recordKey: Buffer,
  { organisations, addressees }: { organisations: readonly string[]; addressees?: readonly string[] },
): Promise<{ organisation: string; localpart: string }[]> {
  const found = await db
    .selectFrom('record.waiting')
    .select('addressee')
    .distinct()
    .where('organisation', 'in', [...organisations])
    .execute();
  const asked = addressees && new Set(addressees);
  const awaited = new Set(found.map(({ addressee }) => addressee).filter((hash) => asked?.has(hash) ?? true));
  if (awaited.size === 0) return [];
  return (await membersOf(db, organisations))
    .filter((member) => addressesOf(member).some((address) => awaited.has(hashOf(recordKey, address))))
    .map(({ organisation, localpart }) => ({ organisation, localpart }));
}

/** Takes out what was delivered. What a group was sent stays for its other members, as long as nothing newer replaced it. */
export async function dropWaiting(db: Store, recordKey: Buffer, waiting: readonly Waiting[]): Promise<void> {
  const rows = waiting
    .filter(({ address }) => address.kind !== 'group')
    .map(({ address, kept }) => ({ organisation: address.organisation, addressee: hashOf(recordKey, address), key: kept.placement.key }));
  await sql`delete from record.waiting old
    using jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as gone(organisation text, addressee text, key text)
    where old.organisation = gone.organisation and old.addressee = gone.addressee and old.key = gone.key`.execute(db);
}

function waitingIn(db: Store, organisation: string | undefined) {
  const rows = db.selectFrom('record.waiting').where('kept_at', '>', sql<Date>`now() - interval '30 days'`);
  return organisation === undefined ? rows : rows.where('organisation', '=', organisation);
}

export async function forgetWaiting(db: Store): Promise<number> {
  const { numAffectedRows } = await sql`delete from record.waiting where kept_at < now() - interval '30 days'`.execute(db);
  return Number(numAffectedRows ?? 0);
}

function hashOf(recordKey: Buffer, { organisation, kind, value }: Address): string {
  return keyedHash(recordKey, 'waiting', [organisation, kind, value]);
}

function contextOf({ organisation, addressee, key }: { organisation: string; addressee: string; key: string }): string {
  return `record.waiting ${organisation} ${addressee} ${key}`;
}

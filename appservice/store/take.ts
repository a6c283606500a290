/**
 * How accepting begins, in one statement: new deliveries are written, and what their posts are judged by is read and locked.
 * Locks are taken in one order by everybody, deliveries before objects and each by their names.
 */
import { DeskError } from '#desk/errors.ts';
import type { StoredObject, StoredTombstone } from './accept.ts';
import { type Address, addressName } from './addressees.ts';
import { columnsOf, rowsOf } from './columns.ts';
import { type DigestedId, deliveryName } from './deliveries.ts';
import { prepared } from './driver.ts';
import { OVERRULED } from './mails.ts';
import type { Store } from './open.ts';

/** What a shared transaction is about; deliveries, addresses and keys may come twice. */
export type Asked = { deliveries: readonly DigestedId[]; addresses: readonly Address[]; keys: readonly string[] };

/**
 * `digests` of the deliveries that were accepted before, by `deliveryName`; `isWritten` when there was none and all are written
 * now. `members` are localparts by `addressName`, in alphabetical order; addresses of nobody are missing.
 */
export type Taken = {
  digests: Map<string, string>;
  isWritten: boolean;
  members: Map<string, string[]>;
  objects: StoredObject[];
  tombstones: StoredTombstone[];
};

const DELIVERIES = ['connection', 'source', 'id', 'digest'];
const ADDRESSES = ['organisation', 'kind', 'value'];
const FIRST_ADDRESS = DELIVERIES.length + 2;
const KEYS = FIRST_ADDRESS + ADDRESSES.length + 1;
const IS_DISTINCT = KEYS + 2;

const member = (kind: string, condition: string): string =>
  `select asked.place, member.localpart from asked join record.memberships member on member.organisation = asked.organisation and ${condition} where asked.kind = '${kind}'`;

const TAKE = `with given as materialized (
    select connection, coalesce(source, '') as source, coalesce(id, '') as id, digest from ${rowsOf(DELIVERIES)}),
  known as materialized (select known.connection, known.source, known.id, known.digest
    from given join work.deliveries known using (connection, source, id)),
  taken as (insert into work.deliveries (connection, source, id, digest)
    select connection, source, id, digest from given where $${IS_DISTINCT}::boolean and not exists (select 1 from known)
    order by connection, source, id on conflict do nothing returning 1),
  asked as materialized (select * from ${rowsOf(ADDRESSES, FIRST_ADDRESS)}),
  member as (
    ${member('mail', 'member.mail = asked.value')}
    union all select asked.place, own.localpart from asked join record.mails own on own.organisation = asked.organisation and own.mail = asked.value
      where asked.kind = 'mail' and not ${OVERRULED}
    union all ${member('uid', 'member.uid = asked.value')}
    union all ${member('matricule', 'member.matricule = asked.value')}
    union all ${member('localpart', 'member.localpart = asked.value')}
    union all ${member('group', 'asked.value = any(member.groups)')}),
  keys as materialized (select distinct key from ${rowsOf(['key'], KEYS)}),
  locked as (select key, revision, digest, closed from work.items where key = any(array(select key from keys)) order by key for update),
  buried as (select key, revision from record.tombstones where key = any(array(select key from keys)))
  select (select count(*) from taken)::int as taken,
    (select json_agg(json_build_array(connection, source, id, digest)) from known) as known,
    (select json_agg(json_build_array(place, localpart) order by localpart) from member) as members,
    (select json_agg(locked) from locked) as objects,
    (select json_agg(buried) from buried) as tombstones`;

type Row = {
  taken: number;
  known: [connection: string, source: string, id: string, digest: string][] | null;
  members: [place: number, localpart: string][] | null;
  objects: StoredObject[] | null;
  tombstones: StoredTombstone[] | null;
};

/** Throws `conflict` when another transaction took one of the deliveries meanwhile. */
export async function take(db: Store, { deliveries, addresses, keys }: Asked): Promise<Taken> {
  const asked = [...new Map(addresses.map((address) => [addressName(address), address])).values()];
  const isDistinct = new Set(deliveries.map(deliveryName)).size === deliveries.length;
  const values = [
    ...columnsOf(deliveries, [({ connection }) => connection, ({ source }) => source, ({ id }) => id, ({ digest }) => digest]),
    ...columnsOf(asked, [({ organisation }) => organisation, ({ kind }) => kind, ({ value }) => value]),
    ...columnsOf(keys, [(key) => key]),
    isDistinct,
  ];
  const { rows } = await db.executeQuery(prepared<Row>('accept.take', TAKE, { values }));
  const row = rows[0];
  if (row === undefined) throw new DeskError('bug', 'A statement without a condition answered no row');
  const known = row.known ?? [];
  const isWritten = isDistinct && known.length === 0;
  if (isWritten && row.taken !== deliveries.length) {
    throw new DeskError('conflict', 'Another transaction accepted one of these deliveries meanwhile');
  }
  return {
    digests: new Map(known.map(([connection, source, id, digest]) => [deliveryName({ connection, source, id }), digest])),
    isWritten,
    members: byAddress(asked, row.members ?? []),
    objects: row.objects ?? [],
    tombstones: row.tombstones ?? [],
  };
}

function byAddress(asked: readonly Address[], found: NonNullable<Row['members']>): Map<string, string[]> {
  const members = new Map<string, string[]>();
  for (const [place, localpart] of found) {
    const address = asked[place - 1];
    if (address === undefined) continue;
    const name = addressName(address);
    const others = members.get(name);
    if (others) others.push(localpart);
    else members.set(name, [localpart]);
  }
  return members;
}

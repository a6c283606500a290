/**
 * Ingest, towards the room: deliveries become items, placements and outbox rows in one transaction, or nothing does. Who is
 * addressed is looked up in the connection's organisation only; for whom nobody knows yet the item is kept aside.
 */
import type { LoadedConfig, LoadedConnection } from '#config/load.ts';
import type { Accept, Reject, Verdict } from '#desk/delivery.ts';
import { showTo } from '#desk/delivery/decide.ts';
import { DeskError } from '#desk/errors.ts';
import { isClosed } from '#desk/placement.ts';
import { type Locked, lockObjects } from '#store/accept.ts';
import { type Address, addressesOfMember } from '#store/addressees.ts';
import { doAgain } from '#store/again.ts';
import { forgetDeliveries } from '#store/deliveries.ts';
import type { Store } from '#store/open.ts';
import { forgetRejected, keepRejected } from '#store/rejected.ts';
import { SharedCommits } from '#store/shared-commits.ts';
import { dropWaiting, findWaiting, forgetWaiting, lockWaiting, type Waiting } from '#store/waiting.ts';
import { type SortAt, sortBy, writeObjects } from '#store/write.ts';
import { Acceptance, type Request } from './ingest/acceptance.ts';

/** Someone who can be reached now; `addressees` beyond those of her membership, if any. */
export type Appeared = { organisation: string; localpart: string; addressees?: readonly Omit<Address, 'organisation'>[] };

export interface Ingest {
  /** Rejects with `not_found` for a connection that the configuration does not have. */
  accept: Accept;
  reject: Reject;
  /** Posts come faster than they are committed. */
  isPressed(): boolean;
  /**
   * Puts on someone's desk what waited for her, as if it had been accepted now; answers how many items. Give the transaction
   * that made her membership, or the store once that is committed. Harmless at every sign-in.
   */
  deliverWaiting(db: Store, person: Appeared): Promise<number>;
  /** Forgets deliveries, kept items and rejected bodies of more than 30 days. */
  forgetOld(): Promise<void>;
}

type IngestConfig = Pick<LoadedConfig, 'serverName' | 'organisations' | 'connections'> & { appservice: { recordKey: Buffer } };
type OnStep = (name: string) => void | Promise<void>;
type IngestOptions = { store: Store; accepting?: Store; config: IngestConfig; onStep?: OnStep };
type Keeping = { recordKey: Buffer; sortAt: SortAt };

/**
 * `accepting`: connections of their own, so that nobody else's work is waited for. `onStep` is called between steps, for tests
 * that end the process there.
 */
export function makeIngest({ store, accepting = store, config, onStep }: IngestOptions): Ingest {
  const { recordKey } = config.appservice;
  const connections = new Map(config.connections.map((connection) => [connection.id, connection]));
  const sortAt = sortBy(new Map(config.organisations.map(({ id, timeZone }) => [id, timeZone])));
  const commit = async (requests: readonly Request[]): Promise<Verdict[]> => {
    const verdicts = await accepting.transaction().execute(async (trx) => {
      const decided = await new Acceptance({ db: trx, recordKey, serverName: config.serverName, sortAt }).run(requests);
      await onStep?.('ingest.before-commit');
      return decided;
    });
    await onStep?.('ingest.after-commit');
    return verdicts;
  };
  const commits = new SharedCommits({ commit, weigh: ({ deliveries }: Request) => deliveries.length });
  return {
    accept: async (connectionId, deliveries, { agent } = { agent: '' }) =>
      commits.submit({ connection: find(connections, connectionId), deliveries, ...(agent !== '' && { agent }) }),
    isPressed: () => commits.isPressed,
    reject: (connection, body, reason) => keepRejected(store, recordKey, { connection, body, reason }),
    deliverWaiting: (db, person) => within(db, (trx) => doAgain(trx, () => deliver(trx, person, { recordKey, sortAt }))),
    forgetOld: async () => {
      await forgetDeliveries(store);
      await forgetWaiting(store);
      await forgetRejected(store);
    },
  };
}

function within<Answer>(db: Store, work: (trx: Store) => Promise<Answer>): Promise<Answer> {
  return db.isTransaction ? work(db) : db.transaction().execute(work);
}

function find(connections: ReadonlyMap<string, LoadedConnection>, id: string): LoadedConnection {
  const connection = connections.get(id);
  if (!connection) throw new DeskError('not_found', `No connection ${id}`);
  return connection;
}

async function deliver(
  trx: Store,
  { organisation, localpart, addressees = [] }: Appeared,
  { recordKey, sortAt }: Keeping,
): Promise<number> {
  await lockWaiting(trx, [organisation], 'deliver');
  const further = addressees.map((address) => ({ ...address, organisation }));
  const addresses = [...(await addressesOfMember(trx, organisation, localpart)), ...further];
  const waiting = addresses.length === 0 ? [] : await findWaiting(trx, recordKey, addresses);
  if (waiting.length === 0) return 0;
  waiting.sort((a, b) => a.kept.rank - b.kept.rank); // addressed twice: the first reason
  const ids = waiting.map(({ kept: { placement } }) => ({ key: placement.key, connection: placement.connection, organisation }));
  const locked = await lockObjects(trx, [...new Map(ids.map((id) => [id.key, id])).values()]);
  const shown = waiting.filter((one) => showKept(locked.get(one.kept.placement.key), localpart, one));
  await writeObjects(trx, [...locked.values()], sortAt);
  await dropWaiting(trx, recordKey, waiting);
  return shown.length;
}

/** Shows a kept item, unless something newer was accepted that no longer addresses this person, or she is shown it already. */
function showKept(object: Locked | undefined, localpart: string, { kept: { placement, contentDigest } }: Waiting): boolean {
  if (!object) return false;
  const { known } = object;
  if (known.standing === undefined) {
    const standing = { revision: placement.revision, digest: contentDigest };
    Object.assign(known, { standing, closed: isClosed(placement), isChanged: true });
  }
  const isNewest = known.standing?.revision === placement.revision && known.standing.digest === contentDigest;
  if (!isNewest || known.shown.get(localpart)?.addressed === true) return false;
  showTo(known, localpart, placement);
  return true;
}

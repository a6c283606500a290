/** One shared transaction of accepting: which deliveries are new, whom they address, what they change; then all of it written. */
import type { LoadedConnection } from '#config/load.ts';
import type { Counts, Delivery, Verdict } from '#desk/delivery.ts';
import { applyDelivery, applyToAgent, type Recipient } from '#desk/delivery/decide.ts';
import { DeskError } from '#desk/errors.ts';
import { place } from '#desk/placement.ts';
import { type Locked, type ObjectId, readObjects } from '#store/accept.ts';
import { type Address, addressName, addressOf, findMembersByAddress } from '#store/addressees.ts';
import { deliveryName, type DigestedId, insertDeliveries } from '#store/deliveries.ts';
import type { Store } from '#store/open.ts';
import { take, type Taken } from '#store/take.ts';
import { keepWaiting, lockWaiting, type Waiting } from '#store/waiting.ts';
import { type SortAt, writeObjects } from '#store/write.ts';

/** One post: its deliveries are accepted all or none. */
export type Request = { connection: LoadedConnection; deliveries: readonly Delivery[]; /** Whose own account read them. */ agent?: string };

type Fresh = { request: Request; delivery: Delivery; counts: Counts };
type Sifted = { verdicts: Verdict[]; fresh: Fresh[] };

export class Acceptance {
  readonly #db: Store;
  readonly #recordKey: Buffer;
  readonly #serverName: string;
  readonly #sortAt: SortAt;

  /** `db` is the transaction; nothing is kept when `run` throws. */
  constructor({ db, recordKey, serverName, sortAt }: { db: Store; recordKey: Buffer; serverName: string; sortAt: SortAt }) {
    this.#db = db;
    this.#recordKey = recordKey;
    this.#serverName = serverName;
    this.#sortAt = sortAt;
  }

  /** Answers each request, in order. Throws `conflict` when another transaction took one of the delivery ids meanwhile. */
  async run(requests: readonly Request[]): Promise<Verdict[]> {
    const taken = await take(this.#db, this.#ask(requests));
    const { verdicts, fresh } = await this.#sift(requests, taken);
    if (fresh.length === 0) return verdicts;
    const members = await this.#lookAgain(fresh, taken.members);
    const locked = await readObjects(this.#db, objectsOf(fresh), taken);
    const waiting = new Map<string, Waiting>();
    for (const one of fresh) this.#apply(one, { locked, members, waiting });
    if (waiting.size > 0) await keepWaiting(this.#db, this.#recordKey, [...waiting.values()]);
    await writeObjects(this.#db, [...locked.values()], this.#sortAt);
    return verdicts;
  }

  #ask(requests: readonly Request[]): Parameters<typeof take>[1] {
    const all = requests.flatMap((request) => request.deliveries.map((delivery) => ({ request, delivery })));
    return {
      deliveries: all.map(digestedId),
      addresses: all.flatMap(({ request, delivery }) => this.#addresses(request, delivery)),
      keys: all.map(({ delivery }) => delivery.key),
    };
  }

  /**
   * Tells new deliveries from repeated ones and from other content under a used id, in the order the requests came. The new
   * ones are written here when one of the ids was used before or comes twice in this transaction.
   */
  async #sift(requests: readonly Request[], { digests, isWritten }: Taken): Promise<Sifted> {
    const sifted: Sifted = { verdicts: [], fresh: [] };
    for (const request of requests) {
      const { verdict, fresh } = siftOne(request, digests);
      sifted.verdicts.push(verdict);
      sifted.fresh.push(...fresh);
    }
    if (!isWritten && sifted.fresh.length > 0) await insertDeliveries(this.#db, sifted.fresh.map(digestedId));
    return sifted;
  }

  /** Is somebody unknown, she is looked up again under the lock that her appearing takes too. */
  async #lookAgain(fresh: readonly Fresh[], members: Map<string, string[]>): Promise<Map<string, string[]>> {
    const addresses = fresh.flatMap(({ request, delivery }) => this.#addresses(request, delivery));
    const unknown = [...new Map(addresses.map((address) => [addressName(address), address]))].filter(([name]) => !members.has(name));
    if (unknown.length === 0) return members;
    const asked = unknown.map(([, address]) => address);
    await lockWaiting(
      this.#db,
      asked.map(({ organisation }) => organisation),
      'keep',
    );
    return new Map([...members, ...(await findMembersByAddress(this.#db, asked))]);
  }

  #addresses({ connection, agent }: Request, { change }: Delivery): Address[] {
    return change.op === 'close' || agent !== undefined
      ? []
      : change.to.map((addressee) => addressOf(connection.organisation, addressee, this.#serverName));
  }

  #apply(
    { request, delivery, counts }: Fresh,
    {
      locked,
      members,
      waiting,
    }: { locked: ReadonlyMap<string, Locked>; members: ReadonlyMap<string, string[]>; waiting: Map<string, Waiting> },
  ): void {
    const object = locked.get(delivery.key);
    if (!object) throw new DeskError('bug', 'An accepted object was not locked');
    const { change } = delivery;
    if (request.agent !== undefined) {
      counts[applyToAgent(object.known, delivery, request.agent) === 'late' ? 'ignored' : 'accepted'] += 1;
      return;
    }
    const to =
      change.op === 'close'
        ? []
        : change.to.map((addressee) => ({ addressee, address: addressOf(request.connection.organisation, addressee, this.#serverName) }));
    const recipients = to.flatMap(({ addressee, address }) =>
      (members.get(addressName(address)) ?? []).map((agent) => ({ agent, reason: addressee.reason })),
    );
    // What a bot reads is ordered like events by time: of two equal revisions the later reading holds.
    const order = request.connection.settings === undefined ? request.connection.order : 'time';
    const age = applyDelivery(object.known, delivery, { order, recipients: firstOfEach(recipients) });
    counts[age === 'late' ? 'ignored' : 'accepted'] += 1;
    if (age === 'late' || change.op === 'close') return;
    const { source, id, digest, contentDigest } = delivery;
    to.forEach(({ addressee, address }, rank) => {
      const name = addressName(address);
      if (members.has(name)) return;
      counts.waiting += 1;
      const placement = place(change.item, { reason: addressee.reason, via: { source, id, digest, contentDigest } });
      if (age === 'newer') waiting.set(`${name}\n${delivery.key}`, { address, kept: { placement, contentDigest, rank } });
    });
  }
}

function digestedId({ request, delivery: { source, id, digest } }: Pick<Fresh, 'request' | 'delivery'>): DigestedId {
  return { connection: request.connection.id, source, id, digest };
}

/** Each once: an object is one however many deliveries speak of it. */
function objectsOf(fresh: readonly Fresh[]): ObjectId[] {
  const objects = new Map<string, ObjectId>();
  for (const { request, delivery } of fresh) {
    const { id: connection, organisation } = request.connection;
    objects.set(delivery.key, { key: delivery.key, connection, organisation });
  }
  return [...objects.values()];
}

/** `digests` gains the ids of what is fresh, so that a repetition inside the same transaction is one as well. */
function siftOne(request: Request, digests: Map<string, string>): { verdict: Verdict; fresh: Fresh[] } {
  const counts: Counts = { accepted: 0, duplicates: 0, ignored: 0, waiting: 0 };
  const own = new Map<string, string>();
  const fresh: Fresh[] = [];
  const indexes: number[] = [];
  request.deliveries.forEach((delivery, index) => {
    const name = deliveryName({ connection: request.connection.id, source: delivery.source, id: delivery.id });
    const known = own.get(name) ?? digests.get(name);
    if (known === undefined) {
      own.set(name, delivery.digest);
      fresh.push({ request, delivery, counts });
    } else if (known === delivery.digest) {
      counts.duplicates += 1;
    } else {
      indexes.push(index);
    }
  });
  if (indexes.length > 0) return { verdict: { kind: 'conflict', indexes }, fresh: [] };
  for (const [name, digest] of own) digests.set(name, digest);
  return { verdict: { kind: 'committed', counts }, fresh };
}

/** Addressed twice: one placement, with the first reason. */
function firstOfEach(recipients: readonly Recipient[]): Recipient[] {
  const first = new Map<string, Recipient>();
  for (const recipient of recipients) {
    if (!first.has(recipient.agent)) first.set(recipient.agent, recipient);
  }
  return [...first.values()];
}

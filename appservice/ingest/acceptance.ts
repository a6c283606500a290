/** One shared transaction of accepting: which deliveries are new, whom they address, what they change; then all of it written. */
import type { LoadedConnection } from '#config/load.ts';
import type { Addressee, Counts, Delivery, Verdict } from '#desk/delivery.ts';
import { applyDelivery, applyToAgent, type Recipient } from '#desk/delivery/decide.ts';
import { DeskError } from '#desk/errors.ts';
import { place } from '#desk/placement.ts';
import { type Locked, lockObjects, type SortAt, writeObjects } from '#store/accept.ts';
import { type Address, addressName, findMembersByAddress } from '#store/addressees.ts';
import { deliveryName, findDeliveries, insertDeliveries, takeDeliveries } from '#store/deliveries.ts';
import type { Store } from '#store/open.ts';
import { keepWaiting, lockWaiting, type Waiting } from '#store/waiting.ts';

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
    const { verdicts, fresh } = await this.#sift(requests);
    if (fresh.length === 0) return verdicts;
    const members = await this.#findMembers(fresh);
    const locked = await this.#lock(fresh);
    const waiting = new Map<string, Waiting>();
    for (const one of fresh) this.#apply(one, { locked, members, waiting });
    await writeObjects(this.#db, [...locked.values()], this.#sortAt);
    if (waiting.size > 0) await keepWaiting(this.#db, this.#recordKey, [...waiting.values()]);
    return verdicts;
  }

  /**
   * Tells new deliveries from repeated ones and from other content under a used id, in the order the requests came, and
   * writes the new ones: at once, or in a second statement when one of the ids was used before or comes twice in here.
   */
  async #sift(requests: readonly Request[]): Promise<Sifted> {
    const ids = requests.flatMap(({ connection, deliveries }) =>
      deliveries.map(({ source, id, digest }) => ({ connection: connection.id, source, id, digest })),
    );
    const isDistinct = new Set(ids.map(deliveryName)).size === ids.length;
    const digests = await (isDistinct ? takeDeliveries(this.#db, ids) : findDeliveries(this.#db, ids));
    const isTaken = isDistinct && digests.size === 0;
    const sifted: Sifted = { verdicts: [], fresh: [] };
    for (const request of requests) {
      const { verdict, fresh } = siftOne(request, digests);
      sifted.verdicts.push(verdict);
      sifted.fresh.push(...fresh);
    }
    if (isTaken || sifted.fresh.length === 0) return sifted;
    const fresh = sifted.fresh.map(({ request, delivery: { source, id, digest } }) => ({
      connection: request.connection.id,
      source,
      id,
      digest,
    }));
    await insertDeliveries(this.#db, fresh);
    return sifted;
  }

  /** Whom the addresses mean. Is somebody unknown, she is looked up again under the lock that her appearing takes too. */
  async #findMembers(fresh: readonly Fresh[]): Promise<Map<string, string[]>> {
    const addresses = new Map(
      fresh.flatMap(({ request, delivery }) => this.#addresses(request, delivery)).map((address) => [addressName(address), address]),
    );
    const members = await findMembersByAddress(this.#db, [...addresses.values()]);
    const unknown = [...addresses].filter(([name]) => !members.has(name)).map(([, address]) => address);
    if (unknown.length === 0) return members;
    await lockWaiting(
      this.#db,
      unknown.map(({ organisation }) => organisation),
      'keep',
    );
    const appeared = await findMembersByAddress(this.#db, unknown);
    return new Map([...members, ...appeared]);
  }

  #addresses({ connection, agent }: Request, { change }: Delivery): Address[] {
    return change.op === 'close' || agent !== undefined
      ? []
      : change.to.map((addressee) => this.#address(connection.organisation, addressee));
  }

  /** A user of another server is nobody's localpart here: her mxid stays whole, which matches none. */
  #address(organisation: string, { kind, value }: Addressee): Address {
    if (kind !== 'mxid') return { organisation, kind, value };
    const suffix = `:${this.#serverName}`;
    return { organisation, kind: 'localpart', value: value.endsWith(suffix) ? value.slice(1, -suffix.length) : value };
  }

  async #lock(fresh: readonly Fresh[]): Promise<Map<string, Locked>> {
    const ids = fresh.map(({ request: { connection }, delivery: { key } }) => ({
      key,
      connection: connection.id,
      organisation: connection.organisation,
    }));
    return lockObjects(this.#db, [...new Map(ids.map((id) => [id.key, id])).values()]);
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
        : change.to.map((addressee) => ({ addressee, address: this.#address(request.connection.organisation, addressee) }));
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

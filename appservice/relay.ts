/**
 * The relay: sends what waits to the rooms, in order per room, each row exactly once. It works on at most `SLOTS` rooms
 * at a time under a lease, so any number of replicas may run; a kill between any two steps leaves rows that the next
 * claim repeats word for word under the same transaction id (DESIGN §5 *The outbox*).
 */
import pLimit from 'p-limit';
import { listen, type Listening } from '#store/listen.ts';
import { claimRooms } from '#store/claims.ts';
import { type Lease, nextDueMs, renewLease, wakeFailed } from '#store/rooms.ts';
import { Silence } from './relay/silence.ts';
import { type Turn, type TurnOptions, workTurn } from './relay/turn.ts';

export type RelayOptions = Omit<TurnOptions, 'onAnswer'> & {
  storeUrl: string;
  /** Posts come faster than they are committed: what is to be kept goes before what is to be sent. */
  isPressed?: () => boolean;
  /** The homeserver answers again after `onTrouble` said that it does not. */
  onAnswerAgain?: () => void;
};

const IN_FLIGHT = 16; // sends; more only adds latency at the homeserver (reference/matrix.md §6)
const SLOTS = 32; // rooms: while a turn is at the store, another one's send keeps the homeserver busy
const SLOTS_PRESSED = 4;
const ENOUGH = 1 / 8; // of the slots free again: a claim is worth it, which reads about as much for one room as for four
const SPARE = 4; // beyond both, for lanes that have no turn at all: a flood holds every slot for seconds
const SPARE_EVERY_MS = 50; // a flood that is being accepted notifies hundreds of times a second
const SWEEP_MS = 1000; // finds what a kill left behind when its lease has lapsed
const RENEW_MS = 1500; // of leases of 5 s

type Held = Turn & { done: Promise<void> };

export class Relay {
  readonly #options: RelayOptions & TurnOptions;
  readonly #bounded: TurnOptions;
  readonly #held = new Map<string, Held>();
  readonly #silence = new Silence();
  #listening: Listening | undefined;
  #timers: NodeJS.Timeout[] = [];
  #soon: NodeJS.Timeout | undefined;
  #soonSpare: NodeJS.Timeout | undefined;
  #spareAt = 0;
  #ticking = false;
  #again = false;
  #stopping = false;
  #storeFailing = false;

  constructor(options: RelayOptions) {
    this.#options = {
      ...options,
      onAnswer: () => this.#hear(),
      onTrouble: (trouble, reason) => {
        if (trouble !== 'limited' && this.#silence.note())
          options.log.warn({ reason }, 'the homeserver does not answer; what is accepted waits');
        options.onTrouble?.(trouble, reason);
      },
    };
    const { matrix } = options;
    const inFlight = pLimit(IN_FLIGHT);
    this.#bounded = { ...this.#options, matrix: { ...matrix, send: (sending) => inFlight(() => matrix.send(sending)) } };
  }

  start(): void {
    this.#listening = listen(this.#options.storeUrl, 'work_rooms', () => this.#tick());
    this.#timers = [setInterval(() => this.#tick(), SWEEP_MS), setInterval(() => void this.#renewAll(), RENEW_MS)];
  }

  /** Takes no more rooms and waits until the sends in flight are marked. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#timers[0]);
    clearTimeout(this.#soon);
    clearTimeout(this.#soonSpare);
    await this.#listening?.stop();
    await Promise.all([...this.#held.values()].map(({ done }) => done));
    for (const timer of this.#timers) clearInterval(timer);
  }

  #tick(): void {
    this.#again = true;
    if (this.#ticking) return;
    this.#ticking = true;
    void this.#claimAll().finally(() => {
      this.#ticking = false;
      if (this.#again && !this.#stopping && !this.#storeFailing) this.#tick();
    });
  }

  async #claimAll(): Promise<void> {
    try {
      while (this.#again && !this.#stopping) {
        this.#again = false;
        await this.#claimFree();
      }
      await this.#planNext();
      if (this.#storeFailing) this.#options.log.info({}, 'the store answers again');
      this.#storeFailing = false;
    } catch (err) {
      if (!this.#storeFailing) this.#options.log.error({ err }, 'rooms cannot be claimed; trying again each second');
      this.#storeFailing = true;
      this.#options.onStoreFailure?.(err);
    }
  }

  async #claimFree(): Promise<void> {
    for (;;) {
      const free = this.#slots() - this.#held.size;
      if (this.#stopping || this.#silence.pauseMs > 0) return;
      const leases = free > 0 ? await claimRooms(this.#options.store, free) : await this.#claimSpare();
      if (leases.length > 0) this.#step('relay.claimed');
      for (const lease of leases) this.#take(lease, free > 0 ? this.#bounded : this.#options);
      if (leases.length < Math.max(1, free)) return;
    }
  }

  /** A homeserver that was silent is tried with one room, not with all of them. */
  #slots(): number {
    if (this.#silence.isOn) return 1;
    return this.#options.isPressed?.() === true ? SLOTS_PRESSED : SLOTS;
  }

  /** When all slots are taken, a few more for those who hold none. */
  async #claimSpare(): Promise<Lease[]> {
    const spare = SLOTS + SPARE - this.#held.size;
    const wait = this.#spareAt - Date.now();
    if (this.#silence.isOn || spare <= 0) return [];
    if (wait > 0) {
      this.#soonSpare ??= setTimeout(() => {
        this.#soonSpare = undefined;
        this.#tick();
      }, wait);
      return [];
    }
    this.#spareAt = Date.now() + SPARE_EVERY_MS;
    const except = [...new Set([...this.#held.values()].map(({ lease }) => lease.lane))];
    return claimRooms(this.#options.store, spare, { except });
  }

  #take(lease: Lease, options: TurnOptions): void {
    const turn: Held = { lease, lost: false, done: Promise.resolve() };
    this.#held.set(lease.address, turn);
    turn.done = workTurn(turn, () => this.#stopping, options).catch((err: unknown) => {
      this.#options.log.error({ err, address: lease.address }, 'a room’s turn broke off');
      this.#options.onStoreFailure?.(err);
    });
    void turn.done.finally(() => {
      this.#held.delete(lease.address);
      if (!this.#stopping && this.#slots() - this.#held.size >= this.#slots() * ENOUGH) this.#tick();
    });
  }

  /** Precise to the millisecond for what is due within a second: debounced tool states, short back-offs. */
  async #planNext(): Promise<void> {
    const pause = this.#silence.pauseMs;
    const due = pause > 0 ? pause : this.#held.size < SLOTS ? await nextDueMs(this.#options.store) : undefined;
    clearTimeout(this.#soon);
    if (due !== undefined && due > 0 && due < SWEEP_MS && !this.#stopping) this.#soon = setTimeout(() => this.#tick(), Math.ceil(due) + 1);
  }

  /** The homeserver answered: what was put off for its silence is due now. */
  async #hear(): Promise<void> {
    if (!this.#silence.end()) return;
    this.#options.log.info({}, 'the homeserver answers again');
    this.#options.onAnswerAgain?.();
    await wakeFailed(this.#options.store);
    this.#tick();
  }

  async #renewAll(): Promise<void> {
    for (const turn of this.#held.values()) {
      if (turn.isOver === true) continue;
      turn.renewal = this.#renew(turn);
      await turn.renewal;
    }
  }

  async #renew(turn: Turn): Promise<void> {
    try {
      const until = await renewLease(this.#options.store, turn.lease);
      if (until === undefined) turn.lost = true;
      else turn.lease.until = until;
    } catch {
      // The store's own failure is told where rows are claimed; an unrenewed lease only lapses.
    }
  }

  #step(name: string): void {
    this.#options.onStep?.(name);
  }
}

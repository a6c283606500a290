/**
 * The relay: sends what waits to the rooms, in order per room, each row exactly once. It works on at most `SLOTS` rooms
 * at a time under a lease, so any number of replicas may run; a kill between any two steps leaves rows that the next
 * claim repeats word for word under the same transaction id (DESIGN §5 *The outbox*).
 */
import { DeskError } from '#desk/errors.ts';
import { isRead, unfreeze } from '#store/awaiting.ts';
import { isStoreFailure } from '#store/failure.ts';
import { listen, type Listening } from '#store/listen.ts';
import type { Store } from '#store/open.ts';
import { claimRow, type OutboxRow, type SendOutcome, UnreadableRow } from '#store/outbox.ts';
import { claimRooms, type Lease, nextDueMs, releaseRoom, renewLease, type TurnEnd, wakeFailed } from '#store/rooms.ts';
import type { Frozen } from '#store/tables.ts';
import { markDead, markInRoom } from './relay/mark.ts';

/** What the relay needs of Matrix, given by main. */
export type RelayMatrix = {
  ensureRoom: (address: string) => Promise<string>;
  ensureMember: (address: string, roomId: string, bot: string) => Promise<boolean>;
  send: (sending: { roomId: string; sender: string; id: string; frozen: Frozen }) => Promise<SendOutcome>;
};

type RelayLog = {
  info: (fields: object, text: string) => void;
  warn: (fields: object, text: string) => void;
  error: (fields: object, text: string) => void;
};

export type RelayOptions = {
  store: Store;
  storeUrl: string;
  matrix: RelayMatrix;
  freeze: (db: Store, row: OutboxRow) => Promise<Frozen>;
  log: RelayLog;
  /** The names of connections, for sentences to admins. */
  labels: ReadonlyMap<string, string>;
  /** Called between every two steps; tests end the process there. */
  onStep?: (step: string) => void;
  /** Called for each row that ended, with the milliseconds since it was queued. */
  onEnd?: (kind: OutboxRow['kind'], outcome: 'sent' | 'later' | 'refused', waitedMs: number) => void;
};

const SLOTS = 16; // more in flight only adds latency at the homeserver (reference/matrix.md §6)
const TURN = 10; // rows sent to one room before another room gets its turn
const SWEEP_MS = 1000; // finds what a kill left behind when its lease has lapsed
const RENEW_MS = 1500; // of leases of 5 s
const SLOWEST_MS = 5000; // between two tries of a room
const PAUSE_MS = 2000; // longest wait before a silent homeserver is tried again

export class Relay {
  readonly #options: RelayOptions;
  readonly #held = new Map<string, { lease: Lease; lost: boolean; done: Promise<void> }>();
  #listening: Listening | undefined;
  #timers: NodeJS.Timeout[] = [];
  #soon: NodeJS.Timeout | undefined;
  #ticking = false;
  #again = false;
  #stopping = false;
  /** Sends in a row that the homeserver did not answer itself, and until when it is left alone for that. */
  #silences = 0;
  #pausedUntil = 0;
  #storeFailing = false;

  constructor(options: RelayOptions) {
    this.#options = options;
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
    }
  }

  async #claimFree(): Promise<void> {
    for (;;) {
      // A homeserver that was silent is tried with one room, not with all of them.
      const free = this.#silences > 0 ? 1 - this.#held.size : SLOTS - this.#held.size;
      if (free <= 0 || this.#stopping || Date.now() < this.#pausedUntil) return;
      const leases = await claimRooms(this.#options.store, free);
      if (leases.length === 0) return;
      this.#step('relay.claimed');
      for (const lease of leases) this.#take(lease);
    }
  }

  #take(lease: Lease): void {
    const turn = { lease, lost: false, done: Promise.resolve() };
    this.#held.set(lease.address, turn);
    turn.done = this.#work(turn).catch((err: unknown) =>
      this.#options.log.error({ err, address: lease.address }, 'a room’s turn broke off'),
    );
    void turn.done.finally(() => {
      this.#held.delete(lease.address);
      if (!this.#stopping) this.#tick();
    });
  }

  /** Precise to the millisecond for what is due within a second: debounced tool states, short back-offs. */
  async #planNext(): Promise<void> {
    const pause = this.#pausedUntil - Date.now();
    const due = pause > 0 ? pause : this.#held.size < SLOTS ? await nextDueMs(this.#options.store) : undefined;
    clearTimeout(this.#soon);
    if (due !== undefined && due > 0 && due < SWEEP_MS && !this.#stopping) this.#soon = setTimeout(() => this.#tick(), Math.ceil(due) + 1);
  }

  async #work(turn: { lease: Lease; lost: boolean }): Promise<void> {
    const { lease } = turn;
    let end: TurnEnd = { kind: 'sent' };
    try {
      for (let count = 0; count < TURN && !turn.lost && !this.#stopping && end.kind === 'sent'; count += 1) {
        const row = await this.#claim(lease.address);
        if (row === undefined) break;
        if (row === 'buried') continue;
        this.#step('relay.frozen');
        end = await this.#sendRow(lease, row);
      }
    } catch (err) {
      this.#options.log.error({ err, address: lease.address }, 'a room’s turn failed; it is tried again');
      end = { kind: 'failed', afterMs: backOff(lease.attempts) };
    }
    this.#step('relay.turned');
    await releaseRoom(this.#options.store, lease, end);
    this.#step('relay.released');
  }

  async #claim(address: string): Promise<OutboxRow | 'buried' | undefined> {
    try {
      return await claimRow(this.#options.store, address, this.#options.freeze);
    } catch (error) {
      // A row whose words cannot be found must not stop its room; a store that fails says nothing about the row.
      if (!(error instanceof UnreadableRow) || isStoreFailure(error.cause)) throw error;
      this.#options.log.error({ err: error, row: error.row.id }, 'a row cannot be put into words');
      await markDead(this.#options.store, error.row, 'contenu illisible', this.#options.labels);
      return 'buried';
    }
  }

  async #sendRow(lease: Lease, row: OutboxRow): Promise<TurnEnd> {
    const outcome = await this.#send(lease, row);
    this.#step('relay.sent');
    this.#options.onEnd?.(row.kind, outcome.kind === 'sent' ? 'sent' : outcome.kind, Date.now() - row.queued_at.getTime());
    if (outcome.kind === 'later') return this.#putOff(lease, outcome);
    await this.#hear();
    if (outcome.kind === 'sent') await markInRoom(this.#options.store, row, outcome.eventId);
    else {
      this.#options.log.warn(
        { row: row.id, address: row.address, kind: row.kind, reason: outcome.reason },
        'the homeserver refused a row for good',
      );
      await markDead(this.#options.store, row, outcome.reason, this.#options.labels);
    }
    this.#step('relay.marked');
    return { kind: 'sent' };
  }

  async #send(lease: Lease, row: OutboxRow): Promise<SendOutcome> {
    if (row.frozen === null) throw new DeskError('bug', 'A claimed row is not frozen');
    try {
      if (lease.roomId === null) {
        lease.roomId = await this.#options.matrix.ensureRoom(row.address);
        if (!(await isRead(this.#options.store, row.address))) {
          await unfreeze(this.#options.store, row.id);
          return { kind: 'later', afterMs: undefined, down: false, reason: 'the room stood already; it is read first' };
        }
      }
      this.#step('relay.room');
      if (!(await this.#options.matrix.ensureMember(row.address, lease.roomId, row.sender))) {
        return { kind: 'refused', reason: `${row.sender} cannot join the room` };
      }
      return await this.#options.matrix.send({ roomId: lease.roomId, sender: row.sender, id: row.id, frozen: row.frozen });
    } catch (error) {
      if (!(error instanceof DeskError) || isStoreFailure(error.cause)) throw error;
      if (!error.fate.again && error.code !== 'config') return { kind: 'refused', reason: error.message };
      return { kind: 'later', afterMs: error.retryAfterMs, down: error.retryAfterMs === undefined, reason: error.message };
    }
  }

  #putOff(lease: Lease, { afterMs, down, reason }: Extract<SendOutcome, { kind: 'later' }>): TurnEnd {
    const wait = Math.max(afterMs ?? 0, backOff(lease.attempts));
    if (down) {
      if (this.#silences === 0)
        this.#options.log.warn({ reason, address: lease.address }, 'the homeserver does not answer; what is accepted waits');
      this.#silences += 1;
      this.#pausedUntil = Date.now() + Math.min(PAUSE_MS, backOff(this.#silences));
    } else {
      this.#options.log.info({ reason, address: lease.address, afterMs: wait }, 'the homeserver asks to come back later');
    }
    return afterMs === undefined ? { kind: 'failed', afterMs: wait } : { kind: 'told', afterMs: wait };
  }

  /** The homeserver answered: what was put off for its silence is due now. */
  async #hear(): Promise<void> {
    if (this.#silences === 0) return;
    this.#silences = 0;
    this.#pausedUntil = 0;
    this.#options.log.info({}, 'the homeserver answers again');
    await wakeFailed(this.#options.store);
    this.#tick();
  }

  async #renewAll(): Promise<void> {
    for (const turn of this.#held.values()) {
      try {
        const until = await renewLease(this.#options.store, turn.lease);
        if (until === undefined) turn.lost = true;
        else turn.lease.until = until;
      } catch {
        // The store's own failure is told where rows are claimed; an unrenewed lease only lapses.
      }
    }
  }

  #step(name: string): void {
    this.#options.onStep?.(name);
  }
}

/** 0.25 s doubled each time, with a tenth of chance so that rooms do not come back together. */
function backOff(attempts: number): number {
  return Math.min(SLOWEST_MS, 250 * 2 ** Math.min(attempts, 10)) * (0.9 + Math.random() * 0.2);
}

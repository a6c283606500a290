/**
 * Dispatch: handles what the homeserver brought, per room in order, each event exactly once: its effects and the mark
 * that it was handled are one commit. Any number of replicas may run.
 */
import type { MatrixEvent } from '#desk/event.ts';
import { isStoreFailure } from '#store/failure.ts';
import { giveUp, handleNext, type InboxRow, waitingRooms } from '#store/inbox.ts';
import { listen, type Listening } from '#store/listen.ts';
import type { Store } from '#store/open.ts';
import { NotYet, type Surroundings } from './dispatch/desk.ts';
import { handleEvent } from './dispatch/handle.ts';

export type DispatchOptions = Surroundings & {
  store: Store;
  storeUrl: string;
  log: { warn: (fields: object, text: string) => void; error: (fields: object, text: string) => void };
  /** Called between every two steps; tests end the process there. */
  onStep?: (step: string) => void;
};

const AT_ONCE = 4; // rooms handled at the same time; each holds a store connection
const SWEEP_MS = 1000;
const SOON_MS = 200; // before an event that cannot be judged yet is looked at again
const TRIES = 5; // an event that fails so often is put aside with the reason, so that its room goes on

export class Dispatch {
  readonly #options: DispatchOptions;
  readonly #failures = new Map<string, number>();
  readonly #busy = new Set<string>();
  #listening: Listening | undefined;
  #sweep: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  #again = false;
  #running: Promise<void> | undefined;
  #stopping = false;

  constructor(options: DispatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#listening = listen(this.#options.storeUrl, 'work_inbox', () => this.#tick());
    this.#sweep = setInterval(() => this.#tick(), SWEEP_MS);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#sweep);
    clearTimeout(this.#soon);
    await this.#listening?.stop();
    await this.#running;
  }

  #tick(): void {
    this.#again = true;
    this.#running ??= this.#runAll()
      .catch((err: unknown) => {
        this.#again = false;
        this.#options.log.error({ err }, 'the inbox cannot be read; trying again each second');
      })
      .finally(() => {
        this.#running = undefined;
        if (this.#again && !this.#stopping) this.#tick();
      });
  }

  async #runAll(): Promise<void> {
    while (this.#again && !this.#stopping) {
      this.#again = false;
      const rooms = await waitingRooms(this.#options.store, 64);
      const lane = async (): Promise<void> => {
        for (let room = rooms.shift(); room !== undefined && !this.#stopping; room = rooms.shift()) await this.#emptyRoom(room);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, lane));
    }
  }

  /** A boundary per room: what fails here stops no other room. */
  async #emptyRoom(room: string): Promise<void> {
    if (this.#busy.has(room)) return;
    this.#busy.add(room);
    let current: string | undefined;
    const handle = async (trx: Store, row: InboxRow): Promise<void> => {
      current = row.event_id;
      await handleEvent(trx, row.event as MatrixEvent, this.#options);
      this.#options.onStep?.('inbox.judged');
    };
    try {
      while (!this.#stopping && (await handleNext(this.#options.store, room, handle)) === 'handled') {
        this.#options.onStep?.('inbox.handled');
        if (current !== undefined) this.#failures.delete(current);
      }
    } catch (err) {
      await this.#onFailure(room, current, err);
    } finally {
      this.#busy.delete(room);
    }
  }

  async #onFailure(room: string, event: string | undefined, err: unknown): Promise<void> {
    if (err instanceof NotYet) {
      this.#soon = setTimeout(() => this.#tick(), SOON_MS);
      return;
    }
    const { log, store } = this.#options;
    log.error({ err, room, event }, 'an event could not be handled');
    if (event === undefined || isStoreFailure(err)) return;
    const failures = (this.#failures.get(event) ?? 0) + 1;
    this.#failures.set(event, failures);
    if (failures < TRIES) return;
    this.#failures.delete(event);
    await giveUp(store, room, err instanceof Error ? err.message.slice(0, 500) : 'unknown');
  }
}

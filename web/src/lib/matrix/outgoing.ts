/**
 * What is on its way to rooms. Each event is repeated until the homeserver has it; those of one room go one after the other, as
 * the homeserver keeps them in the order in which they come and what is decided last must count. When the line is back, every
 * room goes on at once.
 */
import type { Call } from './homeserver.ts';
import { asDecided, type Redacting, sendEvent, type Sending, type Trying } from './send.ts';

/** Where what is on its way outlives the page, on a station of her own. */
export interface Keeping {
  add(sending: Sending | Redacting): Promise<void>;
  remove(txn: string): Promise<void>;
}

/** What waits for one room; `isHeld` while its first event was tried in vain. */
type Line = { length: number; isHeld: boolean; last: Promise<unknown> };

export class Outgoing {
  keeping: Keeping | undefined;
  /** What the homeserver does not have yet. */
  readonly going = new Set<Sending | Redacting>();
  readonly #call: Call;
  readonly #onHeld: (held: number) => void;
  readonly #contentOf: NonNullable<Trying['contentOf']>;
  readonly #waiting = new Set<() => void>();
  readonly #lines = new Map<string, Line>();
  /** What the homeserver calls that which went out from here, by transaction id. */
  readonly #names = new Map<string, string>();
  #held = 0;

  /**
   * `onHeld` is called with the number of events that wait for a next try, their own or that of one before them, whenever it changes;
   * `contentOf` says what is sent at each try.
   */
  constructor(call: Call, onHeld: (held: number) => void, contentOf: NonNullable<Trying['contentOf']> = asDecided) {
    this.#call = call;
    this.#onHeld = onHeld;
    this.#contentOf = contentOf;
  }

  /** Something has not even set out, as it goes after what is on its way: the page would take it along. */
  get isBehind(): boolean {
    return [...this.#lines.values()].some(({ length }) => length > 1);
  }

  /**
   * Gives the id of the event, or of its redaction; an empty one when the homeserver has refused what is taken back. Throws the
   * Refusal that will not pass by itself.
   */
  async send(sending: Sending | Redacting): Promise<string> {
    this.going.add(sending);
    const line = this.#lines.get(sending.room) ?? { length: 0, isHeld: false, last: Promise.resolve() };
    this.#lines.set(sending.room, line);
    line.length += 1;
    this.#tellHeld();
    const before = line.last;
    const { promise, resolve: letNext } = Promise.withResolvers<undefined>();
    line.last = promise;
    if (this.keeping !== undefined) await this.keeping.add(sending).catch(() => undefined); // then it lives as long as the page
    if (line.length > 1) await before; // alone it sets out in this turn: the page draws what was decided while it travels
    const wait = async (ms: number): Promise<void> => {
      line.isHeld = true;
      this.#tellHeld();
      await this.#pause(ms);
    };
    try {
      if ('redacts' in sending) sending.redacts = this.#nameOf(sending.redacts);
      if ('redacts' in sending && sending.redacts === '') return '';
      const eventId = await sendEvent(this.#call, sending, { wait, contentOf: this.#contentOf });
      await this.#called(sending.txn, eventId);
      return eventId;
    } finally {
      line.isHeld = false;
      line.length -= 1;
      if (line.length === 0) this.#lines.delete(sending.room);
      this.#tellHeld();
      letNext(undefined);
      this.going.delete(sending);
      void this.keeping?.remove(sending.txn).catch(() => undefined); // sent again it would be the same event
    }
  }

  /** In its turn whatever goes before it has its name, or will never have one. */
  #nameOf(redacts: string): string {
    return redacts.startsWith('~') ? (this.#names.get(redacts.slice(1)) ?? '') : redacts;
  }

  /** Where what takes it back is kept it is so by this name, before the event itself is kept no more. */
  async #called(txn: string, eventId: string): Promise<void> {
    this.#names.set(txn, eventId);
    for (const one of this.going) {
      if (!('redacts' in one) || one.redacts !== `~${txn}`) continue;
      one.redacts = eventId;
      await this.keeping?.add(one).catch(() => undefined);
    }
  }

  #tellHeld(): void {
    const held = [...this.#lines.values()].reduce((sum, { isHeld, length }) => sum + (isHeld ? length : 0), 0);
    if (held === this.#held) return;
    this.#held = held;
    this.#onHeld(held);
  }

  /** The line is back: what waits is tried now. */
  wake(): void {
    for (const resume of [...this.#waiting]) resume();
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const resume = () => {
        clearTimeout(timer);
        this.#waiting.delete(resume);
        resolve();
      };
      const timer = setTimeout(resume, ms);
      this.#waiting.add(resume);
    });
  }
}

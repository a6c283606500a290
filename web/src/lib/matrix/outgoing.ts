/** What is on its way to rooms. Each event is repeated until the homeserver has it; when the line is back, all of them at once. */
import type { Call } from './homeserver.ts';
import { type Redacting, sendEvent, type Sending } from './send.ts';

/** Where what is on its way outlives the page, on a station of her own. */
export interface Keeping {
  add(sending: Sending | Redacting): Promise<void>;
  remove(txn: string): Promise<void>;
}

export class Outgoing {
  keeping: Keeping | undefined;
  /** What the homeserver does not have yet. */
  readonly going = new Set<Sending | Redacting>();
  readonly #call: Call;
  readonly #onHeld: (held: number) => void;
  readonly #waiting = new Set<() => void>();
  #held = 0;

  /** `onHeld` is called with the number of events that were tried in vain and wait for the next try, whenever it changes. */
  constructor(call: Call, onHeld: (held: number) => void) {
    this.#call = call;
    this.#onHeld = onHeld;
  }

  /** Gives the id of the event, or of its redaction. Throws the Refusal that will not pass by itself. */
  async send(sending: Sending | Redacting): Promise<string> {
    this.going.add(sending);
    await this.keeping?.add(sending).catch(() => undefined); // then it lives as long as the page
    const waited = { times: 0 };
    const wait = async (ms: number): Promise<void> => {
      waited.times += 1;
      if (waited.times === 1) this.#onHeld((this.#held += 1));
      await this.#pause(ms);
    };
    try {
      return await sendEvent(this.#call, sending, wait);
    } finally {
      if (waited.times > 0) this.#onHeld((this.#held -= 1));
      this.going.delete(sending);
      void this.keeping?.remove(sending.txn).catch(() => undefined); // sent again it would be the same event
    }
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

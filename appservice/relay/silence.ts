/** When the next try comes: of one room, and of a homeserver that gives no answer of its own. */

const FIRST_MS = 250;
const SLOWEST_MS = 5000; // between two tries of a room
const PAUSE_MS = 2000; // longest wait before a silent homeserver is tried again

/** 0.25 s doubled each time, with a tenth of chance so that rooms do not come back together. */
export function backOff(attempts: number): number {
  return Math.min(SLOWEST_MS, FIRST_MS * 2 ** Math.min(attempts, 10)) * (0.9 + Math.random() * 0.2);
}

/** A silent homeserver is left alone by all rooms at once, and then tried with one of them, not with all. */
export class Silence {
  readonly #clock: () => number;
  #tries = 0;
  #until = 0;

  constructor(clock: () => number = Date.now) {
    this.#clock = clock;
  }

  get isOn(): boolean {
    return this.#tries > 0;
  }

  /** Milliseconds until it may be tried again; 0 or less: now. */
  get pauseMs(): number {
    return this.#until - this.#clock();
  }

  /** True when it begins. */
  note(): boolean {
    this.#tries += 1;
    this.#until = this.#clock() + Math.min(PAUSE_MS, backOff(this.#tries));
    return this.#tries === 1;
  }

  /** The homeserver answered. True when it had been silent. */
  end(): boolean {
    const wasOn = this.isOn;
    this.#tries = 0;
    this.#until = 0;
    return wasOn;
  }
}

/** The desk drawn anew by the server, again and again until it can be: what is on the page stays there meanwhile. */
import type { Snapshot } from '#lib/desk/snapshot.ts';
import { askDesk } from './ask.ts';

const WAIT_MS = { first: 500, longest: 30_000 };

export class Redrawing {
  readonly #show: (drawn: Snapshot) => void;
  readonly #leave: () => void;
  #isGoing = false;
  #isOver = false;

  constructor({ show, leave }: { show: (drawn: Snapshot) => void; leave: () => void }) {
    this.#show = show;
    this.#leave = leave;
  }

  begin(): void {
    if (this.#isGoing) return;
    this.#isGoing = true;
    void this.#draw().finally(() => (this.#isGoing = false));
  }

  stop(): void {
    this.#isOver = true;
  }

  async #draw(): Promise<void> {
    for (let waitMs = WAIT_MS.first; ; waitMs = Math.min(2 * waitMs, WAIT_MS.longest)) {
      const drawn = await askDesk();
      if (this.#isOver || drawn !== undefined) {
        this.#take(drawn);
        return;
      }
      // Of all the desks that a restarted homeserver has forgotten, not each at the same moment.
      await new Promise((done) => setTimeout(done, waitMs * (0.5 + Math.random())));
    }
  }

  #take(drawn: Snapshot | 'signed-out' | undefined): void {
    if (this.#isOver || drawn === undefined) return;
    if (drawn === 'signed-out') this.#leave();
    else this.#show(drawn);
  }
}

/**
 * Whether the pings that we ask the homeserver for come back to us. When it says that it reached us and nobody who shares our
 * store heard it, somebody else holds our address: two installations with one registration, by mistake, each of which would
 * get some of what is meant for the other.
 */
import { randomUUID } from 'node:crypto';
import { markPing, notePing, wasPinged } from '#store/pings.ts';
import type { Store } from '#store/open.ts';

/** `unknown`: the store did not say, so it is believed to be here. */
export type Place = 'here' | 'elsewhere' | 'unknown';

const OURS = /^ecritoire-/; // others ask for pings with our registration too: the check of the configuration
const PENDING = 20; // at most remembered; one ping follows the other

export class Echoes {
  readonly #store: Store;
  readonly #onStranger: () => void;
  /** Those of this process that the store knows of, and whether they came. */
  readonly #own = new Map<string, { isHeard: boolean }>();

  /** `onStranger` is called for a ping that another installation asked for, and that came to us. */
  constructor({ store, onStranger = () => undefined }: { store: Store; onStranger?: () => void }) {
    this.#store = store;
    this.#onStranger = onStranger;
  }

  /** The id to ask for the next ping with. One that the store could not note is judged by nobody. */
  async announce(): Promise<string> {
    const id = `ecritoire-${randomUUID()}`;
    try {
      await notePing(this.#store, id);
    } catch {
      return `blind-${randomUUID()}`;
    }
    this.#own.set(id, { isHeard: false });
    const [oldest] = this.#own.keys();
    if (this.#own.size > PENDING && oldest !== undefined) this.#own.delete(oldest);
    return id;
  }

  /** A ping came. Rejects when the store cannot say whose it is: then it was not received. */
  async hear(id: unknown): Promise<void> {
    if (typeof id !== 'string' || !OURS.test(id)) return;
    const own = this.#own.get(id);
    if (own !== undefined) own.isHeard = true;
    else if (!(await markPing(this.#store, id))) this.#onStranger();
  }

  /** Where a ping went of which the homeserver says that it was answered. */
  async judge(id: string): Promise<Place> {
    const own = this.#own.get(id);
    this.#own.delete(id);
    if (own === undefined) return 'unknown';
    if (own.isHeard) return 'here';
    const isSeen = await wasPinged(this.#store, id).catch(() => undefined);
    if (isSeen === undefined) return 'unknown';
    return isSeen ? 'here' : 'elsewhere';
  }
}

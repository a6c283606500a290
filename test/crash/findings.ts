/** What is compared, and what was found wrong. */
import type { Store } from '../../appservice/store/open.ts';
import type { Asked } from './load.ts';
import type { Accepted, Model } from './model.ts';
import type { RoomView } from './room-view.ts';

export type Fault = 'lost' | 'doubled' | 'outOfOrder' | 'wrongState';

/** Collects what is wrong, each thing by a name of its own. */
export class Findings {
  readonly #found: Record<Fault, Map<string, string>> = {
    lost: new Map(),
    doubled: new Map(),
    outOfOrder: new Map(),
    wrongState: new Map(),
  };

  add(fault: Fault, name: string, text: string): void {
    if (!this.#found[fault].has(name)) this.#found[fault].set(name, text);
  }

  count(fault: Fault): number {
    return this.#found[fault].size;
  }

  texts(): string[] {
    return Object.entries(this.#found).flatMap(([fault, found]) => [...found.values()].map((text) => `${fault}: ${text}`));
  }
}

export type Comparing = {
  model: Model;
  views: ReadonlyMap<string, RoomView>;
  store: Store;
  /** What is looked at: what a round touched, or everything. */
  accepted: readonly Accepted[];
  asked: readonly Asked[];
  findings: Findings;
};

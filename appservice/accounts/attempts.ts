/** How often one agent may try: a tool that counts wrong passwords locks her out, or slows all of us behind one address. */

const MOST = { account: 6, agent: 30 }; // tries in a window; those that go well do not count
const WINDOW_MS = 600_000;
const KEPT = 20_000; // agents remembered at most

type Tries = { since: number; count: number };

/** Of this replica alone: with several, at worst as many times more. */
export class Attempts {
  readonly #clock: () => number;
  readonly #tries = new Map<string, Tries>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Counts this one; false when it may not be made. */
  may(agent: string, connection: string): boolean {
    const [account, all] = [`${agent} ${connection}`, agent];
    if (this.#count(account) >= MOST.account || this.#count(all) >= MOST.agent) return false;
    this.#add(account);
    this.#add(all);
    return true;
  }

  succeeded(agent: string, connection: string): void {
    this.#tries.delete(`${agent} ${connection}`);
  }

  #count(name: string): number {
    const known = this.#tries.get(name);
    return known === undefined || this.#clock() - known.since > WINDOW_MS ? 0 : known.count;
  }

  #add(name: string): void {
    const count = this.#count(name);
    const since = count === 0 ? this.#clock() : (this.#tries.get(name)?.since ?? this.#clock());
    this.#tries.delete(name);
    this.#tries.set(name, { since, count: count + 1 });
    const [oldest] = this.#tries.keys();
    if (this.#tries.size > KEPT && oldest !== undefined) this.#tries.delete(oldest);
  }
}

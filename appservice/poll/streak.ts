/** Whether what accounts meet is their connection's own fault: what one of them meets alone says nothing of it. */

const IN_A_ROW = 3; // whoever's
const INTERVALS = 3; // in which nothing went well
const MOST_REFUSED = 4; // different accounts in a row; more of them at once did not all lose their passwords

type Streak = { failures: number; wellAt: number; refused: Set<string> };

export class Streaks {
  readonly #streaks = new Map<string, Streak>();
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  well(connection: string): void {
    this.#streaks.set(connection, { failures: 0, wellAt: this.#clock(), refused: new Set() });
  }

  /** Counts a sweep that failed; answers whether it is everybody's by now. */
  failed(connection: string, everyMs: number): boolean {
    const streak = this.#of(connection);
    streak.failures += 1;
    return streak.failures >= IN_A_ROW && this.#clock() - streak.wellAt >= INTERVALS * everyMs;
  }

  /** Notes an account that was refused; answers whether it is everybody's by now (a portal that shows its log-in page to all). */
  refused(connection: string, agent: string): boolean {
    return this.#of(connection).refused.add(agent).size > MOST_REFUSED;
  }

  #of(connection: string): Streak {
    const streak = this.#streaks.get(connection) ?? { failures: 0, wellAt: 0, refused: new Set() };
    this.#streaks.set(connection, streak);
    return streak;
  }
}

/** Whether what accounts meet is their connection's own fault: what one of them meets alone says nothing of it. */

const IN_A_ROW = 3; // whoever's
const INTERVALS = 3; // in which nothing went well

type Streak = { failures: number; wellAt: number };

export class Streaks {
  readonly #streaks = new Map<string, Streak>();
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  well(connection: string): void {
    this.#streaks.set(connection, { failures: 0, wellAt: this.#clock() });
  }

  /** Counts a sweep that failed; answers whether it is everybody's by now. */
  failed(connection: string, everyMs: number): boolean {
    const streak = this.#of(connection);
    streak.failures += 1;
    return streak.failures >= IN_A_ROW && this.#clock() - streak.wellAt >= INTERVALS * everyMs;
  }

  #of(connection: string): Streak {
    const streak = this.#streaks.get(connection) ?? { failures: 0, wellAt: 0 };
    this.#streaks.set(connection, streak);
    return streak;
  }
}

/** A circuit breaker per connection: a tool that is down is left alone for a while, and then asked by one account first. */

const FAILURES = 5; // in a row, whoever's: before that it may be one account's bad luck
const REST_MS = { first: 30_000, longest: 600_000 };

type Circuit = { failures: number; openUntil: number; rests: number; isProbing: boolean };

export class Breakers {
  readonly #circuits = new Map<string, Circuit>();
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** How long this connection must rest, ms; 0: go on. After a rest only one caller goes first. */
  restMs(connection: string): number {
    const circuit = this.#circuits.get(connection);
    if (circuit === undefined || circuit.failures < FAILURES) return 0;
    const left = circuit.openUntil - this.#clock();
    if (left > 0) return left;
    if (circuit.isProbing) return REST_MS.first / 10;
    circuit.isProbing = true;
    return 0;
  }

  well(connection: string): void {
    this.#circuits.delete(connection);
  }

  /** Only for failures of the tool as a whole. */
  failed(connection: string): void {
    const circuit = this.#circuits.get(connection) ?? { failures: 0, openUntil: 0, rests: 0, isProbing: false };
    circuit.failures += 1;
    circuit.isProbing = false;
    if (circuit.failures >= FAILURES) {
      circuit.openUntil = this.#clock() + Math.min(REST_MS.first * 2 ** circuit.rests, REST_MS.longest);
      circuit.rests += 1;
    }
    this.#circuits.set(connection, circuit);
  }

  isOpen(connection: string): boolean {
    return (this.#circuits.get(connection)?.failures ?? 0) >= FAILURES;
  }
}

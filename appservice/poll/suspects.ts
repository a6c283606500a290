/**
 * Whose fault it is that an account is not let in. What the tool itself refuses is hers at once. A log-in page may be a portal's
 * that shows it to all: she is asked again after somebody else was let in, and shown it then, it is hers; while nobody is let in,
 * nobody is blamed for it.
 */

const MOST_REFUSED = 4; // different accounts; more of them at once did not all lose their passwords

/** `hers`: that account alone. `all`: everybody's. `open`: it takes another one to tell. */
export type Verdict = 'hers' | 'all' | 'open';

type Refusal = { agent: string; atMs: number; others: readonly string[]; isPage: boolean };
type Suspect = { atMs: number; isAskedAgain: boolean };
type Suspicion = { letInMs: number; refused: Map<string, Suspect> };

/** Of this replica alone: with several it takes a few sweeps more to tell. Times are those at which sweeps began. */
export class Suspects {
  readonly #connections = new Map<string, Suspicion>();

  /** `others`: some of those who are swept beside her, more than four where there are as many; `isPage`: all she got was a log-in page. */
  refused(connection: string, { agent, atMs, others, isPage }: Refusal): Verdict {
    const { letInMs, refused } = this.#of(connection);
    const before = refused.get(agent);
    if (before !== undefined && (others.length === 0 || letInMs > before.atMs)) {
      refused.delete(agent);
      return 'hers';
    }
    if (before === undefined) refused.set(agent, { atMs, isAskedAgain: !isPage });
    const sinceThen = [...refused.values()].filter((one) => one.atMs > letInMs).length;
    if (!isPage) return sinceThen > MOST_REFUSED ? 'all' : 'hers';
    const isEverybody = others.length > 0 && others.every((one) => refused.has(one));
    return sinceThen > MOST_REFUSED || (isEverybody && sinceThen > others.length) ? 'all' : 'open';
  }

  /** Somebody was let in; answers whom to ask again now. */
  letIn(connection: string, { agent, atMs }: { agent: string; atMs: number }): string[] {
    const suspicion = this.#of(connection);
    suspicion.letInMs = Math.max(suspicion.letInMs, atMs);
    suspicion.refused.delete(agent);
    const again = [...suspicion.refused].filter(([, one]) => !one.isAskedAgain && one.atMs < atMs);
    for (const [, one] of again) one.isAskedAgain = true;
    return again.map(([name]) => name);
  }

  /** Linked anew: what was refused was another account. */
  forget(connection: string, agent: string): void {
    this.#of(connection).refused.delete(agent);
  }

  /** Somebody beside her who was not refused, to be asked now. */
  witness(connection: string, others: readonly string[]): string | undefined {
    const { refused } = this.#of(connection);
    return others.find((one) => !refused.has(one));
  }

  #of(connection: string): Suspicion {
    const suspicion = this.#connections.get(connection) ?? { letInMs: 0, refused: new Map<string, Suspect>() };
    this.#connections.set(connection, suspicion);
    return suspicion;
  }
}

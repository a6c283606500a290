/**
 * What has to stand in the rooms, written a second time and as simply as HOOKS.md says it: the newest accepted event of a key
 * decides, whoever is no longer addressed keeps what she saw as taken away, an older event changes nothing.
 */
import type { Planned } from './plan.ts';

/** An item as one agent has to see it. */
export type Expected = {
  revision: number;
  state: 'todo' | 'done' | 'cancelled';
  title: string;
  severity: string;
  dueAt: string | undefined;
  isAddressed: boolean;
};

/** An event that was answered 202, with when (ms), and whether it was news. */
export type Accepted = { event: Planned; at: number; isNewest: boolean };

type Known = { revision: number; shown: Map<string, Expected> };

export class Model {
  readonly accepted: Accepted[] = [];
  readonly #known = new Map<string, Known>();

  /** Events of one key come here in the order in which they were posted, each posted after the answer to the one before. */
  accept(event: Planned, at: number): void {
    const known = this.#known.get(event.key) ?? { revision: -1, shown: new Map<string, Expected>() };
    const isNewest = event.revision > known.revision;
    this.accepted.push({ event, at, isNewest });
    if (!isNewest) return;
    known.revision = event.revision;
    this.#known.set(event.key, known);
    if (event.op === 'close') closeAll(known, event.revision);
    else showAll(known, event);
  }

  keys(): string[] {
    return [...this.#known.keys()];
  }

  /** Who has to see this item how. */
  shown(key: string): ReadonlyMap<string, Expected> {
    return this.#known.get(key)?.shown ?? new Map<string, Expected>();
  }
}

function closeAll({ shown }: Known, revision: number): void {
  for (const expected of shown.values()) {
    if (expected.isAddressed) Object.assign(expected, { revision, state: 'done' });
  }
}

function showAll({ shown }: Known, event: Planned & { op: 'upsert' }): void {
  const { revision, title, severity, dueAt } = event;
  for (const [agent, expected] of shown) {
    if (expected.isAddressed && !event.to.includes(agent)) Object.assign(expected, { revision, state: 'cancelled', isAddressed: false });
  }
  for (const agent of event.to) shown.set(agent, { revision, state: 'todo', title, severity, dueAt, isAddressed: true });
}

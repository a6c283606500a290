/**
 * Keeps parts running: each is started again when it dies, and said so; a part that dies three times within a minute stops
 * everything. Knows nothing of what the parts are.
 */
import type { ChildProcess } from 'node:child_process';
import { ended, pause } from '../guarded.ts';

/** One process of the trial. */
export interface Part {
  readonly name: string;
  /** What a person calls it, with its article's capital: « Le serveur Matrix ». */
  readonly said: string;
  readonly url?: string | undefined;
  /** Absolute path of its log. */
  readonly log: string;
  /** Parts stop in the order of their stages; those of one stage together. */
  readonly stage: 1 | 2;
  readonly stopSignal: 'SIGTERM' | 'SIGINT';
  /**
   * Starts the process, hands it over as soon as it exists, and resolves when it is healthy. Called again after each death, never
   * twice at once. Throws when the process ended before, or never became healthy.
   */
  launch(born: (child: ChildProcess) => void): Promise<void>;
}

export type Standing = { part: Part; pid: number | undefined; ready: boolean };

export interface Told {
  /** A pid or a readiness changed. */
  changed(): void;
  died(part: Part, how: string): void;
  /** Healthy; `again` after a death. */
  ready(part: Part, again: boolean): void;
  /** Nothing can go on: the sentence for the person. Stopping is up to whoever is told. */
  gaveUp(part: Part, why: 'refused' | 'thrice', error?: unknown): void;
}

/** sysexits.h: the configuration is at fault, so that another try would end the same way. */
const EX_CONFIG = 78;
const DEATHS = 3;
const WITHIN_MS = 60_000;
/** A part that dies at once must not spin; well within the 10 s in which it has to be back. */
const BEFORE_SECOND_MS = 500;
const PATIENCE_MS = 2000;

export class Supervisor {
  readonly #told: Told;
  readonly #kept: Kept[] = [];
  #stopping = false;

  constructor(told: Told) {
    this.#told = told;
  }

  /** Starts a part and keeps it; `after` holds its first start and every other one back. */
  keep(part: Part, { after }: { after?: () => Promise<void> } = {}): void {
    const kept: Kept = { part, child: undefined, ready: false, deaths: [], wasReady: false };
    this.#kept.push(kept);
    void this.#run(kept, after);
  }

  standings(): Standing[] {
    return this.#kept.map(({ part, child, ready }) => ({
      part,
      pid: isRunning(child) ? child?.pid : undefined,
      ready: ready && isRunning(child),
    }));
  }

  /** Resolves once the part of that name is healthy; never, when it never is. */
  async whenReady(name: string): Promise<void> {
    while (!this.#stopping && !this.standings().some(({ part, ready }) => part.name === name && ready)) {
      await pause(10);
    }
  }

  /** Stops all, stage after stage; a part that takes its time is killed. Resolves when every process is gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const stage of [1, 2]) {
      await Promise.all(this.#kept.filter(({ part }) => part.stage === stage).map((kept) => stopKept(kept)));
    }
  }

  /** Kills all at once: the person asked twice. */
  kill(): void {
    this.#stopping = true;
    for (const { child } of this.#kept) {
      child?.kill('SIGKILL');
    }
  }

  async #run(kept: Kept, after: (() => Promise<void>) | undefined): Promise<void> {
    do {
      if (kept.deaths.length > 1) {
        await pause(BEFORE_SECOND_MS);
      }
      await after?.();
    } while (await this.#livesOn(kept));
  }

  /** One life; false when there is none after it. */
  async #livesOn(kept: Kept): Promise<boolean> {
    if (this.#stopping) {
      return false;
    }
    const failure = await this.#life(kept);
    return !this.#isOver(kept, failure);
  }

  /** From birth to death; answers what stopped it from becoming healthy, if that was it. */
  async #life(kept: Kept): Promise<unknown> {
    let failure: unknown;
    const born = (child: ChildProcess): void => {
      kept.child = child;
      child.once('exit', () => {
        kept.ready = false;
        this.#told.changed();
      });
      this.#told.changed();
      if (this.#stopping) {
        child.kill(kept.part.stopSignal);
      }
    };
    try {
      await kept.part.launch(born);
      if (isRunning(kept.child)) {
        kept.ready = true;
        this.#told.ready(kept.part, kept.wasReady);
        kept.wasReady = true;
        this.#told.changed();
      }
    } catch (error) {
      failure = error;
      kept.child?.kill(kept.part.stopSignal);
    }
    if (kept.child !== undefined) {
      await ended(kept.child);
    }
    return failure;
  }

  /** Counts the death; true when there is no going on. */
  #isOver(kept: Kept, failure: unknown): boolean {
    if (this.#stopping) {
      return true;
    }
    const { part, child } = kept;
    const now = Date.now();
    kept.deaths = [...kept.deaths, now].filter((at) => now - at < WITHIN_MS);
    if (child?.exitCode === EX_CONFIG) {
      this.#told.gaveUp(part, 'refused', failure);
      return true;
    }
    if (kept.deaths.length >= DEATHS) {
      this.#told.gaveUp(part, 'thrice', failure);
      return true;
    }
    this.#told.died(part, sayEnd(child));
    return false;
  }
}

type Kept = { part: Part; child: ChildProcess | undefined; ready: boolean; wasReady: boolean; deaths: number[] };

const isRunning = (child: ChildProcess | undefined): boolean =>
  child?.pid !== undefined && child.exitCode === null && child.signalCode === null;

function sayEnd(child: ChildProcess | undefined): string {
  return child?.signalCode ?? (child?.exitCode == null ? 'pas démarré' : `code ${child.exitCode}`);
}

async function stopKept({ part, child }: Kept): Promise<void> {
  if (child === undefined || !isRunning(child)) {
    return;
  }
  const over = ended(child);
  child.kill(part.stopSignal);
  const killing = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await over;
  clearTimeout(killing);
}

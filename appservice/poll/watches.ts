/**
 * The pushes of tools (`bot.watch`): opened after an account's first sweep that went well, they only wake the next one. What came
 * after that sweep and before it was listened for is told by nobody: one sweep more looks for it.
 */
import { DeskError } from '#desk/errors.ts';
import type { Store } from '#store/open.ts';
import { sweptStill, wakePolls } from '#store/polls.ts';
import type { Log } from '../log.ts';
import type { Tool, Tools } from '../tools.ts';

export type WatchesOptions = { store: Store; tools: Pick<Tools, 'open'>; log: Log; clock: () => number };

const UNWATCHED_MS = 600_000; // most servers without a push never get one
const BEFORE_MS = 60_000; // a server that hangs up on whoever listens is not swept each time that it did

export class Watches {
  readonly #options: WatchesOptions;
  readonly #ends = new Map<string, () => void>();
  /** Until when (ms) a push that was not there is not asked for again. */
  readonly #unwatched = new Map<string, number>();
  /** When (ms) it was last looked for what came before a push was there. */
  readonly #lookedBefore = new Map<string, number>();
  #stopping = false;

  constructor(options: WatchesOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#stopping = true;
    for (const end of this.#ends.values()) end();
  }

  /** Resolves when it is open, or is known not to be; never rejects. */
  async open(tool: Tool, agent: string): Promise<void> {
    const { tools, log, clock } = this.#options;
    const { bot, connection } = tool;
    const name = nameOf(connection.id, agent);
    if (bot.watch === undefined || this.#ends.has(name) || this.#stopping || clock() < (this.#unwatched.get(name) ?? 0)) return;
    let isWanted = true;
    const forget = (): void => {
      isWanted = false;
      if (this.#ends.get(name) === end) this.#ends.delete(name);
    };
    let end = forget;
    this.#ends.set(name, end);
    try {
      const stop = await bot.watch(await tools.open(tool, agent), {
        wake: () => this.#wake(connection.id, agent),
        lost: () => forget(),
      });
      end = () => {
        forget();
        stop();
      };
      if (this.#isWanted(isWanted)) {
        this.#ends.set(name, end);
        this.#lookBefore(connection.id, agent);
      } else stop(); // it took its time to open
    } catch (err) {
      forget();
      if (!(err instanceof DeskError && err.fate.again)) this.#unwatched.set(name, clock() + UNWATCHED_MS);
      log.debug({ err, connection: connection.id }, 'a tool’s push is not there; sweeping goes on');
    }
  }

  /** What it opened with is no account any more. */
  end(connection: string, agent: string): void {
    this.#ends.get(nameOf(connection, agent))?.();
  }

  /** Those of accounts that are not swept any more, which nobody told of. */
  async endForgotten(): Promise<void> {
    const names = [...this.#ends.keys()];
    const still = names.length === 0 ? new Set<string>() : await sweptStill(this.#options.store, names);
    for (const name of names) if (!still.has(name)) this.#ends.get(name)?.();
  }

  #wake(connection: string, agent: string): void {
    void wakePolls(this.#options.store, connection, [agent]).catch(() => undefined); // the next sweep comes anyway
  }

  #lookBefore(connection: string, agent: string): void {
    const [name, now] = [nameOf(connection, agent), this.#options.clock()];
    if (now - (this.#lookedBefore.get(name) ?? -Infinity) < BEFORE_MS) return;
    this.#lookedBefore.set(name, now);
    this.#wake(connection, agent);
  }

  #isWanted(isWanted: boolean): boolean {
    return isWanted && !this.#stopping;
  }
}

const nameOf = (connection: string, agent: string): string => `${connection} ${agent}`;

/** The town as it runs: what its tools remember, told to the desk by posts, or by twins to whoever asks them. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadedConfig } from '#config/load.ts';
import type { Hook } from '../hook.ts';
import { begin, EMPTY, goOn, idOf, type Memory, type Saying, type Step, type Thing, without } from './day.ts';
import { eventOf } from './event.ts';
import { type OpenTwin, openTwins, toldOf } from './open-twins.ts';
import { deliver } from './sender.ts';

/** `inbox`: where a tool that its bot reads may post that something is new. */
export type Door = { hook?: Hook; inbox: string };
/** `request`: undefined for a tool that waits to be asked. */
type Push = { tool: string; line: string; request: { headers: Record<string, string>; body: Uint8Array } | undefined };
type Options = { folder: string; seed: string; pages: string; say: (line: string) => void };

export class Town {
  readonly #options: Options;
  readonly #file: string;
  readonly #twins = new Map<string, OpenTwin>();
  /** Keys at the twins, by what the memory knows an object. */
  readonly #keys = new Map<string, string>();
  #doors: ReadonlyMap<string, Door> = new Map();
  #memory: Memory = EMPTY;
  #posting: Promise<void> = Promise.resolve();
  #keeping: Promise<void> = Promise.resolve();

  private constructor(options: Options) {
    this.#options = options;
    this.#file = join(options.folder, 'memory.json');
  }

  /** What was open when it last stopped is open again before any twin is asked. */
  static async open(config: LoadedConfig, { ports, ...options }: Options & { ports: Readonly<Record<string, number>> }): Promise<Town> {
    const town = new Town(options);
    town.#memory = await remember(town.#file);
    await openTwins(config, {
      ports,
      ready: (open) => {
        town.#twins.set(open.tool.id, open);
        for (const thing of town.things(open.tool.id)) town.#tell({ op: 'upsert', thing, at: thing.at });
      },
    });
    return town;
  }

  get twins(): readonly OpenTwin[] {
    return [...this.#twins.values()];
  }

  /** From now on its tools can post. */
  connect(doors: ReadonlyMap<string, Door>): void {
    this.#doors = doors;
  }

  get isPaused(): boolean {
    return this.#memory.isPaused === true;
  }

  /** Nothing happens of itself meanwhile, after a restart neither. */
  async pause(isPaused: boolean): Promise<void> {
    this.#memory = { ...this.#memory, isPaused };
    await this.#keep();
  }

  /** What is open at a tool, the oldest first. */
  things(tool: string): Thing[] {
    return Object.values(this.#memory.things).filter(({ scene }) => scene.tool === tool);
  }

  /** The key of an object at its tool. */
  keyOf(thing: Thing): string {
    return this.#keys.get(idOf(thing)) ?? `${thing.day}/${thing.scene.key}`;
  }

  /** One thing more of the day, unless it stands still; every day has its morning, also when the town has been running since the day before. */
  async step(): Promise<number> {
    this.notice();
    const at = { now: Date.now(), seed: this.#options.seed };
    const morning = begin(this.#memory, at);
    if (this.isPaused && morning.memory === this.#memory) return this.#memory.steps;
    await this.happen(() => (morning.memory === this.#memory ? goOn(this.#memory, at) : morning));
    return this.#memory.steps;
  }

  /** Resolves when the desk was told what has to be posted. Twins and the memory know at once. */
  async happen(change: (memory: Memory) => Step): Promise<void> {
    const { memory, said } = change(this.#memory);
    this.#memory = memory;
    const pushes = said.map((saying) => this.#tell(saying));
    this.#posting = this.#posting.then(() => this.#post(said, pushes));
    await this.#posting;
    await this.#keep();
  }

  /** Its tool says itself that it is over. */
  async forget(thing: Thing): Promise<void> {
    this.#memory = without(this.#memory, thing);
    await this.#keep();
  }

  /** What agents did at the twins is over here too, and remembered: a restart does not bring it back. */
  notice(): void {
    const before = this.#memory;
    for (const { tool, twin } of this.#twins.values()) {
      const over = this.things(tool.id).filter((thing) => twin.isOpen?.(this.keyOf(thing)) === false);
      for (const thing of over) this.#memory = without(this.#memory, thing);
    }
    if (this.#memory !== before) void this.#keep();
  }

  /** Answers what the tool posts of it: of what is taken back, as long as it is known whose it was. */
  #tell({ op, thing }: Saying): Push {
    const { tool } = thing.scene;
    const open = this.#twins.get(tool);
    const id = idOf(thing);
    if (open !== undefined && op === 'upsert') this.#keys.set(id, open.twin.tell?.(toldOf(thing)) ?? '');
    const key = this.keyOf(thing);
    const request = open?.twin.push?.(key);
    if (op === 'close') {
      open?.twin.settle(key);
      this.#keys.delete(id);
    }
    return { tool, line: `${tool}: ${op} ${key}`, request };
  }

  async #post(said: readonly Saying[], pushes: readonly Push[]): Promise<void> {
    const tools = [...new Set(said.map(({ thing }) => thing.scene.tool))];
    await Promise.all(
      tools.map(async (tool) => {
        const own = said.filter(({ thing }) => thing.scene.tool === tool);
        const door = this.#doors.get(tool);
        if (door?.hook !== undefined) await this.#deliver(tool, door.hook, own);
        else for (const push of pushes.filter((one) => one.tool === tool)) await this.#push(push, door?.inbox);
      }),
    );
  }

  async #deliver(tool: string, hook: Hook, said: readonly Saying[]): Promise<void> {
    const events = said.flatMap((saying) => eventOf(saying, this.#options.pages) ?? []);
    if (events.length > 0 && (await deliver(hook, events, this.#options.say))) this.#options.say(`${tool}: ${events.length}`);
  }

  /** A tool that tells of news at once; if nobody listens, the next sweep sees it anyway. */
  async #push({ line, request }: Push, inbox: string | undefined): Promise<void> {
    this.#options.say(line);
    if (request === undefined || inbox === undefined) return;
    const answer = await fetch(inbox, {
      method: 'POST',
      headers: request.headers,
      body: Buffer.from(request.body),
      signal: AbortSignal.timeout(5000),
    }).catch(() => undefined);
    await answer?.body?.cancel();
  }

  #keep(): Promise<void> {
    this.#keeping = this.#keeping.then(async () => {
      await writeFile(`${this.#file}.tmp`, JSON.stringify(this.#memory), { mode: 0o600 });
      await rename(`${this.#file}.tmp`, this.#file);
    });
    return this.#keeping;
  }
}

async function remember(file: string): Promise<Memory> {
  try {
    const { things, ...rest } = JSON.parse(await readFile(file, 'utf8')) as Memory;
    return { ...EMPTY, ...rest, things };
  } catch {
    return EMPTY; // the first start, or a file a full disk left empty: the day begins again
  }
}

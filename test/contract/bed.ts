/** A bot beside its running twin, with a context as the framework makes it and a log that is kept. */
import { randomUUID } from 'node:crypto';
import type { Bot, Ctx } from '../../bots/bot.ts';
import { type AddressGuard, makeGuard } from '../../bots/io-guard.ts';
import { makeIo } from '../../bots/io.ts';
import type { Fault, RunningTwin, Twin } from '../../bots/twin.ts';

export const CLAIRE = 'claire.morel@ville-claire.example';
export const MARC = 'marc.roche@ville-claire.example';
export const TIME_ZONE = 'Europe/Paris';

/** How a twin is slow, and how long it is waited for then; otherwise as long as a busy machine may take. */
export const SLOW = { kind: 'slow', ms: 1200 } as const;
const PATIENCE_MS = { slow: 400, usual: 30_000 };

export type BedSwept = { keys: string[]; closed: string[]; complete: boolean; cursor: unknown };

export class BotBed {
  readonly bot: Bot;
  readonly twin: RunningTwin;
  readonly lines: string[] = [];
  readonly guard: AddressGuard;
  readonly config: unknown;
  #patienceMs = PATIENCE_MS.usual;

  private constructor(bot: Bot, twin: RunningTwin, { config, guard }: { config?: unknown; guard?: AddressGuard } = {}) {
    this.bot = bot;
    this.twin = twin;
    this.config = config ?? bot.config.parse(twin.config);
    this.guard = guard ?? makeGuard({ privateNetworks: ['127.0.0.0/8'] });
  }

  static async start(bot: Bot, twin: Twin): Promise<BotBed> {
    return new BotBed(bot, await twin.start());
  }

  /** The twin goes wrong from here on; well again without a fault. */
  fail(fault?: Fault): void {
    this.#patienceMs = fault?.kind === 'slow' ? PATIENCE_MS.slow : PATIENCE_MS.usual;
    this.twin.fail(fault);
  }

  /** The same twin, looked at by other settings or through another guard. */
  as({ config = this.config, guard = this.guard }: { config?: unknown; guard?: AddressGuard }): BotBed {
    return new BotBed(this.bot, this.twin, { config, guard });
  }

  async stop(): Promise<void> {
    await this.guard.close();
    await this.twin.stop();
  }

  get origins(): readonly string[] {
    return originsOf(this.bot, this.config);
  }

  /** A context for an agent's account, or for the technical one. */
  ctx(agent = CLAIRE, { open = [], secret }: { open?: readonly string[]; secret?: unknown } = {}): Ctx<unknown, unknown> {
    const requestId = randomUUID();
    const write = (level: string) => (fields: object, text: string) => void this.lines.push(JSON.stringify({ level, ...fields, text }));
    const log = { debug: write('debug'), info: write('info'), warn: write('warn') };
    const localpart = agent.split('@')[0] ?? agent;
    const ref = { localpart, mxid: `@${localpart}:desk.localhost`, mail: agent, uid: localpart };
    const account = secret ?? this.twin.account?.(agent);
    return {
      config: this.config,
      ...(this.bot.account !== undefined && { account: { agent: ref, secret: this.bot.account.parse(account) } }),
      io: makeIo({ origins: this.origins, guard: this.guard, log, requestId, timeouts: { read: this.#patienceMs, act: this.#patienceMs } }),
      log,
      clock: Date.now,
      requestId,
      timeZone: TIME_ZONE,
      openKeys: () => Promise.resolve(open),
    };
  }

  normalise(payload: unknown): ReturnType<Bot['normalise']> {
    return this.bot.normalise(payload, { baseUrl: this.origins[0] ?? '', timeZone: TIME_ZONE, config: this.config });
  }

  /** Keys of what a whole sweep of this agent (or of everybody) shows as open, and of what it says is over. */
  async sweep(agent = CLAIRE, cursor?: unknown, open: readonly string[] = []): Promise<BedSwept> {
    const swept = (await this.bot.poll?.(this.ctx(agent, { open }), cursor)) ?? { payloads: [], complete: false };
    const read = swept.payloads.map((payload) => this.normalise(payload));
    const items = read.flatMap((one) => one.items);
    const isOver = ({ state }: { state?: string | undefined }) => state === 'done' || state === 'cancelled' || state === 'expired';
    const keysOf = (of: readonly { key: string }[]): string[] => [...new Set(of.map(({ key }) => key))].sort();
    return {
      keys: keysOf(items.filter((item) => !isOver(item))),
      closed: keysOf([...items.filter(isOver), ...read.flatMap((one) => one.closed ?? [])]),
      complete: swept.complete,
      cursor: swept.cursor,
    };
  }
}

export function originsOf(bot: Bot, config: unknown): readonly string[] {
  if (bot.origins !== undefined) return bot.origins(config);
  const base: unknown = typeof config === 'object' && config !== null ? Reflect.get(config, 'baseUrl') : undefined;
  return typeof base === 'string' ? [base] : [];
}

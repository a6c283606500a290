/** A bot beside its running twin, with a context as the framework makes it and a log that is kept. */
import { randomUUID } from 'node:crypto';
import type { Bot, Ctx } from '../../bots/bot.ts';
import { type AddressGuard, makeGuard } from '../../bots/io-guard.ts';
import { makeIo } from '../../bots/io.ts';
import type { RunningTwin, Twin } from '../../bots/twin.ts';

export const CLAIRE = 'claire.morel@ville-claire.example';
export const MARC = 'marc.roche@ville-claire.example';
export const TIME_ZONE = 'Europe/Paris';

/** Time-outs of the tests: what takes longer is « the server is slow ». */
const TIMEOUTS_MS = { read: 400, act: 400 };

export class BotBed {
  readonly bot: Bot;
  readonly twin: RunningTwin;
  readonly lines: string[] = [];
  readonly guard: AddressGuard = makeGuard({ privateNetworks: ['127.0.0.0/8'] });
  readonly config: unknown;

  private constructor(bot: Bot, twin: RunningTwin) {
    this.bot = bot;
    this.twin = twin;
    this.config = bot.config.parse(twin.config);
  }

  static async start(bot: Bot, twin: Twin): Promise<BotBed> {
    return new BotBed(bot, await twin.start());
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
      io: makeIo({ origins: this.origins, guard: this.guard, log, requestId, timeouts: TIMEOUTS_MS }),
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

  /** Keys of what a whole sweep of this agent (or of everybody) shows as open. */
  async sweep(agent = CLAIRE, cursor?: unknown): Promise<{ keys: string[]; complete: boolean; cursor: unknown }> {
    const { payloads, complete, cursor: next } = (await this.bot.poll?.(this.ctx(agent), cursor)) ?? { payloads: [], complete: false };
    const items = payloads.flatMap((payload) => this.normalise(payload).items);
    const open = items.filter(({ state }) => state !== 'done' && state !== 'cancelled' && state !== 'expired');
    return { keys: [...new Set(open.map(({ key }) => key))].sort(), complete, cursor: next };
  }
}

export function originsOf(bot: Bot, config: unknown): readonly string[] {
  if (bot.origins !== undefined) return bot.origins(config);
  const base: unknown = typeof config === 'object' && config !== null ? Reflect.get(config, 'baseUrl') : undefined;
  return typeof base === 'string' ? [base] : [];
}

/**
 * The tools that bots read and act at: each connection with its bot, its settings and the one door its calls go through, and
 * the accounts by which they are made. Calls of one account follow each other.
 */
import { randomUUID } from 'node:crypto';
import type { LoadedConfig, LoadedConnection } from '#config/load.ts';
import { splitKey, ItemKey } from '#desk/item.ts';
import type { AccountKeys } from '#store/account-keys.ts';
import { NoAccount, openAccount } from '#store/accounts.ts';
import type { Store } from '#store/open.ts';
import { standingOf } from '#store/polls.ts';
import type { AgentRef, Bot, Ctx } from '../bots/bot.ts';
import type { AddressGuard, makeGuard } from '../bots/io-guard.ts';
import type { makeIo } from '../bots/io.ts';
import type { Log } from './log.ts';

/** A connection that its bot reads. `config` is what the bot's own schema gave. */
export type Tool = {
  connection: LoadedConnection;
  bot: Bot;
  config: unknown;
  origins: readonly string[];
  timeZone: string;
  everyMs: number;
};

type Origins = { bots: readonly Bot[]; makeIo: typeof makeIo; makeGuard: typeof makeGuard };
export type ToolsOptions = {
  store: Store;
  config: Pick<LoadedConfig, 'serverName' | 'connections' | 'organisations' | 'privateNetworks'>;
  accountKeys: AccountKeys;
  log: Log;
  clock: () => number;
} & Origins;

type Opening = {
  agent: string;
  account: { agent: AgentRef; secret: unknown } | undefined;
  requestId: string;
  timeouts?: { read: number; act: number };
};

const EVERY_S = 60;
const IMPATIENT_MS = { read: 10_000, act: 10_000 }; // a person waits for the answer

export class Tools {
  readonly #options: ToolsOptions;
  readonly #tools = new Map<string, Tool>();
  readonly #guards = new Map<string, AddressGuard>();
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(options: ToolsOptions) {
    this.#options = options;
    const bots = new Map(options.bots.map((bot) => [bot.manifest.id, bot]));
    const zones = new Map(options.config.organisations.map(({ id, timeZone }) => [id, timeZone]));
    for (const connection of options.config.connections) {
      const bot = bots.get(connection.bot);
      if (connection.settings === undefined || bot === undefined || connection.retired) continue;
      const timeZone = zones.get(connection.organisation) ?? 'Europe/Paris';
      const everyMs = (connection.every ?? bot.manifest.every ?? EVERY_S) * 1000;
      const config = connection.settings;
      this.#tools.set(connection.id, { connection, bot, config, origins: originsOf(bot, config), timeZone, everyMs });
    }
  }

  find(connection: string): Tool | undefined {
    return this.#tools.get(connection);
  }

  all(): readonly Tool[] {
    return [...this.#tools.values()];
  }

  /** What a bot is given for one sweep or action. `agent` is a localpart; '' for a technical account. Throws `auth` without an account. */
  async open(tool: Tool, agent: string, requestId: string = randomUUID()): Promise<Ctx<unknown, unknown>> {
    const account = tool.bot.account === undefined ? undefined : await this.#account(tool, agent);
    return this.#context(tool, { agent, account, requestId });
  }

  /** The same for an account that is not kept; without `secret`, for asking the tool to grant one. */
  async openWith(tool: Tool, agent: string, secret?: { secret: unknown }): Promise<Ctx<unknown, unknown>> {
    const account = secret && { agent: await this.#agent(tool, agent), ...secret };
    return this.#context(tool, { agent, account, requestId: randomUUID(), timeouts: IMPATIENT_MS });
  }

  #context(tool: Tool, { agent, account, requestId, timeouts }: Opening): Ctx<unknown, unknown> {
    const { store, clock, log, makeIo: open } = this.#options;
    const { connection, bot } = tool;
    const child = log.child({ connection: connection.id, requestId });
    const scope = bot.account === undefined ? '' : agent;
    return {
      config: tool.config,
      ...(account && { account }),
      io: open({
        origins: tool.origins,
        guard: this.#guard(connection.id),
        log: child,
        requestId,
        inTurn: (call) => this.#inTurn(`${connection.id} ${scope}`, call),
        ...(timeouts && { timeouts }),
      }),
      log: child,
      clock,
      requestId,
      timeZone: tool.timeZone,
      openKeys: async () => {
        const standing = await standingOf(store, { connection: connection.id, agent: scope, listed: [], withOpen: true, ageMs: 0 });
        return [...standing.keys()].map((key) => splitKey(ItemKey.parse(key)).externalId);
      },
    };
  }

  /** The door of a connection without a bot: its callback's. */
  openOrigin(connection: string, origin: string, requestId: string) {
    const { log, makeIo: open } = this.#options;
    return open({ origins: [origin], guard: this.#guard(connection), log: log.child({ connection, requestId }), requestId });
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#guards.values()].map((guard) => guard.close()));
  }

  #guard(connection: string): AddressGuard {
    const known = this.#guards.get(connection);
    if (known !== undefined) return known;
    const made = this.#options.makeGuard({ privateNetworks: this.#options.config.privateNetworks });
    this.#guards.set(connection, made);
    return made;
  }

  async #account(tool: Tool, localpart: string): Promise<{ agent: AgentRef; secret: unknown }> {
    const { store, accountKeys } = this.#options;
    const sealed = await openAccount(store, accountKeys, { connection: tool.connection.id, localpart });
    const secret = tool.bot.account?.safeParse(sealed);
    if (secret?.success !== true) throw new NoAccount('The account was linked for another version of the bot');
    return { agent: await this.#agent(tool, localpart), secret: secret.data };
  }

  async #agent({ connection }: Tool, localpart: string): Promise<AgentRef> {
    const member = await this.#options.store
      .selectFrom('record.memberships')
      .select(['mail', 'uid', 'matricule'])
      .where('organisation', '=', connection.organisation)
      .where('localpart', '=', localpart)
      .executeTakeFirst();
    return {
      localpart,
      mxid: `@${localpart}:${this.#options.config.serverName}`,
      ...(member?.mail != null && { mail: member.mail }),
      ...(member?.uid != null && { uid: member.uid }),
      ...(member?.matricule != null && { matricule: member.matricule }),
    };
  }

  /** One call in flight per account: an action waits for one call of a sweep, not for all of it. */
  #inTurn<Answer>(account: string, call: () => Promise<Answer>): Promise<Answer> {
    const before = this.#turns.get(account) ?? Promise.resolve();
    const turn = before.then(call, call);
    const settled = turn.then(
      () => undefined,
      () => undefined,
    );
    this.#turns.set(account, settled);
    void settled.then(() => {
      if (this.#turns.get(account) === settled) this.#turns.delete(account);
    });
    return turn;
  }
}

function originsOf(bot: Bot, config: unknown): readonly string[] {
  if (bot.origins !== undefined) return bot.origins(config);
  const base: unknown = typeof config === 'object' && config !== null ? Reflect.get(config, 'baseUrl') : undefined;
  return typeof base === 'string' ? [base] : [];
}

/**
 * Polling: accounts are swept when they are due, each by one replica at a time; a tool that fails is asked less and less, an
 * account that is refused rests alone. Nothing of what a bot does ends more than its own sweep.
 */
import { Counter, Histogram, type Registry } from 'prom-client';
import { DeskError, LogInPage } from '#desk/errors.ts';
import type { HealthWord } from '#desk/event.ts';
import { ADMIN } from '#desk/words.ts';
import { LostKey } from '#store/account-keys.ts';
import { localpartsNamed, NoAccount } from '#store/accounts.ts';
import { isStoreFailure } from '#store/failure.ts';
import { listen, type Listening } from '#store/listen.ts';
import { enqueue, noticeRow } from '#store/outbox.ts';
import {
  claimPolls,
  finishPoll,
  isSwept,
  type Poll,
  RENEW_MS,
  renewPolls,
  sweptBeside,
  syncPolls,
  wakePolls,
  wakeTechnical,
  wakeWithin,
} from '#store/polls.ts';
import { refuseAndAsk } from '#store/relink.ts';
import type { Payload, RawRequest } from '../bots/bot.ts';
import type { Log } from './log.ts';
import { Breakers } from './poll/breaker.ts';
import { nextSweepMs, retryMs, wordFor } from './poll/pace.ts';
import { Streaks } from './poll/streak.ts';
import { Suspects, type Verdict } from './poll/suspects.ts';
import { bringPayloads, sweep, type SweepParts } from './poll/sweep.ts';
import { Watches } from './poll/watches.ts';
import type { Tool, Tools } from './tools.ts';

export type PollerOptions = SweepParts & {
  tools: Tools;
  storeUrl: string;
  /** Of the desk, where « Mes outils » is. */
  publicUrl: string;
  log: Log;
  registry: Registry;
  random: () => number;
  /** Told how a connection is, after each sweep that says so. */
  onHealth: (connection: string, word: HealthWord) => void;
};

/** Sweeps at once: of one connection twice what a tool sees of us (`io-guard.ts`), so that a slow one keeps nobody else waiting. */
const AT_ONCE = { connection: 32, all: 256 };
const TICK_MS = 250;
const SYNC_MS = 30_000;
const LOST_MS = 300_000; // until it is looked whether the key of an account has come
const STORE_AGAIN_MS = 5000;
const ASKED = 5; // of those beside who was refused: more than are ever refused by chance
const AGAIN_MS = 500;

export class Poller {
  readonly #options: PollerOptions;
  readonly #breakers: Breakers;
  readonly #streaks: Streaks;
  /** Sweeps that are going on. */
  readonly #running = new Map<Promise<void>, Poll>();
  readonly #suspects = new Suspects();
  readonly #watches: Watches;
  readonly #meters: Meters;
  #timer: NodeJS.Timeout | undefined;
  #renewing: NodeJS.Timeout | undefined;
  #listening: Listening | undefined;
  #syncedAt = 0;
  #claiming: Promise<void> | undefined;
  #stopping = false;

  constructor(options: PollerOptions) {
    this.#options = options;
    this.#breakers = new Breakers(options.clock);
    this.#streaks = new Streaks(options.clock);
    this.#watches = new Watches(options);
    this.#meters = openMeters(options.registry);
  }

  async start(): Promise<void> {
    const { store, storeUrl } = this.#options;
    if (this.#polled().length === 0) return;
    await wakeTechnical(store);
    this.#listening = listen(storeUrl, 'work_polls', (said) => this.#onNotice(said));
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#renewing = setInterval(() => this.#renew(), RENEW_MS);
    this.#tick();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#timer);
    this.#watches.stop();
    await this.#listening?.stop();
    await this.#claiming;
    await Promise.allSettled(this.#running.keys());
    clearInterval(this.#renewing);
  }

  /** A tool's own request at its door: verified by its bot, then brought in. Throws `auth` when it is not genuine, `invalid` when unusable. */
  async receive(connection: string, request: Omit<RawRequest, 'secrets'>): Promise<void> {
    const { tools, clock, store } = this.#options;
    const tool = tools.find(connection);
    if (tool?.bot.read === undefined) throw new DeskError('auth', 'No bot reads what comes here');
    const payloads = tool.bot.read({ ...request, secrets: tool.connection.secrets }, tool.config);
    const { rejected } = await bringPayloads(this.#options, tool, { payloads, scope: '', stampMs: clock() });
    this.#meters.rejected.inc({ connection }, rejected);
    if (tool.bot.poll !== undefined) await wakePolls(store, connection, await this.#concerned(tool, payloads));
  }

  /** Whose accounts are to be read again; undefined when the tool does not say. */
  async #concerned({ bot, connection: { id, organisation } }: Tool, payloads: readonly Payload[]): Promise<string[] | undefined> {
    if (bot.account === undefined || bot.concerns === undefined) return undefined;
    const names = [...new Set(payloads.flatMap((payload) => bot.concerns?.(payload) ?? []))];
    return localpartsNamed(this.#options.store, { connection: id, organisation }, names);
  }

  #polled(): Tool[] {
    return this.#options.tools.all().filter(({ bot }) => bot.poll !== undefined);
  }

  #tick(): void {
    if (this.#stopping || this.#claiming !== undefined) return;
    this.#claiming = this.#claim()
      .catch((err: unknown) => this.#options.log.warn({ err }, 'accounts that are due cannot be read'))
      .finally(() => (this.#claiming = undefined));
  }

  /** The store's own failure is told where accounts are claimed. */
  #renew(): void {
    if (this.#running.size > 0) void renewPolls(this.#options.store, [...this.#running.values()]).catch(() => undefined);
  }

  async #claim(): Promise<void> {
    const { store, clock } = this.#options;
    if (clock() - this.#syncedAt > SYNC_MS) {
      await syncPolls(
        store,
        this.#polled().map(({ connection, bot, everyMs }) => ({ id: connection.id, hasAccounts: bot.account !== undefined, everyMs })),
      );
      this.#syncedAt = clock();
      await this.#watches.endForgotten();
    }
    const free = AT_ONCE.all - this.#running.size;
    const places = this.#places();
    if (free <= 0 || places.size === 0) return;
    for (const poll of await claimPolls(store, places, free)) {
      const run: Promise<void> = this.#run(poll)
        .catch((err: unknown) => this.#options.log.warn({ err, connection: poll.connection }, 'a sweep could not be written down'))
        .finally(() => this.#running.delete(run));
      this.#running.set(run, poll);
    }
  }

  /** How many more sweeps each connection may have now; those that may have none are missing. */
  #places(): Map<string, number> {
    const places = new Map(this.#polled().map(({ connection }) => [connection.id, AT_ONCE.connection]));
    for (const { connection } of this.#running.values()) places.set(connection, (places.get(connection) ?? 0) - 1);
    return new Map([...places].filter(([, left]) => left > 0));
  }

  async #run(poll: Poll): Promise<void> {
    const { tools, store, clock, random, onHealth } = this.#options;
    const tool = tools.find(poll.connection);
    const restMs = this.#breakers.restMs(poll.connection);
    if (tool === undefined || restMs > 0) {
      const afterMs = tool === undefined ? undefined : restMs + Math.round(random() * 5000);
      await finishPoll(store, poll, { failures: poll.failures, afterMs, swept: false });
      return;
    }
    this.#meters.late.observe(Math.max(0, clock() - poll.dueAt.getTime()) / 1000);
    const started = new Date(clock());
    try {
      const { cursor, fault, rejected, refused, changed, closed, againMs = Infinity } = await sweep(this.#options, tool, poll);
      this.#meters.rejected.inc({ connection: poll.connection }, rejected);
      if (refused.count > 0) await this.#tellAdmin(tool, refused);
      this.#meters.changes.inc({ connection: poll.connection }, changed + closed);
      if (fault !== undefined) throw fault;
      await finishPoll(store, poll, { cursor, failures: 0, afterMs: Math.min(nextSweepMs(tool.everyMs, random), againMs), swept: true });
      this.#breakers.well(poll.connection);
      this.#streaks.well(poll.connection);
      this.#meters.sweeps.inc({ connection: poll.connection, outcome: 'done' });
      onHealth(poll.connection, 'connected');
      await this.#onLetIn(tool, poll.agent, started);
      void this.#watches.open(tool, poll.agent); // which may take long to be refused
    } catch (error) {
      // Our store's trouble says nothing of the tool.
      if (isStoreFailure(error instanceof DeskError && error.code === 'bug' ? error.cause : error))
        return finishPoll(store, poll, { failures: poll.failures, afterMs: STORE_AGAIN_MS, swept: false });
      await this.#onFailure(tool, poll, {
        error: error instanceof DeskError ? error : new DeskError('bug', 'A sweep failed', { cause: error }),
        started,
      });
    }
  }

  async #onFailure(tool: Tool, poll: Poll, { error, started }: { error: DeskError; started: Date }): Promise<void> {
    const { store, log, random, onHealth } = this.#options;
    const isAccount = tool.bot.account !== undefined;
    const failures = poll.failures + 1;
    const isLost = error instanceof LostKey;
    const verdict = error.code === 'auth' && isAccount ? await this.#judge(tool, poll.agent, { error, started }) : undefined;
    const afterMs = isLost ? LOST_MS : retryMs(error, { failures, everyMs: tool.everyMs, isAccount, isHers: verdict === 'hers', random });
    if (failures === 1)
      log.warn(
        { connection: poll.connection, code: error.code, reason: error.message, err: error.code === 'bug' ? error : undefined },
        'a sweep failed',
      );
    this.#meters.sweeps.inc({ connection: poll.connection, outcome: error.code });
    if (error.code === 'unavailable' || error.code === 'rate_limited') this.#breakers.failed(poll.connection);
    else this.#breakers.well(poll.connection); // it answers
    const isOwn = isAccount && !(error.code === 'auth' ? verdict === 'all' : this.#streaks.failed(poll.connection, tool.everyMs));
    const word = isLost ? undefined : wordFor(error, { isOwn });
    if (word !== undefined && (word !== 'retrying' || failures > 1 || this.#breakers.isOpen(poll.connection)))
      onHealth(poll.connection, word);
    await finishPoll(store, poll, { failures, afterMs, swept: false, fault: error.code });
    if (afterMs === undefined) await this.#rest(tool, poll.agent, started);
  }

  /** Hers alone, or everybody's; somebody else is asked where that is not known yet. */
  async #judge({ connection: { id } }: Tool, agent: string, { error, started }: { error: DeskError; started: Date }): Promise<Verdict> {
    if (error instanceof NoAccount) return 'hers';
    const others = await sweptBeside(this.#options.store, id, agent, ASKED);
    const isPage = error instanceof LogInPage;
    const verdict = this.#suspects.refused(id, { agent, atMs: started.getTime(), others, isPage });
    const witness = verdict === 'open' ? this.#suspects.witness(id, others) : undefined;
    if (witness !== undefined) await wakePolls(this.#options.store, id, [witness]);
    return verdict;
  }

  /** Who was refused while nobody knew why is asked again now, and then it is known. */
  async #onLetIn({ bot, connection: { id }, everyMs }: Tool, agent: string, started: Date): Promise<void> {
    if (bot.account === undefined) return;
    const again = this.#suspects.letIn(id, { agent, atMs: started.getTime() });
    if (again.length > 0) await wakeWithin(this.#options.store, id, again, Math.min(everyMs, AGAIN_MS * again.length));
  }

  /** Accounts are due; or one, `connection agent`, is another now, or none. */
  #onNotice(said: string): void {
    const [connection, agent] = said.split(' ');
    if (connection !== undefined && agent !== undefined) {
      this.#watches.end(connection, agent);
      this.#suspects.forget(connection, agent);
    }
    this.#tick();
  }

  /** Once for each payload: the same one again is the same row aside. */
  async #tellAdmin(
    { connection: { id, label, organisation } }: Tool,
    { reasons, count }: { reasons: string[]; count: number },
  ): Promise<void> {
    const sentence = ADMIN.unusable({ label, connection: id, reasons, count });
    await enqueue(this.#options.store, [noticeRow(`admin:${organisation}`, `unusable|${id}`, sentence)]);
  }

  /** Her account was refused: it rests, she is asked once to link it again, everybody else's goes on. When nobody's is left, the connection is. */
  async #rest({ connection: { id, label, organisation } }: Tool, agent: string, started: Date): Promise<void> {
    const { store, publicUrl, clock } = this.#options;
    this.#watches.end(id, agent);
    await refuseAndAsk(store, { connection: id, label, organisation, agent, publicUrl, at: clock(), triedAt: started });
    if (!(await isSwept(store, id))) this.#options.onHealth(id, 'bad_credentials');
  }
}

type Meters = { sweeps: Counter; changes: Counter; rejected: Counter; late: Histogram };

function openMeters(registry: Registry): Meters {
  const registers = [registry];
  return {
    sweeps: new Counter({ name: 'ecritoire_sweeps_total', help: 'Sweeps by outcome', labelNames: ['connection', 'outcome'], registers }),
    changes: new Counter({
      name: 'ecritoire_sweep_changes_total',
      help: 'Items that sweeps changed',
      labelNames: ['connection'],
      registers,
    }),
    rejected: new Counter({
      name: 'ecritoire_payloads_rejected_total',
      help: 'Payloads kept aside',
      labelNames: ['connection'],
      registers,
    }),
    late: new Histogram({
      name: 'ecritoire_sweep_late_seconds',
      help: 'How late sweeps begin',
      buckets: [0.25, 0.5, 1, 2, 5, 30, 120],
      registers,
    }),
  };
}

/**
 * Acting at tools: what agents asked for is judged, said to be sent, run once, and told. Any number of replicas may run; an
 * act that a kill left after *sent* is looked at again at the tool, never simply repeated.
 */
import { type LoadedConnection } from '#config/load.ts';
import { isStoreFailure } from '#store/failure.ts';
import { ItemKey, splitKey } from '#desk/item.ts';
import type { LastAction, Placement } from '#desk/placement.ts';
import { TOOL_WORDS } from '#desk/words.ts';
import { type ActRow, arrivedActs, claimActs, clearedActs, findTwin, giveBackAct, postponeAct, renewActs, reopenAct } from '#store/acts.ts';
import { listen, type Listening } from '#store/listen.ts';
import { findPlacement } from '#store/placements.ts';
import { wakePolls } from '#store/polls.ts';
import { organisationOf } from '#store/rooms.ts';
import type { Payload } from '../bots/bot.ts';
import type { signWebhook } from '../bots/webhook.ts';
import { behalfOf } from './act/behalf.ts';
import { agentOf, type CallbackAgent, type CallbackRun, callBack } from './act/callback.ts';
import { judgeAct } from './act/judge.ts';
import { lookBefore, recover, type Run, type Running, runOnce } from './act/run.ts';
import { confirmedAction, settle, type Telling, tellSent } from './act/settle.ts';
import { isSleptThrough, openUndo } from './act/window.ts';
import type { Log } from './log.ts';
import type { Tool, Tools } from './tools.ts';

export type ActorOptions = Telling & {
  storeUrl: string;
  tools: Tools;
  connections: readonly LoadedConnection[];
  publicUrl: string;
  log: Log;
  sign: typeof signWebhook;
  /** Brings the object that a tool showed onto desks, with what was done to it. */
  bring: (tool: Tool, act: ActRow, shown: { payload: Payload; lastAction: LastAction | undefined }) => Promise<unknown>;
  /** The same for the `item` of a callback's answer; false when that does not speak of the object. */
  bringItem: (connection: LoadedConnection, act: ActRow, shown: { item: unknown; lastAction: LastAction | undefined }) => Promise<boolean>;
  /** Whether a tool shows the object of a placement otherwise than the placement does. */
  hasMoved: (tool: Tool, act: ActRow, payload: Payload) => Promise<boolean>;
  onStep?: (step: string) => void;
};

const AT_ONCE = 8;
const SWEEP_MS = 1000;
const RENEW_MS = 4000; // a quarter of a lease
const HOUR_MS = 3_600_000; // so long a callback is tried
const AGAIN_MS = { first: 2000, longest: 300_000 };
const MARGIN_MS = 10; // the store's clock says when a window is over
const OTHER_MS = { again: 500, longest: 60_000 }; // for somebody else's act on the same object

export class Actor {
  readonly #options: ActorOptions;
  readonly #connections: ReadonlyMap<string, LoadedConnection>;
  readonly #running = new Map<Promise<void>, ActRow>();
  /** Claimed here, and to be given back once the store answers: nobody waits for the lease to lapse. */
  readonly #owed: ActRow[] = [];
  #listening: Listening | undefined;
  #timer: NodeJS.Timeout | undefined;
  #renewing: NodeJS.Timeout | undefined;
  #claiming: Promise<void> | undefined;
  #isWanted = false;
  #stopping = false;
  #startedAtMs = 0;

  constructor(options: ActorOptions) {
    this.#options = options;
    this.#connections = new Map(options.connections.map((connection) => [connection.id, connection]));
  }

  start(): void {
    this.#startedAtMs = this.#options.clock();
    this.#listening = listen(this.#options.storeUrl, 'work_acts', () => this.#tick());
    this.#timer = setInterval(() => this.#tick(), SWEEP_MS);
    this.#renewing = setInterval(() => this.#renew(), RENEW_MS);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#timer);
    await this.#listening?.stop();
    await this.#claiming;
    await Promise.allSettled(this.#running.keys());
    clearInterval(this.#renewing);
  }

  /** A renewal that fails is made good by the next one; a lease that lapsed all the same by what says *sent*. */
  #renew(): void {
    if (this.#running.size > 0) renewActs(this.#options.store, [...this.#running.values()]).catch(() => undefined);
  }

  #tick(): void {
    this.#isWanted = true;
    if (this.#stopping || this.#claiming !== undefined) return;
    this.#claiming = this.#claimAll()
      .catch((err: unknown) => this.#options.log.warn({ err }, 'what agents asked of tools cannot be read; trying again'))
      .finally(() => (this.#claiming = undefined));
  }

  /** What somebody waits for goes before what tools have told of since; what was asked meanwhile is not left to the sweep. */
  async #claimAll(): Promise<void> {
    while (this.#isWanted && !this.#stopping) {
      this.#isWanted = false;
      await this.#claim();
    }
    await this.#settleLate();
    if (this.#isWanted && !this.#stopping) await this.#claimAll();
  }

  async #claim(): Promise<void> {
    const { store } = this.#options;
    for (let [act] = this.#owed; act !== undefined; [act] = this.#owed) {
      await giveBackAct(store, act);
      this.#owed.shift();
    }
    const free = AT_ONCE - this.#running.size;
    if (free <= 0) return;
    for (const act of await claimActs(store, free)) {
      const run: Promise<void> = this.#perform(act)
        .catch((err: unknown) => this.#onFailure(act, err))
        .finally(() => {
          this.#running.delete(run);
          this.#tick();
        });
      this.#running.set(run, act);
    }
  }

  async #settleLate(): Promise<void> {
    const { store } = this.#options;
    for (const { act, hasMoved } of await arrivedActs(store)) {
      await this.#end(act, hasMoved ? { state: 'confirmed' } : { state: 'unknown', text: TOOL_WORDS.unknown(this.#label(act)) });
    }
    for (const act of await clearedActs(store)) if (await reopenAct(store, act)) await this.#end(act, { state: 'confirmed' });
  }

  /** Our own fault or the store's: what was said to be sent is looked at again. */
  async #onFailure(act: ActRow, err: unknown): Promise<void> {
    const { log, store } = this.#options;
    log.error({ err, request: act.request, connection: act.connection }, 'an act could not be carried out');
    if (isStoreFailure(err)) this.#owed.push(act);
    else await postponeAct(store, act, { afterMs: 30_000, reached: false }).catch(() => this.#owed.push(act));
  }

  async #perform(act: ActRow): Promise<void> {
    const { store, tools } = this.#options;
    const connection = this.#connections.get(act.connection);
    const isAsked = act.state === 'waiting' && act.undo_until === null;
    const [placement, twin] = await Promise.all([findPlacement(store, act.address, act.key), isAsked ? findTwin(store, act) : null]);
    const label = this.#label(act);
    if (connection === undefined || placement === undefined) return this.#end(act, { state: 'refused', text: TOOL_WORDS.closed(label) });
    const refusal = act.state === 'waiting' ? this.#refusalOf(act, placement.content, twin) : undefined;
    if (refusal !== undefined) return this.#end(act, { state: 'refused', text: refusal });
    const tool = tools.find(act.connection);
    if (tool !== undefined) return this.#atTool(tool, act, placement.content);
    if (connection.callback !== undefined) return this.#atCallback(connection, act, placement.content);
    return this.#end(act, { state: 'refused', text: TOOL_WORDS.link(label) });
  }

  /** What speaks against an act before anything is asked of the tool. */
  #refusalOf(act: ActRow, placement: Placement, twin: 'busy' | 'done' | null): string | undefined {
    const tool = this.#label(act);
    if (isSleptThrough(act, this.#startedAtMs)) return TOOL_WORDS.asleep({ label: act.label || act.action, tool });
    if (twin !== null) return this.#twinText(act, twin);
    const asked = { action: act.action, input: act.input, askedAt: act.asked_at.getTime(), revision: act.revision };
    const judged = judgeAct(placement, asked, { now: this.#options.clock(), tool, agent: act.agent });
    return 'refusal' in judged ? judged.refusal : undefined;
  }

  async #atTool(tool: Tool, act: ActRow, item: Running['on']['item']): Promise<void> {
    const { store, tools, hasMoved, onStep } = this.#options;
    const action = Object.hasOwn(tool.bot.actions, act.action) ? tool.bot.actions[act.action] : undefined;
    if (action === undefined || action.risk === 'red') return this.#end(act, { state: 'refused', text: TOOL_WORDS.link(this.#label(act)) });
    const key = splitKey(ItemKey.parse(act.key)).externalId;
    const seen = new Map<Payload, boolean>();
    const behalf = await this.#behalfOf(act, item);
    const onBehalfOf = behalf && { localpart: behalf.localpart, mxid: `@${behalf.localpart}:${this.#options.serverName}`, ...behalf.known };
    const running: Running = {
      bot: tool.bot,
      action,
      on: { key, item, input: act.input, ...(onBehalfOf && { onBehalfOf }) },
      open: async () => tools.open(tool, act.agent),
      hasMoved: (payload) => seen.get(payload) ?? true,
    };
    // Whether it moved needs the store; the run itself needs only the answer.
    const bot = tool.bot;
    if (bot.reread !== undefined) {
      running.bot = {
        ...bot,
        reread: async (ctx, on) => {
          const payload = await bot.reread?.(ctx, on);
          seen.set(payload, payload === undefined || (await hasMoved(tool, act, payload)));
          return payload;
        },
      };
    }
    const before = act.state === 'waiting' ? await lookBefore(running) : undefined;
    if (before !== undefined) return this.#endRun(tool, act, before);
    const isLeft = act.state === 'sent';
    if (!(await this.#maySend(act, action.risk))) return;
    onStep?.('act.sent');
    // Tried once after a kill, an act that may be repeated is repeated; a second kill leaves it unknown.
    const run = isLeft ? await recover(running, { mayRepeat: action.repeatable === true && act.attempts < 2 }) : await runOnce(running);
    onStep?.('act.answered');
    await this.#endRun(tool, act, run);
    await wakePolls(store, act.connection, [bot.account === undefined ? '' : act.agent]);
  }

  /** Amber waits out its window first. False: not now, or not at all, which is said. */
  async #maySend(act: ActRow, risk: string): Promise<boolean> {
    const { store, clock, onStep } = this.#options;
    if (risk === 'amber' && act.state === 'waiting' && act.undo_until === null) {
      const opened = await openUndo(this.#options, act);
      if (opened === 'busy' || opened === 'done') await this.#refuseTwin(act, opened);
      if (typeof opened === 'object') {
        onStep?.('act.waiting');
        setTimeout(() => this.#tick(), opened.ms + MARGIN_MS).unref();
      }
      if (opened !== 'none') return false;
    }
    const marked = await tellSent(this.#options, act);
    if (marked !== 'wait') return marked === 'sent';
    const since = (act.undo_until ?? act.asked_at).getTime();
    if (clock() - since > OTHER_MS.longest) await this.#refuseTwin(act, 'busy');
    else await postponeAct(store, act, { afterMs: OTHER_MS.again, reached: false });
    return false;
  }

  #refuseTwin(act: ActRow, twin: 'busy' | 'done'): Promise<void> {
    return this.#end(act, { state: 'refused', text: this.#twinText(act, twin) });
  }

  #twinText(act: ActRow, twin: 'busy' | 'done'): string {
    const tool = this.#label(act);
    return twin === 'busy' ? TOOL_WORDS.busy(tool) : TOOL_WORDS.doneAlready({ label: act.label || act.action, tool });
  }

  async #endRun(tool: Tool, act: ActRow, run: Run): Promise<void> {
    const { bring } = this.#options;
    const label = this.#label(act);
    const lastAction = run.state === 'confirmed' && run.payload !== undefined ? await confirmedAction(this.#options, act) : undefined;
    if ('payload' in run && run.payload !== undefined) await bring(tool, act, { payload: run.payload, lastAction });
    if (run.state === 'refused') {
      // Whether it is her account, or the tool as it is to everybody, is for the sweeps to tell.
      if (run.why === 'auth' && tool.bot.account !== undefined) await wakePolls(this.#options.store, act.connection, [act.agent]);
      const text =
        run.why === 'auth'
          ? TOOL_WORDS.noAccount(label)
          : run.why === 'moved'
            ? TOOL_WORDS.moved(label)
            : TOOL_WORDS.refusedByTool(label, run.words);
      return this.#end(act, { state: 'refused', text });
    }
    const text = run.state === 'failed' ? TOOL_WORDS.failed(label) : run.state === 'unknown' ? TOOL_WORDS.unknown(label) : undefined;
    return this.#end(act, { state: run.state, text, last: lastAction });
  }

  /** For whom she acts who stands in for somebody, by what the tool knows people by. */
  async #behalfOf(act: ActRow, { people }: Pick<Placement, 'people'>): Promise<{ localpart: string; known: CallbackAgent } | undefined> {
    const { store, serverName } = this.#options;
    const localpart = await behalfOf(store, act, { people, serverName });
    if (localpart === undefined) return undefined;
    return { localpart, known: await agentOf(store, organisationOf(act.address) ?? '', localpart) };
  }

  async #atCallback(connection: LoadedConnection, act: ActRow, placement: Placement): Promise<void> {
    const { store, tools, clock, publicUrl, sign, onStep, bringItem } = this.#options;
    const { revision, actions } = placement;
    const risk = actions.find(({ id }) => id === act.action)?.risk ?? 'green';
    const [maySend, agent, behalf] = await Promise.all([
      this.#maySend(act, risk),
      agentOf(store, connection.organisation, act.agent),
      this.#behalfOf(act, placement),
    ]);
    if (!maySend) return;
    onStep?.('act.sent');
    const callback = connection.callback ?? '';
    const id = act.place === 0 ? act.request : `${act.request}/${act.place}`;
    const item = { key: splitKey(ItemKey.parse(act.key)).externalId, revision };
    const who = { agent, ...(behalf && { onBehalfOf: behalf.known }) };
    const asked = { id, request: act.request, action: act.action, input: act.input, item, ...who };
    const io = tools.openOrigin(connection.id, new URL(callback).origin, act.request);
    const run = await callBack(asked, { io, callback, secret: connection.secrets[0] ?? '', source: publicUrl, sign, now: clock() });
    onStep?.('act.answered');
    if (run.state === 'again') return this.#again(act, run.reached);
    const lastAction = run.state === 'confirmed' && run.item !== undefined ? await confirmedAction(this.#options, act) : undefined;
    const isAbout = 'item' in run && run.item !== undefined && (await bringItem(connection, act, { item: run.item, lastAction }));
    if (run.state === 'confirmed' && !isAbout) return this.#again(act, true);
    await this.#end(act, { state: run.state, text: this.#callbackText(act, run), last: lastAction });
  }

  #callbackText(act: ActRow, run: Exclude<CallbackRun, { state: 'again' }>): string | undefined {
    if (run.state !== 'refused') return undefined;
    return run.why === 'moved' && run.words === undefined
      ? TOOL_WORDS.moved(this.#label(act))
      : TOOL_WORDS.refusedByTool(this.#label(act), run.words);
  }

  /** With back-off for an hour; then *unknown*, or *failed* when no connection was ever made. */
  async #again(act: ActRow, reached: boolean): Promise<void> {
    const { store, clock } = this.#options;
    const sinceMs = clock() - (act.sent_at?.getTime() ?? clock());
    if (sinceMs < HOUR_MS) {
      await postponeAct(store, act, { afterMs: Math.min(AGAIN_MS.first * 2 ** act.attempts, AGAIN_MS.longest), reached });
      return;
    }
    const label = this.#label(act);
    const wasReached = act.reached || reached;
    await this.#end(
      act,
      wasReached ? { state: 'unknown', text: TOOL_WORDS.unknown(label) } : { state: 'failed', text: TOOL_WORDS.failed(label) },
    );
  }

  #label({ connection }: ActRow): string {
    return this.#options.labels.get(connection) ?? connection;
  }

  #end(act: ActRow, ended: Parameters<typeof settle>[2]): Promise<void> {
    return settle(this.#options, act, ended);
  }
}

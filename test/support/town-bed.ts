/** A trial with its town: the controls of its tools, and what became of it on somebody's desk. The day stands still. */
import { loadConfig } from '#config/load.ts';
import { requestEvent } from '../../appservice/desk/event.ts';
import type { Placement } from '../../appservice/desk/placement.ts';
import { readCursors } from '../../appservice/store/cursors.ts';
import { openStore, type Store } from '../../appservice/store/open.ts';
import { until } from './guarded.ts';
import { OtherClient } from './other-client.ts';
import { type Started, startTrial } from './started.ts';

/** Longer than a tool that was down is left alone (`poll/breaker.ts`): half a minute, a minute, two. */
const SEEN = { withinMs: 220_000, everyMs: 20 };

/** An object at its tool; `of` is whose desk is looked at. */
export type Shown = { tool: string; bot: string; key: string; of: string };
export type ToolState = {
  id: string;
  bot: string;
  calls: number;
  acted: number;
  fault: string | null;
  open: { key: string; title: string }[];
};

export class TownBed {
  readonly trial: Started;
  readonly store: Store;
  readonly #town: string;
  #phones = new Map<string, Promise<OtherClient>>();

  private constructor(trial: Started, store: Store) {
    this.trial = trial;
    this.store = store;
    this.#town = trial.run.parts.find(({ name }) => name === 'town')?.url ?? '';
  }

  /** Ready when the morning of every tool is on the desks. */
  static async start(): Promise<TownBed> {
    const trial = await startTrial({ town: true });
    const config = await loadConfig(trial.run.config);
    const bed = new TownBed(trial, openStore(config.store.url, { connections: 2 }).store);
    await bed.control('pause');
    const begun = async (): Promise<true | undefined> => ((await bed.tool('gta')).open.length > 0 ? true : undefined);
    await bed.seen(begun, 'the morning');
    for (const tool of await bed.tools())
      for (const { key } of tool.open) await bed.seen(() => bed.#anywhere(tool, key), `${tool.id} ${key} on a desk`);
    return bed;
  }

  async stop(): Promise<void> {
    for (const phone of this.#phones.values()) (await phone).close();
    await this.store.destroy();
    await this.trial.stop();
  }

  async tools(): Promise<ToolState[]> {
    const answer = await fetch(`${this.#town}/control`);
    return ((await answer.json()) as { tools: ToolState[] }).tools;
  }

  async tool(id: string): Promise<ToolState> {
    const found = (await this.tools()).find((one) => one.id === id);
    if (found === undefined) throw new RangeError(`no such tool: ${id}`);
    return found;
  }

  /** What curl would do: `control('parapheur/new', {agent: 'claire.morel'})`. */
  async control(path: string, query: Record<string, string> = {}): Promise<Record<string, unknown>> {
    const answer = await fetch(`${this.#town}/control/${path}?${new URLSearchParams(query).toString()}`, { method: 'POST' });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  }

  /** Something new at a tool. */
  async add(tool: string, of: string, query: Record<string, string> = {}): Promise<Shown> {
    const { bot } = await this.tool(tool);
    const { key } = await this.control(`${tool}/new`, { agent: of, ...query });
    return { tool, bot, key: String(key), of };
  }

  row({ tool, bot, key, of }: Shown) {
    return this.store
      .selectFrom('work.placements')
      .selectAll()
      .where('key', '=', `${bot}:${tool}:${key}` as Placement['key'])
      .where('agent', '=', of)
      .executeTakeFirst();
  }

  /** Its message, once it is in her room. */
  async message(shown: Shown): Promise<string> {
    return this.seen(async () => (await this.row(shown))?.event_id ?? undefined, `${shown.tool} ${shown.key} on the desk of ${shown.of}`);
  }

  async state(shown: Shown, ...states: readonly string[]): Promise<string> {
    const find = async (): Promise<string | undefined> => {
      const state = (await this.row(shown))?.state;
      return state !== undefined && states.includes(state) ? state : undefined;
    };
    return this.seen(find, `${shown.tool} ${shown.key}: ${states.join(' or ')}`);
  }

  async seen<T>(find: () => Promise<T | undefined>, said: string): Promise<T> {
    const found = await until(find, SEEN);
    if (found === undefined) throw new Error(`not within ${String(SEEN.withinMs)} ms: ${said}`);
    return found;
  }

  async #anywhere({ id, bot }: ToolState, key: string): Promise<true | undefined> {
    const found = await this.store
      .selectFrom('work.placements')
      .select('event_id')
      .where('connection', '=', id)
      .where((eb) => eb.or([eb('key', '=', `${bot}:${id}:${key}` as Placement['key']), eb.val(bot === 'mail')]))
      .where('event_id', 'is not', null)
      .executeTakeFirst();
    return found === undefined ? undefined : true;
  }

  /** Whoever it is, in another Matrix client. */
  phone(login: string): Promise<OtherClient> {
    const phone = this.#phones.get(login) ?? OtherClient.open(this.trial, login);
    this.#phones.set(login, phone);
    return phone;
  }

  /** What the page sends for an action; answers the request's id. */
  async ask(shown: Shown, action: string, input?: Record<string, unknown>): Promise<string> {
    const [phone, message] = [await this.phone(shown.of), await this.message(shown)];
    const request = { items: [message], action, askedAt: Date.now(), ...(input && { input }) };
    return phone.send(await phone.deskRoom(), 'fr.ecritoire.action', requestEvent(request).content);
  }

  /** The outcomes of a request, in order, once the last of them is one of these. */
  async outcomes(of: string, request: string, ...last: readonly string[]): Promise<{ outcome: string; body: string }[]> {
    const phone = await this.phone(of);
    const room = await phone.deskRoom();
    const read = (): { outcome: string; body: string }[] =>
      phone.events(room).flatMap((event) => {
        const said = outcomeOf(event.getContent());
        return said?.request === request ? [{ outcome: said.outcome, body: String(event.getContent()['body'] ?? '') }] : [];
      });
    const isOver = (): Promise<true | undefined> => Promise.resolve(last.includes(read().at(-1)?.outcome ?? '') ? true : undefined);
    await this.seen(isOver, `${last.join(' or ')}: ${JSON.stringify(read())}`);
    return read();
  }

  /** The health word of a connection, once it is this one. */
  word(connection: string, word: string): Promise<true> {
    const read = async (): Promise<true | undefined> => {
      const kept = (await readCursors(this.store, 'health:')).get(connection) as { word?: string } | undefined;
      return kept?.word === word ? true : undefined;
    };
    return this.seen(read, `${connection}: ${word}`);
  }

  /** Open on somebody's desk from these tools, as `tool key`. */
  async open(of: string): Promise<string[]> {
    const rows = await this.store.selectFrom('work.placements').select(['key', 'state']).where('agent', '=', of).execute();
    return rows
      .filter(({ state }) => ['todo', 'doing', 'waiting'].includes(state))
      .map(({ key }) => key)
      .sort();
  }
}

function outcomeOf(content: Record<string, unknown>): { request: string; outcome: string } | undefined {
  const said = (content['fr.ecritoire.outcome'] ?? content) as Partial<Record<'request' | 'outcome', unknown>>;
  return typeof said.request === 'string' && typeof said.outcome === 'string'
    ? { request: said.request, outcome: said.outcome }
    : undefined;
}

/** The people of a crash run, their tools, and their desks as they should be (model) and as they are (views of the rooms). */
import { findRoom } from '../../appservice/store/rooms.ts';
import { until } from '../support/guarded.ts';
import type { MatrixBed, Person } from '../support/matrix-bed.ts';
import type { Random } from '../support/town/random.ts';
import { type Asked, Load } from './load.ts';
import { Model } from './model.ts';
import { REVISION_CONNECTION } from './parts.ts';
import { type Agent, type Offer, Plan } from './plan.ts';
import { RoomView } from './room-view.ts';

const QUIET_MS = 60_000; // nothing in a round takes so long: what is not there by then is lost

export class Town {
  readonly model = new Model();
  readonly views = new Map<string, RoomView>();
  readonly bed: MatrixBed;
  readonly load: Load;
  readonly #agents: readonly Agent[];
  readonly #plan: Plan;
  readonly #people = new Map<string, Person>();

  private constructor(bed: MatrixBed, { agents, prefix }: { agents: readonly Agent[]; prefix: string }) {
    const { connections } = bed.config;
    const doors = connections.map(({ id, bot, organisation }) => ({ connection: id, bot, organisation }));
    const hooks = new Map(connections.map(({ id, secrets }) => [id, { url: hookUrl(bed, id), secret: secrets[0] ?? '' }]));
    this.bed = bed;
    this.#agents = agents;
    this.#plan = new Plan({ agents, doors, prefix });
    this.load = new Load({
      hook: (connection) => need(hooks.get(connection), connection),
      byRevision: (connection) => connection === REVISION_CONNECTION,
      mxid: (agent) => `@${agent}:${bed.config.serverName}`,
      person: (agent) => need(this.#people.get(agent), agent),
      desk: (agent) => this.#desk(agent),
      accepted: (event, at) => this.model.accept(event, at),
    });
  }

  /** Makes the agents known, and waits until each stands in her desk with her first items. */
  static async open(
    bed: MatrixBed,
    { agents, prefix, random }: { agents: readonly Agent[]; prefix: string; random: Random },
  ): Promise<Town> {
    const town = new Town(bed, { agents, prefix });
    await town.#makeKnown();
    await town.load.run(town.#plan.warmUp(random));
    await town.settle([]);
    for (const { localpart, organisation } of agents) await town.#enter(localpart, organisation);
    await town.read();
    return town;
  }

  planRound(random: Random, ms: number): Offer[] {
    return this.#plan.round(random, ms);
  }

  /** Waits until every request was handled and every row is in its room. Answers what was not within a minute. */
  async settle(asked: readonly Asked[]): Promise<string[]> {
    let left: string[] = [];
    const attempt = async (): Promise<true | undefined> => {
      left = await this.#left(asked).catch((error: unknown) => [String(error)]); // the store may be on its way back
      return left.length === 0 ? true : undefined;
    };
    await until(attempt, { withinMs: QUIET_MS, everyMs: 100 });
    return left;
  }

  async read(): Promise<void> {
    await Promise.all([...this.views.values()].map((view) => view.readOn()));
  }

  /** The rooms read anew from their beginning. */
  async readAgain(): Promise<Map<string, RoomView>> {
    const views = new Map([...this.views].map(([agent, { roomId }]) => [agent, this.#view(agent, roomId)]));
    await Promise.all([...views.values()].map((view) => view.readOn()));
    return views;
  }

  async #left(asked: readonly Asked[]): Promise<string[]> {
    const { store } = this.bed;
    const rows = await store
      .selectFrom('work.outbox')
      .select(['id', 'kind', 'address'])
      .where('sent_at', 'is', null)
      .where('dead_at', 'is', null)
      .limit(20)
      .execute();
    const ids = asked.map(({ eventId }) => eventId);
    const handled = await store
      .selectFrom('work.inbox')
      .select('event_id')
      .where('event_id', 'in', ['', ...ids])
      .where('handled_at', 'is not', null)
      .execute();
    const known = new Set(handled.map((row) => row.event_id));
    const unheard = ids.filter((id) => !known.has(id)).map((id) => `request ${id} is not handled`);
    return [...rows.map(({ id, kind, address }) => `${kind} row ${id} of ${address} waits`), ...unheard];
  }

  async #makeKnown(): Promise<void> {
    const people = this.#agents.map(({ localpart }) => ({ localpart, name: localpart }));
    const memberships = this.#agents.map((agent) => ({ ...agent, source: 'crash' }));
    await this.bed.store.insertInto('record.people').values(people).execute();
    await this.bed.store.insertInto('record.memberships').values(memberships).execute();
    for (const { localpart } of this.#agents) this.#people.set(localpart, await this.bed.signIn(localpart));
  }

  async #enter(agent: string, organisation: string): Promise<void> {
    const { roomId } = need(await findRoom(this.bed.store, `desk:${organisation}:${agent}`), `the desk of ${agent}`);
    const { status } = await need(this.#people.get(agent), agent).call('POST', `/rooms/${encodeURIComponent(roomId)}/join`, {});
    if (status !== 200) throw new Error(`${agent} cannot enter her desk: ${String(status)}`);
    this.views.set(agent, this.#view(agent, roomId));
  }

  #view(agent: string, roomId: string): RoomView {
    const { config } = this.bed;
    const ask = async (path: string): Promise<unknown> => {
      const headers = { authorization: `Bearer ${config.appservice.asToken}` };
      const answer = await fetch(`${this.bed.synapse().url}${path}`, { headers });
      if (!answer.ok) throw new Error(`the homeserver answered ${String(answer.status)} to ${path}`);
      return answer.json();
    };
    return new RoomView({ roomId, agent, mxid: `@${agent}:${config.serverName}`, ask });
  }

  #desk(agent: string): { roomId: string; message: (key: string) => string | undefined } {
    const view = need(this.views.get(agent), agent);
    return { roomId: view.roomId, message: (key) => view.current(key)?.original.eventId };
  }
}

function hookUrl({ config }: MatrixBed, connection: string): string {
  const { host, port } = config.appservice.listen;
  return `http://${host}:${String(port)}/hooks/${connection}`;
}

function need<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new Error(`there is no ${what}`);
  return found;
}

/**
 * Offers a plan at its moments, whatever is down: posts as a tool does, repeating a delivery whose answer was lost under the same
 * id, and asks as an agent's client does, repeating a request under the same transaction id.
 */
import type { Hook, HookEvent } from '../support/hook.ts';
import { postEvents } from '../support/hook.ts';
import { pause } from '../support/guarded.ts';
import type { Person } from '../support/matrix-bed.ts';
import { requestEvent } from '../../appservice/desk/event.ts';
import type { Asking, Offer, Planned } from './plan.ts';

/** What the load needs to know of the town. `accepted` is called once per event that was answered 202, in the order of its key. */
export type Surroundings = {
  hook: (connection: string) => Hook;
  byRevision: (connection: string) => boolean;
  mxid: (agent: string) => string;
  person: (agent: string) => Person;
  desk: (agent: string) => { roomId: string; message: (key: string) => string | undefined };
  accepted: (event: Planned, at: number) => void;
};

/** A request that the homeserver took. `startedAt` in ms. */
export type Asked = Asking & { eventId: string; startedAt: number };

const ANSWER_MS = 5000; // a tool waits so long for an answer, then it posts again
const AGAIN_MS = 150;
const REPEAT_MS = 300; // before an accepted delivery comes a second time: newer ones of its key may be there by then
const LIMIT_MS = 90_000; // a load that is not taken by then never will be

export class Load {
  readonly asked: Asked[] = [];
  /** Posts and requests that were begun, whatever came of them. */
  offered = { events: 0, requests: 0 };
  readonly #around: Surroundings;
  /** The last post of each key: the next one waits for its answer, so that the order of acceptance is that of the plan. */
  readonly #lines = new Map<string, Promise<void>>();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /**
   * Resolves when everything was accepted. `onOffer` is called when an offer of the plan is due, by its place in the plan. One
   * accepted delivery in twelve is posted a second time.
   */
  async run(offers: readonly Offer[], onOffer: (index: number) => void = () => undefined): Promise<void> {
    const beganAt = Date.now();
    const running: Promise<void>[] = [];
    for (const [index, offer] of offers.entries()) {
      const wait = beganAt + offer.at - Date.now();
      if (wait > 0) await pause(wait);
      onOffer(index);
      running.push(offer.kind === 'post' ? this.#inLine(offer.events, index % 12 === 0) : this.#ask(offer.asking));
    }
    await Promise.all(running);
  }

  async #inLine(events: readonly Planned[], isRepeated: boolean): Promise<void> {
    this.offered.events += events.length;
    const before = events.flatMap(({ key }) => this.#lines.get(key) ?? []);
    const posting = Promise.all(before).then(() => this.#post(events));
    for (const { key } of events) this.#lines.set(key, posting);
    await posting;
    if (!isRepeated) return;
    await pause(REPEAT_MS);
    await this.#untilTaken(events);
  }

  async #post(events: readonly Planned[]): Promise<void> {
    await this.#untilTaken(events);
    const at = Date.now();
    for (const event of events) this.#around.accepted(event, at);
  }

  async #untilTaken(events: readonly Planned[]): Promise<void> {
    const { hook } = this.#around;
    const bodies = events.map((event) => this.#write(event));
    const [first] = bodies;
    if (first === undefined) return;
    await repeat(async () => {
      const signal = AbortSignal.timeout(ANSWER_MS);
      const answer = await postEvents(hook(events[0]?.connection ?? ''), bodies.length === 1 ? first : bodies, { signal });
      const text = await answer.text();
      if (answer.status === 202) return true;
      if (answer.status === 503 || answer.status === 429) return undefined;
      throw new Refused(`a post was answered ${String(answer.status)}: ${text}`);
    });
  }

  #write(event: Planned): HookEvent {
    const { id, connection, key, revision } = event;
    const item = { key: key.split(':').slice(2).join(':'), ...(this.#around.byRevision(connection) && { revision }) };
    const { op } = event;
    const data =
      op === 'close' ? { op, item } : { op, to: event.to.map((agent) => this.#address(agent)), item: { ...item, ...contentOf(event) } };
    return { specversion: '1.0', id, source: 'urn:crash', type: 'fr.ecritoire.crash', time: new Date(revision).toISOString(), data };
  }

  #address(agent: string): { mxid: string } {
    return { mxid: this.#around.mxid(agent) };
  }

  async #ask(asking: Asking): Promise<void> {
    this.offered.requests += 1;
    const startedAt = Date.now();
    const { roomId, message } = this.#around.desk(asking.agent);
    const items = asking.keys.map((key) => {
      const found = message(key);
      if (found === undefined) throw new Refused(`no message of ${key} for ${asking.agent}`);
      return found;
    });
    const { type, content } =
      asking.reaction === undefined ? requestEvent({ ...asking, items, askedAt: startedAt }) : react(items[0], asking.reaction);
    const path = `/rooms/${encodeURIComponent(roomId)}/send/${type}/crash-${crypto.randomUUID()}`;
    const eventId = await repeat(async () => {
      const { status, body } = await inTime(this.#around.person(asking.agent).call('PUT', path, content));
      if (status === 200) return String(body.event_id);
      if (status >= 500 || status === 429) return undefined;
      throw new Refused(`a request was answered ${String(status)}: ${JSON.stringify(body)}`);
    });
    this.asked.push({ ...asking, eventId, startedAt });
  }
}

const contentOf = ({ title, severity, dueAt }: Planned & { op: 'upsert' }) => ({ title, severity, ...(dueAt !== undefined && { dueAt }) });

const react = (message: string | undefined, key: string) => ({
  type: 'm.reaction',
  content: { 'm.relates_to': { rel_type: 'm.annotation', event_id: message, key } },
});

/** What repeating cannot help. */
class Refused extends Error {}

/** Tries until there is an answer; a connection that failed or was cut is none. */
async function repeat<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  const limit = Date.now() + LIMIT_MS;
  let failure: unknown;
  while (Date.now() < limit) {
    try {
      const answer = await attempt();
      if (answer !== undefined) return answer;
    } catch (error) {
      if (error instanceof Refused) throw error;
      failure = error;
    }
    await pause(AGAIN_MS);
  }
  throw new Error(`nothing was answered within ${String(LIMIT_MS / 1000)} s`, { cause: failure });
}

function inTime<T>(work: Promise<T>): Promise<T> {
  return Promise.race([
    work,
    pause(ANSWER_MS).then(() => {
      throw new Error('no answer in time');
    }),
  ]);
}

/**
 * What a round offers, and when: events of the tools, requests of the agents. Pure: everything follows from the random numbers it
 * is given, so that the same seed plans the same rounds whatever the machine does meanwhile.
 */
import { pick, type Random } from '../support/town/random.ts';

/** An agent of the crash town; `localpart` is unique over organisations. */
export type Agent = { localpart: string; organisation: string };

/** A tool's door as the plan needs it. */
export type Door = { connection: string; bot: string; organisation: string };

/** One event as it will be posted. `revision` orders it, as `time` in ms or as the tool's own number. */
export type Planned = { id: string; connection: string; key: string; revision: number } & (
  { op: 'upsert'; to: string[]; title: string; severity: 'info' | 'normal' | 'urgent'; dueAt?: string } | { op: 'close' }
);

/** What an agent asks; `reaction` is the emoji when she does it from another client. */
export type Asking = { agent: string; keys: string[]; action: string; input?: Record<string, unknown>; reaction?: string };

/** Something offered `at` ms after the round began. A batch is posted as one body. */
export type Offer = { at: number } & ({ kind: 'post'; events: Planned[] } | { kind: 'ask'; asking: Asking });

type Thing = { door: Door; key: string; revision: number; isClosed: boolean; to: string[] };

const FIRST_REVISION = Date.UTC(2026, 10, 20); // any day will do: revisions only have to grow
const STEP = 10; // between two revisions of the plan, so that older ones fit between
const RECENT = 80; // things that still move; the others stay as they are
const EVENT_MS = 36; // between two events, on average: above 20 a second whatever chance says
const ASK_MS = 100;
const BATCH = 6;

export class Plan {
  readonly #agents: readonly Agent[];
  readonly #doors: readonly Door[];
  readonly #prefix: string;
  readonly #things: Thing[] = [];
  readonly #reacted = new Set<string>();
  #revision = FIRST_REVISION;
  #count = 0;

  /** `prefix` begins every external id and delivery id, so that two plans never meet. */
  constructor({ agents, doors, prefix }: { agents: readonly Agent[]; doors: readonly Door[]; prefix: string }) {
    this.#agents = agents;
    this.#doors = doors.filter(({ organisation }) => agents.some((agent) => agent.organisation === organisation));
    this.#prefix = prefix;
  }

  /** Items for everybody, so that every desk stands and every agent has something to ask about. */
  warmUp(random: Random): Offer[] {
    const events = this.#agents.flatMap(({ localpart, organisation }) =>
      this.#doors
        .filter((door) => door.organisation === organisation)
        .flatMap((door) => [0, 1, 2].map(() => this.#create(door, [localpart], random))),
    );
    return events.map((event, index) => ({ at: index * 20, kind: 'post', events: [event] }));
  }

  /** A round of so many ms. Agents ask only about what was open before it, hence is in their rooms. */
  round(random: Random, ms: number): Offer[] {
    const open = this.#things.filter(({ isClosed }) => !isClosed).slice(-RECENT);
    const desks = new Map(
      this.#agents.map(({ localpart }) => [localpart, open.filter(({ to }) => to.includes(localpart)).map(({ key }) => key)]),
    );
    const posts: Offer[] = ticks(random, ms, EVENT_MS).flatMap((at) => this.#post(at, random));
    const asks: Offer[] = ticks(random, ms, ASK_MS).flatMap((at) => {
      const agent = pick([...desks.keys()], random);
      const asking = this.#ask(agent, desks.get(agent) ?? [], random);
      return asking === undefined ? [] : [{ at, kind: 'ask', asking }];
    });
    return [...posts, ...asks].sort((a, b) => a.at - b.at);
  }

  #post(at: number, random: Random): Offer[] {
    if (random() >= 0.06) return [{ at, kind: 'post', events: [this.#event(random)] }];
    const door = pick(this.#doors, random);
    return [{ at, kind: 'post', events: Array.from({ length: BATCH }, () => this.#event(random, door)) }];
  }

  /** A new item, a change, an end, another addressee, an older event that comes late. */
  #event(random: Random, door = pick(this.#doors, random)): Planned {
    const moving = this.#things.slice(-RECENT).filter((thing) => thing.door === door);
    const open = moving.filter(({ isClosed }) => !isClosed);
    const chance = random();
    if (open.length < 4 || chance < 0.24) return this.#create(door, this.#addressees(door, random), random);
    const thing = pick(open, random);
    if (chance < 0.62) return this.#change(thing, thing.to, random);
    if (chance < 0.82) return this.#close(thing);
    if (chance < 0.9) return this.#change(thing, this.#addressees(door, random), random);
    if (chance < 0.94) return this.#change(pick(moving, random), this.#addressees(door, random), random);
    return this.#late(thing, random);
  }

  #create(door: Door, to: string[], random: Random): Planned {
    const key = `${this.#prefix}/${String((this.#count += 1))}`;
    const thing: Thing = { door, key: `${door.bot}:${door.connection}:${key}`, revision: 0, isClosed: false, to };
    this.#things.push(thing);
    return this.#change(thing, to, random);
  }

  #change(thing: Thing, to: string[], random: Random): Planned {
    this.#revision += STEP;
    Object.assign(thing, { revision: this.#revision, isClosed: false, to });
    return this.#upsert(thing, { revision: this.#revision, to }, random);
  }

  #close(thing: Thing): Planned {
    this.#revision += STEP;
    Object.assign(thing, { revision: this.#revision, isClosed: true });
    return { ...this.#next(thing), revision: this.#revision, op: 'close' };
  }

  #late(thing: Thing, random: Random): Planned {
    return this.#upsert(thing, { revision: thing.revision - 3, to: this.#addressees(thing.door, random) }, random);
  }

  #upsert(thing: Thing, { revision, to }: { revision: number; to: string[] }, random: Random): Planned {
    const severity = pick(['info', 'normal', 'normal', 'urgent'] as const, random);
    const day = 1 + Math.floor(random() * 28);
    const due = random() < 0.6 && { dueAt: `2027-0${String(1 + Math.floor(random() * 9))}-${String(day).padStart(2, '0')}` };
    return { ...this.#next(thing), revision, op: 'upsert', to, title: `Objet à la révision ${String(revision)}`, severity, ...due };
  }

  #next({ door, key }: Thing): { id: string; connection: string; key: string } {
    return { id: `${this.#prefix}-${String((this.#count += 1))}`, connection: door.connection, key };
  }

  #addressees({ organisation }: Door, random: Random): string[] {
    const members = this.#agents.filter((agent) => agent.organisation === organisation).map(({ localpart }) => localpart);
    const first = pick(members, random);
    return random() < 0.25 ? [...new Set([first, pick(members, random)])] : [first];
  }

  #ask(agent: string, keys: readonly string[], random: Random): Asking | undefined {
    if (keys.length === 0) return undefined;
    const key = pick(keys, random);
    const asking = { agent, keys: [key] };
    const chance = random();
    if (chance < 0.3) return this.#react({ ...asking, action: 'desk.aside' }, '✅');
    if (chance < 0.5) return this.#react({ ...asking, action: 'desk.restore' }, '↩️');
    if (chance < 0.6) return { ...asking, action: 'desk.snooze', input: { until: '2031-01-02T08:00:00Z' } };
    if (chance < 0.7) return { ...asking, action: random() < 0.5 ? 'desk.pin' : 'desk.unpin' };
    if (chance < 0.8) return { ...asking, action: 'desk.note', input: { text: `Note ${String((this.#count += 1))}` } };
    if (chance < 0.88) return { ...asking, action: 'supprimer' };
    return { agent, keys: [...new Set([key, pick(keys, random), pick(keys, random)])], action: 'desk.aside' };
  }

  /** The same reaction to the same message is refused the second time: then she asks on her page. */
  #react(asking: Asking, reaction: string): Asking {
    const name = `${asking.agent} ${asking.keys.join()} ${reaction}`;
    if (this.#reacted.has(name)) return asking;
    this.#reacted.add(name);
    return { ...asking, reaction };
  }
}

/** Moments `mean` ms apart, each moved by at most a third of it. */
function ticks(random: Random, ms: number, mean: number): number[] {
  return Array.from({ length: Math.floor(ms / mean) }, (_, index) => (index + (random() * 2 - 1) / 3) * mean).map((at) => Math.max(0, at));
}

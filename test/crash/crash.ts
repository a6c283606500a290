/**
 * The crash run: a town under load whose parts are killed, round after round, and after each what stands in rooms and store is
 * compared with the model. Two planted faults are played first: a run that does not catch them proves nothing.
 */
import { pause } from '../support/guarded.ts';
import { makeRandom, pick, type Random, seedOf } from '../support/town/random.ts';
import { compare } from './compare.ts';
import { Findings } from './findings.ts';
import { type InFlight, median, measureInFlight } from './in-flight.ts';
import { type Part, Parts, type Target } from './parts.ts';
import type { Agent, Offer } from './plan.ts';
import { Town } from './town.ts';

export type Report = {
  rounds: number;
  killsBy: Partial<Record<Target, number>>;
  inFlightAtKill: InFlight;
  accepted: number;
  lost: number;
  doubled: number;
  outOfOrder: number;
  wrongState: number;
  caughtFaults: number;
};

export type CrashOptions = {
  rounds: number;
  replicas: number;
  seed: number;
  say: (line: string) => void;
  /** Ends the run after the round that is going on. */
  signal?: AbortSignal;
};

const LOAD_MS = 3500; // of a round: some 120 events and 35 requests
const LONG_LOAD_MS = 6000; // Synapse is back only after seconds, and comes back under load as well
const SHORT_LOAD_MS = 2500; // of a round with a planted fault
const TRIES = 6; // of a planted fault: a kill at random does not hit it each time

/** What must be caught, and whose death shows it: of three replicas, one alone has seldom a send on its way. */
const FAULTS = [
  { name: 'answer before commit', preload: 'answer-early.ts', part: 'postgres', shows: 'lost' },
  { name: 'a fresh transaction id on retry', preload: 'fresh-transaction.ts', part: 'every appservice', shows: 'doubled' },
] as const;

const AGENTS: readonly Agent[] = [
  ...['un', 'deux', 'trois', 'quatre', 'cinq'].map((name) => ({ localpart: `agent.${name}`, organisation: 'ville-claire' })),
  ...['six', 'sept'].map((name) => ({ localpart: `agent.${name}`, organisation: 'rivebelle' })),
];

export async function crash({ rounds, replicas, seed, say, signal }: CrashOptions): Promise<Report> {
  const parts = await Parts.start(replicas);
  const keepLogs = async (): Promise<void> => say(`the logs are in ${await parts.keepLogs(`crash-${String(seed)}`)}`);
  try {
    let caughtFaults = 0;
    for (const fault of FAULTS) caughtFaults += (await playFault(parts, fault, { seed, say })) ? 1 : 0;
    await parts.startAppservices();
    const run = new Run(parts, { seed, say, findings: new Findings(), parts: replicas > 1 ? FOUR : THREE });
    await run.open(AGENTS, 'tour');
    for (let round = 1; round <= rounds && signal?.aborted !== true; round += 1) await run.round(round);
    await run.compareAll();
    if (run.isAmiss()) await keepLogs();
    return { ...run.report(), caughtFaults };
  } catch (error) {
    await keepLogs();
    throw error;
  } finally {
    await parts.stop();
  }
}

const THREE: readonly Part[] = ['appservice', 'postgres', 'homeserver'];
const FOUR: readonly Part[] = ['replica', ...THREE];

async function playFault(
  parts: Parts,
  { name, preload, part, shows }: (typeof FAULTS)[number],
  { seed, say }: { seed: number; say: (line: string) => void },
): Promise<boolean> {
  const module = new URL(`./planted/${preload}`, import.meta.url).href;
  const findings = new Findings();
  await parts.startAppservices(module);
  const run = new Run(parts, { seed: seedOf(`${String(seed)} ${name}`), say: () => undefined, findings, parts: [part], preload: module });
  const place = { organisation: 'ville-claire' };
  await run.open(
    [1, 2, 3, 4, 5, 6].map((index) => ({ ...place, localpart: `${shows}.${String(index)}` })),
    shows,
  );
  for (let attempt = 1; attempt <= TRIES && findings.count(shows) === 0; attempt += 1) await run.round(attempt);
  await parts.killAppservices();
  const count = findings.count(shows);
  say(`planted fault "${name}": ${count > 0 ? `caught, ${String(count)} ${shows}` : 'NOT CAUGHT'}`);
  return count > 0;
}

type RunOptions = { seed: number; say: (line: string) => void; findings: Findings; parts: readonly Target[]; preload?: string };

/** Rounds in one town. */
class Run {
  readonly #parts: Parts;
  readonly #options: RunOptions;
  readonly #kills: Target[] = [];
  readonly #inFlight: InFlight[] = [];
  #deck: Target[] = [];
  #town: Town | undefined;
  #accepted = 0;

  constructor(parts: Parts, options: RunOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  async open(agents: readonly Agent[], prefix: string): Promise<void> {
    this.#town = await Town.open(this.#parts.bed, { agents, prefix, random: this.#random('warm up') });
  }

  async round(number: number): Promise<void> {
    const { say, findings } = this.#options;
    const [town, random, beganAt] = [this.town, this.#random(String(number)), Date.now()];
    const part = this.#deal(random);
    const before = { accepted: town.model.accepted.length, asked: town.load.asked.length, found: findings.texts().length };
    const killedAt = await this.#underLoad(town, part, random);
    const asked = town.load.asked.slice(before.asked);
    for (const left of await town.settle(asked)) findings.add('lost', left, `after a minute, ${left}`);
    for (const log of await this.#parts.fallen())
      findings.add('wrongState', log, `an appservice ended by itself in round ${String(number)}`);
    await town.read();
    const accepted = town.model.accepted.slice(before.accepted);
    await compare({ model: town.model, views: town.views, store: this.#parts.bed.store, accepted, asked, findings });
    this.#accepted += accepted.length;
    const inFlight = measureInFlight({ views: town.views, accepted, asked, killedAt });
    this.#inFlight.push(inFlight);
    const seconds = ((Date.now() - beganAt) / 1000).toFixed(1);
    say(
      `round ${String(number)}: ${part} killed with ${String(inFlight.events)} events and ${String(inFlight.requests)} requests in flight, ${String(accepted.length)} accepted, ${seconds} s`,
    );
    for (const text of findings.texts().slice(before.found)) say(`  ${text}`);
  }

  /** Everything once more, from rooms read anew. */
  async compareAll(): Promise<void> {
    const { model, load } = this.town;
    const { findings, say } = this.#options;
    const views = await this.town.readAgain();
    await compare({ model, views, store: this.#parts.bed.store, accepted: model.accepted, asked: load.asked, findings });
    for (const text of findings.texts()) say(text);
  }

  isAmiss(): boolean {
    return this.#options.findings.texts().length > 0;
  }

  report(): Omit<Report, 'caughtFaults'> {
    const { findings } = this.#options;
    const count = (part: Target): number => this.#kills.filter((one) => one === part).length;
    return {
      rounds: this.#kills.length,
      killsBy: Object.fromEntries([...this.#options.parts].map((part) => [part, count(part)])),
      inFlightAtKill: {
        events: median(this.#inFlight.map(({ events }) => events)),
        requests: median(this.#inFlight.map(({ requests }) => requests)),
      },
      accepted: this.#accepted,
      lost: findings.count('lost'),
      doubled: findings.count('doubled'),
      outOfOrder: findings.count('outOfOrder'),
      wrongState: findings.count('wrongState'),
    };
  }

  private get town(): Town {
    if (this.#town === undefined) throw new Error('the town is not open');
    return this.#town;
  }

  /** Kills at a moment that chance chooses shortly after something was asked; what was killed is started again under load. */
  async #underLoad(town: Town, part: Target, random: Random): Promise<number> {
    const { preload } = this.#options;
    const ms = preload !== undefined ? SHORT_LOAD_MS : part === 'homeserver' ? LONG_LOAD_MS : LOAD_MS;
    const offers = town.planRound(random, ms);
    const [chosen, delay, gap] = [pick(momentsOf(offers), random), random() * 80, 100 + random() * 700];
    let killedAt = 0;
    let killing: Promise<void> | undefined;
    const kill = async (): Promise<void> => {
      await pause(delay);
      killedAt = Date.now();
      const restart = await this.#parts.kill(part, { random, ...(preload !== undefined && { preload }) });
      await pause(gap);
      await restart();
    };
    await town.load.run(offers, (index) => {
      if (index === chosen) killing = kill();
    });
    await killing;
    this.#kills.push(part);
    return killedAt;
  }

  /** Each part once before any comes again, in an order of the seed. */
  #deal(random: Random): Target {
    if (this.#deck.length === 0) this.#deck = [...this.#options.parts];
    const part = pick(this.#deck, random);
    this.#deck.splice(this.#deck.indexOf(part), 1);
    return part;
  }

  #random(what: string): Random {
    return makeRandom(seedOf(`${String(this.#options.seed)} ${what}`));
  }
}

/** Requests from a third of the round on, while as much as has come is still to come. */
function momentsOf(offers: readonly Offer[]): number[] {
  return offers.flatMap(({ kind, at }, index) => (kind === 'ask' && at > LOAD_MS * 0.25 && at < LOAD_MS * 0.6 ? [index] : []));
}

/**
 * `poll`: 1,000 agents with accounts at five parapheurs, each read every 60 s in three calls by one appservice; the homeserver
 * only counts. The floor makes the same calls bare.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { keepAccount } from '../../appservice/store/accounts.ts';
import { startAppservice } from '../support/appservice-process.ts';
import { until } from '../support/guarded.ts';
import { freePort } from '../support/trial/ports.ts';
import { drain } from './support/bed.ts';
import { Child } from './support/child.ts';
import { type CountingBed, cpuSeconds, memoryMB, startCounting } from './support/counting-bed.ts';
import { median, percentile } from './support/figures.ts';
import type { Figures } from './support/parapheurs.ts';
import { agentName, ORGANISATION } from './support/tools.ts';
import type { Found } from './found.ts';

const AGENTS = 1000;
const TOOLS = 5;
const EVERY_S = 60;
const [FLOOR_MS, FILL_MS, CALM_MS, MEASURED_MS] = [60_000, 150_000, 65_000, 540_000]; // memory is to be flat over nine minutes
const SAMPLE_MS = 5000;

const script = (name: string): string => fileURLToPath(new URL(`./support/${name}.ts`, import.meta.url));

export async function poll(say: (line: string) => void): Promise<Found> {
  const ports = await Promise.all(Array.from({ length: TOOLS }, () => freePort()));
  const parapheurs = new Child(script('parapheurs'), { ports });
  await parapheurs.hear();
  try {
    const floor = await bare(parapheurs, ports);
    say(`the same calls made bare: ${floor.cores.toFixed(2)} cores`);
    const ours = await swept(parapheurs, ports, say);
    return { ours, floor, ratio: { cores: ours.cores / floor.cores }, runs: 1 };
  } finally {
    await parapheurs.end();
  }
}

async function bare(parapheurs: Child, ports: readonly number[]): Promise<{ cores: number; callsPerSecond: number; driftSeconds: number }> {
  const caller = new Child(script('bare-calls'), { ports, agents: AGENTS, everyMs: EVERY_S * 1000 });
  await caller.hear();
  try {
    const { cores, figures } = await measure(parapheurs, caller.process.pid ?? 0, FLOOR_MS);
    return { cores, callsPerSecond: figures.calls / (FLOOR_MS / 1000), driftSeconds: drift(figures) };
  } finally {
    await caller.end();
  }
}

async function swept(parapheurs: Child, ports: readonly number[], say: (line: string) => void) {
  const bed = await startCounting('poll', { agents: AGENTS });
  const config = await declare(bed, ports);
  await linkAll(bed, ports);
  const appservice = await startAppservice(bed, { config });
  try {
    await appservice.ready();
    say(`${String(AGENTS)} agents at ${String(TOOLS)} tools; their desks fill`);
    await fill(bed, say);
    await pause(CALM_MS); // everybody is looked at once more, and nothing is new
    const { cores, figures, memory } = await measure(parapheurs, appservice.process.pid ?? 0, MEASURED_MS);
    const [first, last] = [memory.slice(0, 12), memory.slice(-12)].map((samples) => median(samples));
    return {
      cores,
      driftSeconds: drift(figures),
      driftSecondsP99: Math.max(0, percentile(figures.intervals, 0.99) - EVERY_S),
      callsPerSecond: figures.calls / (MEASURED_MS / 1000),
      sweepsPerSecond: figures.sweeps / (MEASURED_MS / 1000),
      unswept: AGENTS * TOOLS - figures.desks,
      rssMB: last ?? Number.NaN,
      grownMB: (last ?? Number.NaN) - (first ?? Number.NaN),
    };
  } finally {
    await appservice.stop();
    await bed.stop();
  }
}

/** Waits until everybody has her folders, and they are in the rooms. */
async function fill(bed: CountingBed, say: (line: string) => void): Promise<void> {
  const count = async (): Promise<true | undefined> => {
    const { placements } = await bed.store
      .selectFrom('work.placements')
      .select(({ fn }) => fn.countAll<number>().as('placements'))
      .executeTakeFirstOrThrow();
    return placements >= AGENTS * TOOLS ? true : undefined;
  };
  if ((await until(count, { withinMs: FILL_MS, everyMs: 1000 })) === undefined) say('not everybody has her folders yet');
  await drain(bed, { withinMs: FILL_MS, say });
}

/** How much later than its interval the latest look at a desk came. */
const drift = ({ intervals }: Figures): number => intervals.reduce((most, seconds) => Math.max(most, seconds - EVERY_S), 0);

async function measure(parapheurs: Child, pid: number, ms: number): Promise<{ cores: number; figures: Figures; memory: number[] }> {
  parapheurs.say('measure');
  const [before, began] = [await cpuSeconds(pid), performance.now()];
  const memory: number[] = [];
  while (performance.now() - began < ms) {
    memory.push((await memoryMB(pid)).now);
    await pause(SAMPLE_MS);
  }
  const cores = ((await cpuSeconds(pid)) - before) / ((performance.now() - began) / 1000);
  parapheurs.say('figures');
  return { cores, figures: await parapheurs.hear<Figures>(), memory };
}

const idOf = (index: number): string => `parapheur-${String(index + 1)}`;

/** A configuration with the parapheurs beside what the bed has. */
async function declare(bed: CountingBed, ports: readonly number[]): Promise<string> {
  const said = JSON.parse(await readFile(bed.config.file, 'utf8')) as { connections: object[] };
  const connections = ports.map((port, index) => ({
    id: idOf(index),
    bot: 'iparapheur',
    organisation: ORGANISATION,
    label: `Parapheur ${String(index + 1)}`,
    every: EVERY_S,
    settings: { baseUrl: `http://127.0.0.1:${String(port)}` },
  }));
  const file = join(bed.folder, 'poll.yaml');
  const whole = { ...said, connections: [...said.connections, ...connections], privateNetworks: ['127.0.0.0/8'] };
  await writeFile(file, JSON.stringify(whole), { mode: 0o600 });
  return file;
}

const AT_ONCE = 50;

/** Everybody's accounts, as they stand after some hours: spread over their interval. */
async function linkAll(bed: CountingBed, ports: readonly number[]): Promise<void> {
  const all = ports.flatMap((_, index) =>
    Array.from({ length: AGENTS }, (__, agent) => ({ connection: idOf(index), localpart: agentName(agent) })),
  );
  for (let from = 0; from < all.length; from += AT_ONCE) {
    const some = all.slice(from, from + AT_ONCE);
    const keys = bed.config.appservice.accountKeys;
    await Promise.all(
      some.map((id) => keepAccount(bed.store, keys, id, { username: id.localpart, password: `secret de ${id.localpart}` })),
    );
  }
  await sql`update work.polls set due_at = now() + random() * ${EVERY_S} * interval '1 second' where agent <> ''`.execute(bed.store);
}

/**
 * `scale`: CPU of the appservice per item, and its time to start, at 10, 100, 1,000 and 5,000 agents. Items come one per agent
 * and round, so that at every size an item is one message and one indicator. The homeserver only counts.
 */
import { addAgents } from './support/agents.ts';
import { drain, post, type Said, startReady } from './support/bed.ts';
import { type CountingBed, cpuSeconds, startCounting } from './support/counting-bed.ts';
import { median } from './support/figures.ts';
import type { Found } from './found.ts';

const SIZES = [10, 100, 1000, 5000] as const;
const ROUND = 500; // items of one round, at most one per agent
const ITEMS = 2000; // measured at each size; a tenth of it at ten agents
const STARTS = 5;
const DRAIN_MS = 300_000;

type AtSize = { cpuMsPerItem: number; startMs: number };

export async function scale(say: (line: string) => void): Promise<Found> {
  const bed = await startCounting('scale', { agents: SIZES[0] });
  try {
    const found = new Map<number, AtSize>();
    let before = 0;
    for (const size of SIZES) {
      if (size > SIZES[0]) await addAgents(bed.store, size, { from: before });
      found.set(size, await measure(bed, { size, from: before }));
      say(`${String(size)} agents: ${JSON.stringify(found.get(size))}`);
      before = size;
    }
    return figures(found);
  } finally {
    await bed.stop();
  }
}

function figures(found: ReadonlyMap<number, AtSize>): Found {
  const ours: Record<string, number> = {};
  for (const [size, { cpuMsPerItem, startMs }] of found)
    Object.assign(ours, { [`cpuMsAt${size}`]: cpuMsPerItem, [`startMsAt${size}`]: startMs });
  const ratio = (of: number, to: number, name: keyof AtSize): number =>
    (found.get(of)?.[name] ?? Number.NaN) / (found.get(to)?.[name] ?? Number.NaN);
  return { ours, floor: {}, ratio: { costPerItem: ratio(5000, 100, 'cpuMsPerItem'), startTime: ratio(5000, 10, 'startMs') }, runs: STARTS };
}

/** Furnishes the desks of the agents that are new at this size, then measures. */
async function measure(bed: CountingBed, { size, from }: { size: number; from: number }): Promise<AtSize> {
  const appservice = await startReady(bed);
  const pid = appservice.process.pid ?? 0;
  await send(bed, `neuf-${String(size)}`, { first: from, count: size - from });
  const cpu = await cpuSeconds(pid);
  const rounds = Math.max(1, Math.min(ITEMS / ROUND, ITEMS / size) * (size === SIZES[0] ? 0.1 : 1));
  const each = Math.min(ROUND, size);
  const count = Math.ceil(size < ROUND ? rounds : ITEMS / ROUND);
  for (let round = 0; round < count; round += 1) {
    await send(bed, `tour-${String(size)}-${String(round)}`, { first: (round * each) % size, count: each });
  }
  const cpuMsPerItem = (((await cpuSeconds(pid)) - cpu) * 1000) / (count * each);
  await appservice.stop();
  const starts: number[] = [];
  for (let start = 0; start < STARTS; start += 1) starts.push(await timeStart(bed));
  return { cpuMsPerItem, startMs: median(starts) };
}

async function send(bed: CountingBed, name: string, { first, count }: { first: number; count: number }): Promise<void> {
  const at = Date.now();
  const events = Array.from({ length: count }, (_, index): Said => ({ id: `${name}-${String(index)}`, agent: first + index, at }));
  await post(bed, events);
  await drain(bed, { withinMs: DRAIN_MS });
}

async function timeStart(bed: CountingBed): Promise<number> {
  const began = performance.now();
  const appservice = await startReady(bed);
  const ms = performance.now() - began;
  await appservice.stop();
  return ms;
}

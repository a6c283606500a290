/**
 * `relay`: writes to the homeserver a second over 1,000 rooms, first messages, edits and indicators together, with a backlog
 * that never runs out; beside it the same requests sent raw, at the same concurrency, in alternating slices: once with each
 * room's writes one after the other, as the relay has to, and once without any order (Synapse stores in one go what comes for a
 * room at once).
 */
import { hash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { readDeliveries } from '../../appservice/desk/delivery.ts';
import { makeIngest } from '../../appservice/ingest.ts';
import { NODE_ARGS } from '../../appservice/main/launch.ts';
import { type BenchBed, drain, post, type Said, startBench, startReady } from './support/bed.ts';
import { makeRandom } from '../support/town/random.ts';
import { Child } from './support/child.ts';
import { median } from './support/figures.ts';
import { latestWrites, writeRaw } from './support/raw.ts';
import { TOOL, toolEvent } from './support/tools.ts';
import type { Found } from './found.ts';

const ROOMS = 1000;
const SLICES = 10;
const SLICE_MS = 12_000; // what a relay does once when it is opened, as for each slice, is not what it does a second
const IN_FLIGHT = 16; // as the relay has
const BACKLOG = 2000; // rows put behind before each slice: half new items, half changes of older ones
const DRAIN_MS = 420_000; // a thousand rooms are made in 290 s where Synapse makes three or four a second
const SEED = 1;
const RELAY = fileURLToPath(new URL('./support/relay-process.ts', import.meta.url));

export async function relay(say: (line: string) => void): Promise<Found> {
  const bed = await startBench('relay', { agents: ROOMS });
  let child: Child | undefined;
  try {
    await furnish(bed, say);
    child = new Child(RELAY, { file: bed.config.file }, { nodeArgs: NODE_ARGS });
    await child.hear();
    const random = makeRandom(SEED);
    const rates: { ours: number[]; floor: number[]; unordered: number[] } = { ours: [], floor: [], unordered: [] };
    for (let slice = 0; slice < SLICES; slice += 1) {
      await accept(bed, slice);
      rates.ours.push(await relayed(bed, child));
      const rooms = await latestWrites(bed, BACKLOG, random);
      rates.floor.push(await writeRaw(bed, rooms, { ms: SLICE_MS, inFlight: IN_FLIGHT }));
      const alone = rooms.flat().map((write) => [write]);
      rates.unordered.push(await writeRaw(bed, alone, { ms: SLICE_MS, inFlight: IN_FLIGHT }));
      const [ours = 0, floor = 0, unordered = 0] = [rates.ours, rates.floor, rates.unordered].map((all) => all.at(-1));
      say(`slice ${String(slice + 1)}: ${ours.toFixed(1)} ours, ${floor.toFixed(1)} raw, ${unordered.toFixed(1)} raw without order`);
    }
    const ratioTo = (floor: readonly number[]): number => median(rates.ours.map((rate, slice) => rate / (floor[slice] ?? Number.NaN)));
    return {
      ours: { writes: median(rates.ours) },
      floor: { writes: median(rates.floor), unorderedWrites: median(rates.unordered) },
      ratio: { writes: ratioTo(rates.floor), unorderedWrites: ratioTo(rates.unordered) },
      runs: SLICES,
    };
  } finally {
    await child?.end();
    await bed.stop();
  }
}

/** One item on each desk, by the appservice as it is run: the rooms are made and joined. */
async function furnish(bed: BenchBed, say: (line: string) => void): Promise<void> {
  const appservice = await startReady(bed);
  const at = Date.now();
  const events = Array.from({ length: ROOMS }, (_, agent): Said => ({
    id: `premier-${String(agent)}`,
    agent,
    item: `premier-${String(agent)}`,
    at,
  }));
  await post(bed, events);
  await drain(bed, { withinMs: DRAIN_MS, say });
  await appservice.stop();
}

/** Accepts past the door: new items, and changes of the first ones. */
async function accept(bed: BenchBed, slice: number): Promise<void> {
  const connection = bed.config.connections.find(({ id }) => id === TOOL);
  if (connection === undefined) throw new Error('the bed has no tool');
  const ingest = makeIngest({ store: bed.store, config: bed.config });
  const contract = { ...connection, connection: connection.id, hasCallback: true };
  for (let first = 0; first < BACKLOG; first += 500) {
    const events = Array.from({ length: 500 }, (_, offset) => toolEvent(change(slice, first + offset)));
    const reading = readDeliveries(Buffer.from(JSON.stringify(events)), {
      mode: 'batch',
      contract,
      digest: (text) => hash('sha256', text, 'hex'),
    });
    if (reading.kind !== 'deliveries') throw new Error('the events of the bench cannot be read');
    await ingest.accept(connection.id, reading.deliveries);
  }
}

function change(slice: number, index: number): Said {
  const agent = index % ROOMS;
  const id = `tranche-${String(slice)}-${String(index)}`;
  const isEdit = index < BACKLOG / 2;
  return { id, agent, title: `Demande ${id}`, at: Date.now(), ...(isEdit && { item: `premier-${String(agent)}` }) };
}

/** Rows sent a second in one slice, the sends in flight at its end included. */
async function relayed(bed: BenchBed, child: Child): Promise<number> {
  const before = await countSent(bed);
  const began = performance.now();
  child.say('go');
  await new Promise((resolve) => setTimeout(resolve, SLICE_MS));
  child.say('hold');
  await child.hear();
  const seconds = (performance.now() - began) / 1000;
  return ((await countSent(bed)) - before) / seconds;
}

async function countSent(bed: BenchBed): Promise<number> {
  const sent = bed.store.selectFrom('work.outbox').select(({ fn }) => fn.countAll<number>().as('count'));
  return (await sent.where('sent_at', 'is not', null).executeTakeFirstOrThrow()).count;
}

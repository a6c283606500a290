/**
 * `burst`: events posted as fast as they are taken while the relay drains into Synapse on the same cores. 2,000 for 20 rooms
 * with a reader; then 10,000 for 1,000 agents, with another tool's item each second to see what it does to everybody else;
 * then 20 changes of each of 500 items. What stands in the rooms is compared with what was posted.
 */
import { type BenchBed, drain, post, type Said, startBench, startReady } from './support/bed.ts';
import { percentile } from './support/figures.ts';
import { Reader } from './support/reader.ts';
import { type Compared, compareRooms } from './support/rooms.ts';
import { agentName, NEIGHBOUR } from './support/tools.ts';
import type { Found } from './found.ts';

const AGENTS = 1000;
const BYSTANDER = AGENTS; // one agent more
const DRAIN_MS = 400_000;
const EVERY_MS = 1000; // the bystander's items
const titleOf = ({ id, title }: Said): string => title ?? `Demande de congé ${id} à valider`;

export async function burst(say: (line: string) => void): Promise<Found> {
  const bed = await startBench('burst', { agents: AGENTS + 1 });
  const appservice = await startReady(bed);
  try {
    const rooms = await twentyRooms(bed, say);
    const desks = await thousandDesks(bed, say);
    const changes = await manyChanges(bed, say);
    const sum = (name: keyof Compared): number => rooms.compared[name] + desks.compared[name] + changes.compared[name];
    return {
      ours: {
        acceptPerSecond: desks.perSecond,
        lost: sum('lost'),
        doubled: sum('doubled'),
        outOfOrder: sum('outOfOrder'),
        drainSeconds: desks.seconds,
        bystanderP50: percentile(desks.latencies, 0.5),
        bystanderP99: percentile(desks.latencies, 0.99),
        changesAcceptPerSecond: changes.perSecond,
        changesDrainSeconds: changes.seconds,
        twentyRoomsSeconds: rooms.seconds,
      },
      floor: {},
      ratio: {},
      runs: 1,
    };
  } finally {
    await appservice.stop();
    await bed.stop();
  }
}

const eventsOf = (name: string, count: number, agents: number): Said[] =>
  Array.from({ length: count }, (_, index) => ({ id: `${name}-${String(index)}`, agent: index % agents, at: Date.now() }));

/** 2,000 events for 20 rooms: until the last is visible in a reader's sync. */
async function twentyRooms(bed: BenchBed, say: (line: string) => void): Promise<{ seconds: number; compared: Compared }> {
  const events = eventsOf('vingt', 2000, 20);
  const readers = await Promise.all(Array.from({ length: 20 }, (_, agent) => follow(bed, agent)));
  const began = performance.now();
  await post(bed, events);
  const last = await Promise.all(readers.map((reader, agent) => reader.wait(`vingt-${String(1980 + agent)} `, DRAIN_MS)));
  const seconds = (Math.max(...last) - began) / 1000;
  await Promise.all(readers.map((reader) => reader.stop()));
  await drain(bed, { withinMs: DRAIN_MS });
  say(`2,000 events for 20 rooms: ${seconds.toFixed(1)} s`);
  return { seconds, compared: await compareRooms(bed, events, titleOf) };
}

async function follow(bed: BenchBed, agent: number): Promise<Reader> {
  const { token } = await bed.signIn(agentName(agent));
  const reader = new Reader({ url: bed.config.homeserver.url, token });
  await reader.start();
  return reader;
}

async function thousandDesks(bed: BenchBed, say: (line: string) => void) {
  const reader = await follow(bed, BYSTANDER);
  await post(bed, [{ id: 'avant', agent: BYSTANDER, at: Date.now() }], { connection: NEIGHBOUR });
  await reader.wait('avant ', 60_000);
  const bystander = watchBystander(bed, reader);
  const events = eventsOf('mille', 10_000, AGENTS);
  const began = Date.now();
  const fired = await post(bed, events);
  say(`10,000 events for 1,000 agents: ${String(Math.round(1e7 / fired.ms))} accepted a second`);
  await drain(bed, { withinMs: DRAIN_MS, say });
  const seconds = (Date.now() - began) / 1000;
  const latencies = await bystander.stop();
  await reader.stop();
  return { perSecond: 1e7 / fired.ms, seconds, latencies, compared: await compareRooms(bed, events, titleOf) };
}

/** Posts an item of the other tool for the bystander each second and notes how long it took until she saw it. */
function watchBystander(bed: BenchBed, reader: Reader): { stop: () => Promise<number[]> } {
  const latencies: Promise<number>[] = [];
  const ask = async (index: number): Promise<number> => {
    const began = performance.now();
    await post(bed, [{ id: `voisine-${String(index)}`, agent: BYSTANDER, at: Date.now() }], { lanes: 1, connection: NEIGHBOUR });
    return (await reader.wait(`voisine-${String(index)} `, DRAIN_MS)) - began;
  };
  const timer = setInterval(() => latencies.push(ask(latencies.length)), EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return Promise.all(latencies);
    },
  };
}

/** 500 items that change 20 times each: what is not sent yet is one send. */
async function manyChanges(bed: BenchBed, say: (line: string) => void) {
  const began = Date.now();
  const events = Array.from({ length: 10_000 }, (_, index): Said => {
    const item = index % 500;
    const change = Math.floor(index / 500);
    const id = `change-${String(item)}-${String(change)}`;
    return {
      id,
      agent: item,
      item: `change-${String(item)}`,
      title: `Demande ${String(item)}, version ${String(change)}`,
      at: began + change,
    };
  });
  const fired = await post(bed, events);
  await drain(bed, { withinMs: DRAIN_MS, say });
  const seconds = (Date.now() - began) / 1000;
  say(`20 changes of 500 items: ${String(Math.round(1e7 / fired.ms))} accepted a second, ${seconds.toFixed(1)} s`);
  return { perSecond: 1e7 / fired.ms, seconds, compared: await compareRooms(bed, events, titleOf) };
}

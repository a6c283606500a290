/**
 * `batch`: how many events a second are accepted for good while nothing is relayed, one per request over 64 connections and
 * in batches of fifty over 8, with the load generator on the same cores; and how long an answer takes at 1,000 a second.
 * Three slices of each in turn, medians; what the store holds afterwards is what was answered 202.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NODE_ARGS } from '../../appservice/main/launch.ts';
import { migrate, openStore, type Store } from '../../appservice/store/open.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';
import type { Found } from './found.ts';
import { addAgents } from './support/agents.ts';
import type { DoorSettings } from './support/door.ts';
import type { Load } from './support/load.ts';
import { Child } from './support/child.ts';
import { median } from './support/figures.ts';

const AGENTS = 1000;
const SLICES = 3;
const ONE = { events: 15_000, each: 1, connections: 64 };
const BATCH = { events: 60_000, each: 50, connections: 8 };
const STEADY = { events: 5_000, each: 1, connections: 256, perSecond: 1000 };
const WARM = { events: 5_000, each: 1, connections: 64 };
const DOOR = fileURLToPath(new URL('./support/door.ts', import.meta.url));
const LOAD = fileURLToPath(new URL('./support/load.ts', import.meta.url));

export type Loaded = { ms: number; refused: number; p50: number; p99: number };

export async function batch(say: (line: string) => void): Promise<Found> {
  const folder = await mkdtemp(join(tmpdir(), 'ecritoire-batch-'));
  let postgres: Postgres | undefined;
  let door: Child | undefined;
  let store: Store | undefined;
  try {
    postgres = await startPostgres({ folder, databases: ['ecritoire'] });
    ({ store } = openStore(postgres.url('ecritoire')));
    await migrate(store);
    await addAgents(store, AGENTS);
    const settings: DoorSettings = { url: postgres.url('ecritoire'), secret: `whsec_${randomBytes(24).toString('base64')}` };
    door = new Child(DOOR, settings, { nodeArgs: NODE_ARGS });
    const { port } = await door.hear<{ port: number }>();
    return await measure({ store, port, secret: settings.secret, say });
  } finally {
    await door?.end();
    await store?.destroy();
    await postgres?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

type Bed = { store: Store; port: number; secret: string; say: (line: string) => void };

async function measure(bed: Bed): Promise<Found> {
  const rates: { one: Loaded[]; batch: Loaded[] } = { one: [], batch: [] };
  await run(bed, 'warm', WARM);
  for (let slice = 0; slice < SLICES; slice += 1) {
    rates.one.push(await run(bed, `one-${String(slice)}`, ONE));
    rates.batch.push(await run(bed, `batch-${String(slice)}`, BATCH));
  }
  const steady = await run(bed, 'steady', STEADY);
  const lost = WARM.events + SLICES * (ONE.events + BATCH.events) + STEADY.events - (await countDeliveries(bed.store));
  const perSecond = (loads: readonly Loaded[], events: number) => median(loads.map(({ ms }) => (events * 1000) / ms));
  return {
    ours: {
      onePerSecond: perSecond(rates.one, ONE.events),
      oneP50: median(rates.one.map(({ p50 }) => p50)),
      oneP99: median(rates.one.map(({ p99 }) => p99)),
      batchPerSecond: perSecond(rates.batch, BATCH.events),
      batchP99: median(rates.batch.map(({ p99 }) => p99)),
      steadyP50: steady.p50,
      steadyP99: steady.p99,
      lost,
    },
    floor: {},
    ratio: {},
    runs: SLICES,
  };
}

async function run(
  { port, secret, say }: Bed,
  name: string,
  how: Pick<Load, 'events' | 'each' | 'connections' | 'perSecond'>,
): Promise<Loaded> {
  const load: Load = { port, secret, name, agents: AGENTS, ...how };
  const generator = new Child(LOAD, load);
  try {
    await generator.hear();
    generator.say('go');
    const loaded = await generator.hear<Loaded>();
    if (loaded.refused > 0) throw new Error(`${String(loaded.refused)} requests of ${name} were refused`);
    say(`${name}: ${String(Math.round((how.events * 1000) / loaded.ms))} events/s, p99 ${loaded.p99.toFixed(1)} ms`);
    return loaded;
  } finally {
    await generator.end();
  }
}

async function countDeliveries(store: Store): Promise<number> {
  const { count } = await store
    .selectFrom('work.deliveries')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

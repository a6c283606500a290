/**
 * `npm run bench -- NAME [--json]`: one bench beside its floor in one run. Prints a table; with `--json` the last line
 * is one object `{bench, ours, floor, ratio, runs, machine}` (DESIGN §7). Timings are measured here and asserted nowhere.
 */
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import type { Bench, Found } from './found.ts';

const BENCHES = {
  batch: async () => (await import('./batch.ts')).batch,
  burst: async () => (await import('./burst.ts')).burst,
  cold: async () => (await import('./cold.ts')).cold,
  day: async () => (await import('./day.ts')).day,
  latency: async () => (await import('./latency.ts')).latency,
  memory: async () => (await import('./memory.ts')).memory,
  poll: async () => (await import('./poll.ts')).poll,
  relay: async () => (await import('./relay.ts')).relay,
  scale: async () => (await import('./scale.ts')).scale,
  triage: async () => (await import('./triage.ts')).triage,
} as const satisfies Record<string, () => Promise<Bench>>;

const GIB = 2 ** 30;

function describeMachine() {
  const [first] = cpus();
  return { cpu: first?.model ?? 'unknown', cores: cpus().length, memoryGiB: Math.round(totalmem() / GIB), node: process.version };
}

function printTable(name: string, { ours, floor, ratio, runs }: Found): void {
  const names = [...new Set([...Object.keys(ours), ...Object.keys(floor), ...Object.keys(ratio)])];
  const cell = (value: number | undefined) => (value === undefined ? '–' : String(Math.round(value * 100) / 100)).padStart(12);
  console.log(`${name}, ${String(runs)} runs`);
  console.log(`${'figure'.padEnd(22)}${'ours'.padStart(12)}${'floor'.padStart(12)}${'ratio'.padStart(12)}`);
  for (const figure of names) {
    console.log(`${figure.padEnd(22)}${cell(ours[figure])}${cell(floor[figure])}${cell(ratio[figure])}`);
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean', default: false } } });
  const [name] = positionals;
  if (name === undefined || !Object.hasOwn(BENCHES, name)) {
    console.error(`Usage: npm run bench -- NAME [--json], where NAME is one of: ${Object.keys(BENCHES).join(', ')}`);
    process.exitCode = 2;
    return;
  }
  const bench = await BENCHES[name as keyof typeof BENCHES]();
  const found = await bench((line) => {
    console.error(line);
  });
  printTable(name, found);
  if (values.json) {
    console.log(JSON.stringify({ bench: name, ...found, machine: describeMachine() }));
  }
}

await main();

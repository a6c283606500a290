/**
 * `npm run crash -- --rounds N [--replicas R] [--seed S] [--json]`: kills at random, then compares (DESIGN §7). Ends with 0 only when
 * nothing was lost, doubled, out of order or wrong, and both planted faults were caught.
 */
import { parseArgs } from 'node:util';
import { crash, type Report } from './crash.ts';

const USAGE = 'Usage: npm run crash -- --rounds N [--replicas R] [--seed S] [--json]';

function readWhole(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new RangeError(USAGE);
  return Number(text);
}

function print({ killsBy, inFlightAtKill, ...numbers }: Report): void {
  const kills = Object.entries(killsBy).map(([part, count]) => `${part} ${String(count)}`);
  console.log(`killed: ${kills.join(', ')}`);
  console.log(`in flight at a kill (medians): ${String(inFlightAtKill.events)} events, ${String(inFlightAtKill.requests)} requests`);
  for (const [name, value] of Object.entries(numbers)) console.log(`${name.padEnd(14)}${String(value).padStart(8)}`);
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { rounds: text, replicas: text, seed: text, json: { type: 'boolean', default: false } } });
  const options = {
    rounds: readWhole(values.rounds, 20),
    replicas: readWhole(values.replicas, 1),
    seed: readWhole(values.seed, 1 + (Date.now() % 1_000_000)),
  };
  console.error(`seed ${String(options.seed)}`);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const report = await crash({ ...options, say: (line) => console.error(line), signal: stop.signal });
  if (values.json) console.log(JSON.stringify(report));
  else print(report);
  const { lost, doubled, outOfOrder, wrongState, caughtFaults } = report;
  process.exitCode = lost + doubled + outOfOrder + wrongState === 0 && caughtFaults === 2 ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof RangeError ? error.message : error);
  process.exitCode = 2;
});

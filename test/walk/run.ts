/**
 * `npm run walk -- [--steps N] [--pages P] [--seed S] [--json]`: someone who does anything at all on her desk, step after step by chance, then
 * what her pages show is compared with a fresh visit's. Ends with 0 only when no page broke and none showed anything else.
 */
import { parseArgs } from 'node:util';
import { walk } from './walk.ts';

const USAGE = 'Usage: npm run walk -- [--steps N] [--pages P] [--seed S] [--json]';

function readWhole(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new RangeError(USAGE);
  return Number(text);
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { steps: text, pages: text, seed: text, json: { type: 'boolean', default: false } } });
  const options = {
    steps: readWhole(values.steps, 400),
    pages: readWhole(values.pages, 2),
    seed: readWhole(values.seed, 1 + (Date.now() % 1_000_000)),
  };
  console.error(`seed ${String(options.seed)}`);
  const { findings, ...walked } = await walk({ ...options, say: (line) => console.error(line) });
  for (const finding of findings) console.error(finding);
  if (values.json) console.log(JSON.stringify({ ...walked, findings: findings.length }));
  else console.log(`${String(walked.steps)} steps, ${String(walked.compared)} comparisons, ${String(findings.length)} findings`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}

await main().catch((error: unknown) => {
  console.error(error instanceof RangeError ? error.message : error);
  process.exitCode = 2;
});
// matrix-js-sdk leaves timers behind; everything has been said.
process.exit();

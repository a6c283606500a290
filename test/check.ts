/**
 * `npm run check`: types, lint, layout, the shape of the tree, generated files. Two at a time, since most machines that
 * check have two cores; each says how long it took, and what failed is shown whole.
 */
import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

type Step = { name: string; command: readonly [string, ...string[]] };

const ROOT = fileURLToPath(new URL('../', import.meta.url));
/** First alone: SvelteKit writes the types that the others read. */
const FIRST: Step = { name: 'SvelteKit’s types', command: ['svelte-kit', 'sync'] };
/** The longest first, so that the end is not spent waiting for it. */
const STEPS: readonly Step[] = [
  { name: 'lint', command: ['eslint', '.', '--max-warnings', '0'] },
  {
    name: 'types, web',
    command: ['svelte-check', '--workspace', 'web', '--tsconfig', './tsconfig.json', '--tsgo', '--fail-on-warnings', '--output', 'human'],
  },
  { name: 'layout', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
  { name: 'types, servers and tests', command: ['tsc', '-p', '.'] },
  { name: 'shape: arrows, names, texts', command: ['node', 'test/run.ts', '--project', 'unit', 'test/shape'] },
  { name: 'generated files', command: ['node', 'config/generate.ts', '--check'] },
  { name: 'generated files of the bots', command: ['node', 'bots/generate.ts', '--check'] },
];

/** Runs one step; its output is kept and shown only when it fails. Answers whether it passed. */
async function run({ name, command: [program, ...args] }: Step): Promise<boolean> {
  const start = performance.now();
  const path = `${ROOT}node_modules/.bin${delimiter}${process.env['PATH'] ?? ''}`;
  const child = spawn(program, args, { cwd: ROOT, env: { ...process.env, PATH: path }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number>((resolve) => {
    child.on('error', (error) => {
      output += `${error.message}\n`;
      resolve(1);
    });
    child.on('close', (exit) => resolve(exit ?? 1));
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${seconds.padStart(5)} s  ${name}`);
  if (code !== 0) console.log(`${output.trimEnd()}\n`);
  return code === 0;
}

async function runAll(steps: readonly Step[], atOnce: number): Promise<boolean> {
  const left = [...steps];
  let passed = true;
  const worker = async () => {
    for (let step = left.shift(); step !== undefined; step = left.shift()) passed = (await run(step)) && passed;
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return passed;
}

// svelte-check keeps what it made of components that are gone, and complains of it.
await rm(`${ROOT}web/.svelte-kit/.svelte-check`, { recursive: true, force: true });
const start = performance.now();
const passed = (await run(FIRST)) && (await runAll(STEPS, Math.max(2, Math.min(4, availableParallelism()))));
console.log(`${passed ? 'All in order' : 'Not in order'}, ${((performance.now() - start) / 1000).toFixed(0)} s`);
process.exitCode = passed ? 0 : 1;

/** The town: `node test/support/town/main.ts --run run.json --folder FOLDER [--port N] [--seed TEXT]`. Its tools post to the desk all day. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pause } from '../guarded.ts';
import { type Hook, readSecret } from '../hook.ts';
import { RunFile } from '../trial/run-file.ts';
import { EMPTY, type At, type Memory, type Step, begin, goOn } from './day.ts';
import { toolPages } from './pages.ts';
import { makeRandom, seedOf } from './random.ts';
import { deliver } from './sender.ts';

/** Between two happenings: 20 to 40 s, so that the desk is alive and still can be read. */
const PACE_MS = { from: 20_000, more: 20_000 };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      run: { type: 'string' },
      folder: { type: 'string' },
      port: { type: 'string' },
      seed: { type: 'string', default: 'ville-claire' },
    },
  });
  if (values.run === undefined || values.folder === undefined) {
    throw new Error('Indiquez : node test/support/town/main.ts --run run.json --folder DOSSIER');
  }
  const pages = await openPages(Number(values.port ?? 0));
  const file = join(values.folder, 'memory.json');
  const hooks = await findHooks(values.run);
  let memory = await remember(file);
  for (let step: typeof begin = begin; ; step = goOn) {
    const at: At = { now: Date.now(), pages, seed: values.seed };
    // Every day has its morning, also when the town has been running since the day before.
    const next = step === goOn && needsMorning(memory, at) ? begin(memory, at) : step(memory, at);
    await post(next, hooks);
    memory = next.memory;
    await keep(file, memory);
    await pause(PACE_MS.from + makeRandom(seedOf(`${values.seed} ${memory.steps}`))() * PACE_MS.more);
  }
}

const needsMorning = (memory: Memory, at: At): boolean => begin(memory, at).memory !== memory;

async function openPages(port: number): Promise<string> {
  const server = toolPages();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`;
}

/** The connections, once everything is ready: while it starts, the hooks answer nothing. */
async function findHooks(runFile: string): Promise<ReadonlyMap<string, Hook>> {
  for (;;) {
    const run = await readFile(runFile, 'utf8').then(
      (text) => RunFile.safeParse(JSON.parse(text)),
      () => undefined,
    );
    if (run?.success === true && run.data.ready) {
      const hooks = run.data.connections.map(
        async ({ id, hook, secretFile }) => [id, { url: hook, secret: await readSecret(secretFile) }] as const,
      );
      return new Map(await Promise.all(hooks));
    }
    await pause(200);
  }
}

async function post({ events }: Step, hooks: ReadonlyMap<string, Hook>): Promise<void> {
  const say = (line: string): void => console.log(line);
  const tools = new Set(events.map(({ tool }) => tool));
  await Promise.all(
    [...tools].map(async (tool) => {
      const hook = hooks.get(tool);
      const own = events.filter((one) => one.tool === tool).map(({ event }) => event);
      if (hook !== undefined && (await deliver(hook, own, say))) {
        say(`${tool}: ${own.length}`);
      }
    }),
  );
}

async function remember(file: string): Promise<Memory> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Memory;
  } catch {
    return EMPTY; // the first start, or a file a full disk left empty: the day begins again
  }
}

async function keep(file: string, memory: Memory): Promise<void> {
  await writeFile(`${file}.tmp`, JSON.stringify(memory), { mode: 0o600 });
  await rename(`${file}.tmp`, file);
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => process.exit(0));
}
if (process.send !== undefined) {
  process.on('disconnect', () => process.exit());
}
main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});

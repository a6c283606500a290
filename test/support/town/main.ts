/**
 * The town: `node test/support/town/main.ts --run run.json --config FILE --folder FOLDER [--port N] [--twins JSON] [--seed TEXT]`.
 * Its tools post to the desk, or are asked by the desk's bots, all day.
 */
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { parseArgs } from 'node:util';
import { loadConfig } from '#config/load.ts';
import { BOT_SCHEMAS } from '../../../bots/list.ts';
import { pause } from '../guarded.ts';
import { TOOLS } from '../people.ts';
import { readSecret } from '../hook.ts';
import { RunFile } from '../trial/run-file.ts';
import type { SmtpSink } from '../smtp.ts';
import { Callback } from './callback.ts';
import { Control } from './control.ts';
import { linkAccounts } from './link.ts';
import { makeRandom, seedOf } from './random.ts';
import { type Parts, townServer } from './server.ts';
import { type Door, Town } from './town.ts';
import { POST, TWINS } from './twins.ts';

/** Between two happenings: 20 to 40 s, so that the desk is alive and still can be read. */
const PACE_MS = { from: 20_000, more: 20_000 };

const NOTICE_MS = 500;

async function main(): Promise<void> {
  const { run, config: configFile, folder, port, twins, seed } = readArguments();
  const config = await loadConfig(configFile, { bots: BOT_SCHEMAS });
  const secretOf = (tool: string): string | undefined => config.connections.find(({ id }) => id === tool)?.secrets[0];
  const later: { parts?: Parts } = {};
  const pages = await listen(
    townServer(() => later.parts),
    port,
  );
  const town = await Town.open(config, { ports: twins, folder, seed, pages, say: (line) => console.log(line) });
  const callbacks = new Map(TOOLS.filter(({ acts }) => acts === true).map(({ id }) => [id, new Callback(id, town)]));
  later.parts = { control: new Control(town, callbacks, await openPost(twins[POST])), callbacks, secretOf };
  setInterval(() => town.notice(), NOTICE_MS);
  town.connect(await findDoors(run));
  const linked = await linkAccounts(config, { twins: town.twins, folder });
  if (linked > 0) console.log(`accounts linked: ${linked}`);
  for (;;) {
    const steps = await town.step();
    await pause(PACE_MS.from + makeRandom(seedOf(`${seed} ${steps}`))() * PACE_MS.more);
  }
}

/** What the desk sends stays here, to be read by whoever tries it. Undefined where packages for development were left out. */
async function openPost(port: number | undefined): Promise<SmtpSink | undefined> {
  if (port === undefined) return undefined;
  try {
    const { SmtpSink } = await import('../smtp.ts');
    return await SmtpSink.start({}, port);
  } catch (error) {
    console.error(`no mail server: ${error instanceof Error ? error.message : 'unknown'}`);
    return undefined;
  }
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      run: { type: 'string' },
      config: { type: 'string' },
      folder: { type: 'string' },
      port: { type: 'string' },
      twins: { type: 'string', default: '{}' },
      seed: { type: 'string', default: 'ville-claire' },
    },
  });
  const { run, config, folder, port, twins, seed } = values;
  if (run === undefined || config === undefined || folder === undefined) {
    throw new Error('Indiquez : node test/support/town/main.ts --run run.json --config FICHIER --folder DOSSIER');
  }
  return { run, config, folder, port: Number(port ?? 0), twins: JSON.parse(twins) as Record<string, number>, seed };
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`;
}

/** Where each tool can post, once everything is ready: while it starts, the hooks answer nothing. */
async function findDoors(runFile: string): Promise<ReadonlyMap<string, Door>> {
  for (;;) {
    const run = await readFile(runFile, 'utf8').then(
      (text) => RunFile.safeParse(JSON.parse(text)),
      () => undefined,
    );
    if (run?.success === true && run.data.ready) {
      const { appservice, connections } = run.data;
      const twins = TWINS.map(({ id }) => [id, { inbox: `${appservice}/hooks/${id}` }] as const);
      const hooks = connections.map(async ({ id, hook, secretFile }) => {
        return [id, { hook: { url: hook, secret: await readSecret(secretFile) }, inbox: hook }] as const;
      });
      return new Map<string, Door>([...twins, ...(await Promise.all(hooks))]);
    }
    await pause(200);
  }
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

/**
 * `npm run desk -- COMMAND`: the admins' commands without Matrix, and those that only the machine's holder has. What they
 * print is French; a command's result (the registration, the homeserver's part) goes to stdout alone, so that it can be redirected.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { checkHomeserver } from '#config/homeserver-check.ts';
import { checkPictures } from '#config/pictures.ts';
import { homeserverSnippet, registration } from '#config/homeserver.ts';
import { loadConfig, type LoadedConfig, type LoadedConnection } from '#config/load.ts';
import { makeSecrets } from '#config/make-secrets.ts';
import { DeskError } from '#desk/errors.ts';
import { ATTEMPT } from '#desk/words/attempt.ts';
import { ANSWERS, LINE } from '#desk/words/commands.ts';
import { writeAudit } from '#store/audit.ts';
import { migrate, openStore, type Store } from '#store/open.ts';
import { makeIngest } from '../ingest.ts';
import { openLog } from '../log.ts';
import { checkMail } from '../mail/check.ts';
import { type Attempt, attempt } from '../poll/attempt.ts';
import { Rebuild } from '../rebuild.ts';
import { Tools } from '../tools.ts';
import type { Call, Command, Operator, OperatorCommand, RoomCommand } from './command.ts';
import { COMMANDS } from './commands.ts';
import { helpOf, helpOfAll, usageOf } from './help.ts';
import { probeParts } from './parts.ts';
import { readCommand } from './read.ts';
import { ItemDraft } from '../../bots/bot.ts';
import { makeGuard } from '../../bots/io-guard.ts';
import { makeIo } from '../../bots/io.ts';
import { BOT_SCHEMAS, BOTS } from '../../bots/list.ts';

type Options = Operator['options'];

function usage(): string {
  const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);
  const of = (role: Command['role']): readonly Command[] => COMMANDS.filter((command) => command.role === role);
  const here = of('operator').flatMap((command) => [...helpOfAll([command]), ...indent(usageOf(command))]);
  return [LINE.usage, '', LINE.inRooms, ...indent(helpOfAll(of('admin'))), '', LINE.here, ...indent(here), '', LINE.options].join('\n');
}

async function runOperator(command: OperatorCommand, call: Call, file: string, options: Options): Promise<void> {
  await command.run({
    readConfig: () => loadConfig(file, { bots: BOT_SCHEMAS }),
    options,
    about: call.about,
    say: (text) => console.log(text),
    print: (value) => print(value, options['out']),
    registration,
    homeserverPart: (config, registrationFile) => homeserverSnippet(config, { registrationFile }),
    checkHomeserver,
    checkPictures,
    checkMail: (smtp) => checkMail(smtp),
    migrate: (config) => withStore(config, migrate),
    makeSecrets: () => makeSecrets(file),
    withStore,
    readRooms,
    attempt: tryConnection,
  });
}

/** The same run as in the platform's room; whoever holds the machine sees all. */
async function runAsAdmin(command: RoomCommand, call: Call, config: LoadedConfig): Promise<void> {
  await withStore(config, async (store) => {
    await migrate(store);
    const ingest = makeIngest({ store, config });
    const who = `cli:${userInfo().username}`;
    const { result, text, counts } = await command.run(call, {
      db: store,
      store,
      organisation: undefined,
      who,
      config,
      commands: COMMANDS,
      now: Date.now(),
      accept: ingest.accept,
      deliverWaiting: (db, person) => ingest.deliverWaiting(db, person),
      probe: () => probeParts(config),
    });
    const { verb, target } = call;
    await writeAudit(store, { who, what: 'admin.command', details: { command: command.name, verb, target, ...counts, result } });
    console.log(text);
    if (result === 'failed') process.exitCode = 1;
  });
}

const CONNECTIONS = 8; // a rebuild reads four rooms at a time

async function withStore(config: LoadedConfig, work: (store: Store) => Promise<void>): Promise<void> {
  const { store } = openStore(config.store.url, { connections: CONNECTIONS });
  try {
    await work(store);
  } finally {
    await store.destroy();
  }
}

async function readRooms(
  config: LoadedConfig,
  store: Store,
  onRoom: (progress: { read: number; awaiting: number }) => void,
): Promise<boolean> {
  // Loaded only here: the library behind it warns on the terminal, and takes its time.
  const { makeMatrix } = await import('../matrix/index.ts');
  const matrix = makeMatrix({ config, registration: registration(config), store });
  try {
    return await new Rebuild({ store, matrix, config, log: openLog('error'), onRoom }).run();
  } finally {
    await matrix.close();
  }
}

/** With the tool's own bot and door, beside the service that may be running: no lease, no cursor, nothing written. */
async function tryConnection(
  config: LoadedConfig,
  { id, organisation }: LoadedConnection,
  { agent, file }: { agent?: string; file?: { name: string; bytes: Uint8Array } },
): Promise<Attempt> {
  const { store } = openStore(config.store.url, { connections: 1 });
  const { accountKeys } = config.appservice;
  const tools = new Tools({ store, config, accountKeys, log: openLog('error'), clock: Date.now, bots: BOTS, makeIo, makeGuard });
  try {
    const tool = tools.find(id);
    if (tool === undefined) throw new DeskError('invalid', ATTEMPT.none(tools.all().map(({ connection }) => connection.id)));
    const needsAgent = tool.bot.account !== undefined && file === undefined;
    if (needsAgent && agent === undefined) throw new DeskError('invalid', ATTEMPT.whose, { words: ATTEMPT.whose });
    const localpart = needsAgent && agent !== undefined ? await findAgent(store, organisation, agent) : 'essai';
    const checkDraft = (draft: unknown): boolean => ItemDraft.safeParse(draft).success;
    const parts = { tools, serverName: config.serverName, clock: Date.now, checkDraft };
    return await attempt(parts, tool, { agent: localpart, ...(file && { file }) });
  } finally {
    await tools.close();
    await store.destroy();
  }
}

async function findAgent(store: Store, organisation: string, agent: string): Promise<string> {
  const members = store.selectFrom('record.memberships').select('localpart').where('organisation', '=', organisation);
  const found = await members.where((eb) => eb.or([eb('localpart', '=', agent), eb('mail', '=', agent.toLowerCase())])).executeTakeFirst();
  if (found === undefined) throw new DeskError('invalid', ATTEMPT.unknown(agent), { words: ATTEMPT.unknown(agent) });
  return found.localpart;
}

/** JSON, which is YAML too; a file gets mode 0600 since both hold secrets. */
async function print(value: object, out: string | boolean | undefined): Promise<void> {
  const text = JSON.stringify(value, undefined, 2);
  if (typeof out !== 'string') console.log(text);
  else await writeFile(resolve(out), `${text}\n`, { mode: 0o600 });
}

const Run = z.object({ config: z.string() });

/** The configuration named, or that of the trial that runs here. */
async function configFile(named: string | boolean | undefined): Promise<string> {
  const file = typeof named === 'string' ? named : process.env['ECRITOIRE_CONFIG'];
  if (file !== undefined) return file;
  try {
    return Run.parse(JSON.parse(await readFile('.local/run.json', 'utf8'))).config;
  } catch (cause) {
    throw new DeskError('invalid', LINE.which, { cause });
  }
}

function parse(args: readonly string[]): { words: string; values: Options } {
  const declared = COMMANDS.flatMap((command) => (command.role === 'operator' ? (command.options ?? []) : []));
  const own = Object.fromEntries(
    declared.map(({ name, takes }) => [name, { type: takes === undefined ? ('boolean' as const) : ('string' as const) }]),
  );
  const options = { config: { type: 'string' }, out: { type: 'string' }, help: { type: 'boolean' }, ...own } as const;
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
  return { words: positionals.join(' '), values };
}

async function main(args: readonly string[]): Promise<void> {
  const { words, values } = parse(args);
  const reading = words === '' ? undefined : readCommand(words, { commands: COMMANDS, isAddressed: true });
  if (reading === undefined) {
    if (values['help'] !== true) throw new DeskError('invalid', usage());
    console.log(usage());
  } else if (reading.kind === 'unknown') {
    throw new DeskError('invalid', `${ANSWERS.unknown(reading.near)}\n\n${usage()}`);
  } else if (values['help'] === true) {
    console.log(helpOf(reading.command).join('\n'));
  } else if (reading.kind === 'usage') {
    throw new DeskError('invalid', ANSWERS.usage({ near: reading.near, usage: usageOf(reading.command) }));
  } else {
    const { command, call } = reading;
    const file = await configFile(values['config']);
    await (command.role === 'operator'
      ? runOperator(command, call, file, values)
      : runAsAdmin(command, call, await loadConfig(file, { bots: BOT_SCHEMAS })));
  }
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  // Node's own words about options are English: the usage says what is meant.
  const isUsage = error instanceof TypeError && 'code' in error;
  console.error(isUsage ? usage() : error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
// The bridge's library keeps timers of its own, which would hold the process once rooms were read.
process.exit();

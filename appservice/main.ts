/**
 * The application service: reads the configuration, puts its parts together, opens its listeners, ends cleanly. Nothing
 * is done here that one of the parts could do. Any number of these may run on one store behind one address.
 */
import { parseArgs } from 'node:util';
import { loadConfig, type LoadedConfig } from '#config/load.ts';
import { DeskError } from '#desk/errors.ts';
import { OPERATOR } from '#desk/words.ts';
import { whenStored } from '#store/failure.ts';
import { openStore } from '#store/open.ts';
import { BOT_SCHEMAS } from '../bots/list.ts';
import type { Listener } from './http/server.ts';
import { openLog } from './log.ts';
import { assemble } from './main/assemble.ts';
import { openListeners } from './main/listen.ts';
import { complain, prepareStore, reseal } from './main/prepare.ts';
import { refuse } from './main/refuse.ts';
import { type Phase, stopOnSignal } from './main/stop.ts';
import { tidyWhenQuiet } from './main/tidy.ts';

const LATE_MS = 10_000; // without an answer of the homeserver: then its set-up is looked at
const CONNECTIONS = 9; // to the store: rooms in the making, lists, dispatch
const ACCEPTING = 3; // and for commits of ingest, as many as are made at once
const RELAYING = 8; // and for the turns of the relay, which are at the store an eighth of their time

async function readConfig(): Promise<LoadedConfig> {
  const { values } = parseArgs({ options: { config: { type: 'string' } }, strict: true });
  if (values.config === undefined) refuse(OPERATOR.usage);
  return loadConfig(values.config, { bots: BOT_SCHEMAS });
}

async function start(): Promise<void> {
  const config = await readConfig();
  const log = openLog(config.log);
  const { store } = openStore(config.store.url, { connections: CONNECTIONS, isWatched: true });
  const { store: accepting } = openStore(config.store.url, { connections: ACCEPTING, isWatched: true, task: 'accepting' });
  const { store: relaying } = openStore(config.store.url, { connections: RELAYING, isWatched: true, task: 'relaying' });
  const life: { phase: Phase; listeners: Listener[] } = { phase: 'starting', listeners: [] };
  const parts = assemble(config, { store, accepting, relaying }, log);
  stopOnSignal(parts, life);
  const onFailure = (err: unknown): void => log.warn({ err }, 'the store went away; waiting for it');
  const inTurn = async (steps: readonly (() => Promise<unknown>)[]): Promise<void> => {
    for (const step of steps) await whenStored(step, { onFailure, isOver: () => life.phase === 'stopping' });
  };
  await prepareStore(store, config, log);
  await inTurn([() => parts.directory.syncPeople()]);
  life.listeners = await openListeners(config, store, log, parts, () => life.phase === 'serving');
  const late = setTimeout(() => void inTurn([() => complain(config, store, log)]), LATE_MS);
  await parts.pinger.start();
  clearTimeout(late);
  if (life.phase !== 'starting') return;
  life.phase = 'serving';
  parts.relay.start();
  parts.dispatch.start();
  parts.directory.start();
  parts.actor.start();
  log.info({ port: config.appservice.listen.port }, 'serving');
  process.send?.('serving'); // to whoever started it: at its address a sibling may answer
  parts.schedule.start();
  tidyWhenQuiet();
  await inTurn([
    () => reseal(config, store, log),
    () => parts.poller.start(),
    () => parts.schedule.startJobs(),
    () => parts.healths.begin(),
    () => complain(config, store, log),
  ]);
}

start().catch((error: unknown) => {
  if (error instanceof DeskError && error.code === 'config') refuse(error.message);
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});

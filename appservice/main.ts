/**
 * The application service: reads the configuration, puts its parts together, opens its listeners, ends cleanly. Nothing
 * is done here that one of the parts could do. Any number of these may run on one store behind one address.
 */
import { parseArgs } from 'node:util';
import { Registry } from 'prom-client';
import { checkHomeserver } from '#config/homeserver-check.ts';
import { registration } from '#config/homeserver.ts';
import { loadConfig, type LoadedConfig } from '#config/load.ts';
import { DeskError } from '#desk/errors.ts';
import { OPERATOR } from '#desk/words.ts';
import { resealAccounts } from '#store/accounts.ts';
import { isStoreFailure, whenStored } from '#store/failure.ts';
import { checkInstallation } from '#store/installation.ts';
import { migrate, openStore, type Store } from '#store/open.ts';
import { enqueue, noticedSince, noticeRow } from '#store/outbox.ts';
import { forgetRows } from '#store/retention.ts';
import { ItemDraft } from '../bots/bot.ts';
import { makeGuard } from '../bots/io-guard.ts';
import { makeIo } from '../bots/io.ts';
import { BOTS, BOT_SCHEMAS } from '../bots/list.ts';
import { signWebhook, verifyWebhook } from '../bots/webhook.ts';
import { COMMANDS } from './admin/commands.ts';
import { probeParts } from './admin/parts.ts';
import { AdminRooms } from './admin/room.ts';
import { Actor } from './act.ts';
import { makeDirectory } from './directory/index.ts';
import { Dispatch } from './dispatch.ts';
import { bareRow, sentenceRow } from './dispatch/outcome.ts';
import { health, openMeters } from './http/health.ts';
import { hooks } from './http/hooks.ts';
import { internalApp } from './http/internal.ts';
import { items } from './http/items.ts';
import { type Listener, openListener, publicApp } from './http/server.ts';
import { makeIngest } from './ingest.ts';
import { type Log, openLog } from './log.ts';
import { makeMatrix, type Matrix } from './matrix/index.ts';
import { Pinger } from './matrix/ping.ts';
import { transactions } from './matrix/transactions.ts';
import { Poller } from './poll.ts';
import { makeBring } from './poll/bring.ts';
import { Rebuild } from './rebuild.ts';
import { Relay } from './relay.ts';
import { makeFreeze } from './relay/freeze.ts';
import { Schedule } from './schedule.ts';
import { ConnectionHealths } from './schedule/health.ts';
import { Outages } from './schedule/outages.ts';
import { ensureStandingRooms } from './schedule/rooms.ts';
import { queueEndedSnoozes } from './schedule/snoozes.ts';
import { Tools } from './tools.ts';

const CONFIG = 78; // EX_CONFIG of sysexits.h: starting again does not help
const DRAIN_MS = 4000;
const LATE_MS = 10_000; // without an answer of the homeserver: then its set-up is looked at
const CONNECTIONS = 20; // to the store: relay turns, rooms in the making, commits of ingest, lists
const LAST_MS = 5000; // then the process ends whatever is still going on; the store keeps the rest

/** Says one sentence to whoever started this, and ends. */
function refuse(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(CONFIG);
}

/** For tests: `ECRITOIRE_KILL_AT=<step>[:<nth>]` kills this process at the nth time it comes by that step. */
function killAt(where: string | undefined): (step: string) => void {
  const [name, nth = '1'] = where?.split(':') ?? [];
  let left = Number(nth);
  return (step) => {
    if (step === name && (left -= 1) === 0) process.kill(process.pid, 'SIGKILL');
  };
}

async function readConfig(): Promise<LoadedConfig> {
  const { values } = parseArgs({ options: { config: { type: 'string' } }, strict: true });
  if (values.config === undefined) refuse(OPERATOR.usage);
  return loadConfig(values.config, { bots: BOT_SCHEMAS });
}

/** The store may come up after us; a schema or an installation that does not fit ends the start. */
async function prepareStore(store: Store, config: LoadedConfig, log: Log): Promise<void> {
  for (let said = false; ; said = true) {
    try {
      await migrate(store);
      const fault = await checkInstallation(store, {
        serverName: config.serverName,
        organisations: config.organisations.map(({ id }) => id),
      });
      if (fault !== undefined) refuse(fault.kind === 'server_name' ? OPERATOR.serverName(fault) : OPERATOR.organisations(fault));
      return;
    } catch (err) {
      const cause = err instanceof DeskError ? err.cause : err;
      if (!isStoreFailure(cause)) throw err;
      if (!said) log.warn({ err: cause }, 'the store does not answer yet; waiting for it');
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** What does not hold at the homeserver is logged and said in the platform's room; nothing of it ends the start. */
async function complain(config: LoadedConfig, store: Store, log: Log): Promise<void> {
  for (const sentence of await checkHomeserver(config)) {
    log.error({ sentence }, 'the homeserver is not set up as it should be');
    const notice = noticeRow('platform', `homeserver|${sentence}`, sentence);
    if (!(await noticedSince(store, { address: notice.address, subject: notice.subject, ms: 86_400_000 }))) await enqueue(store, [notice]);
  }
}

function assemble(config: LoadedConfig, store: Store, log: Log) {
  const { serverName, organisations, connections, appservice } = config;
  const onStep = killAt(process.env.ECRITOIRE_KILL_AT);
  const common = { store, storeUrl: config.store.url, log, onStep };
  const labels = new Map(connections.map(({ id, label }) => [id, label]));
  const zones = new Map(organisations.map(({ id, timeZone }) => [id, timeZone]));
  const registry = new Registry();
  const matrix = makeMatrix({ config, registration: registration(config), store, onStep });
  const healths = new ConnectionHealths({ store, connections, clock: Date.now });
  const ingest = makeIngest({ store, config, onStep });
  const outages = new Outages({ store, clock: Date.now, timeZone: organisations[0]?.timeZone ?? 'Europe/Paris' });
  const relay = new Relay({
    ...common,
    matrix,
    labels,
    freeze: makeFreeze({ ...config, clock: Date.now }),
    onEnd: openMeters(registry, store),
    onTrouble: (trouble) => outages.homeserverFails(trouble, 'relay'),
    onAnswerAgain: () => {
      outages.homeserverAnswers('relay');
      // It may have died meanwhile, too shortly for a ping to notice, and lost what it had for us.
      schedule.hurry('gaps');
    },
    onStoreFailure: (error) => outages.storeFails(error),
  });
  const tools = new Tools({ store, config, accountKeys: appservice.accountKeys, log, clock: Date.now, bots: BOTS, makeIo, makeGuard });
  const reading = {
    ...{ store, tools, serverName, accept: ingest.accept, reject: ingest.reject, clock: Date.now },
    checkDraft: (draft: unknown) => ItemDraft.safeParse(draft).success,
  };
  const onHealth = healths.say.bind(healths);
  const poller = new Poller({ ...common, ...reading, tools, registry, random: Math.random, onHealth });
  const told = { store, serverName, clock: Date.now, labels, sentenceRow, bareRow };
  const actor = new Actor({
    ...common,
    ...told,
    tools,
    connections,
    publicUrl: config.publicUrl,
    sign: signWebhook,
    ...makeBring(reading),
  });
  const admin = new AdminRooms({
    ...{ store, config, log, clock: Date.now, commands: COMMANDS },
    accept: ingest.accept,
    deliverWaiting: (db, person) => ingest.deliverWaiting(db, person),
    probe: () => probeParts(config),
  });
  const toAdmin = admin.handle.bind(admin);
  const dispatch = new Dispatch({ ...common, serverName, labels, zones, clock: () => matrix.client.now(), toAdmin });
  const pinger = new Pinger({
    client: matrix.client,
    registrationId: registration(config).id,
    log,
    onAnswer: (trouble) => outages.hearPing(trouble),
    onReturn: () => schedule.hurry('gaps'),
  });
  const directory = makeDirectory({
    config,
    store,
    log,
    ensureAgentRooms: (organisation, localpart) => matrix.ensureAgentRooms(organisation, localpart),
    deliverWaiting: (db, person) => ingest.deliverWaiting(db, person),
  });
  const rooms = {
    store,
    serverName,
    organisations,
    admins: config.admins,
    ensureRoom: (address: string) => matrix.ensureRoom(address),
    invite: (room: string, mxid: string) => matrix.invite(room, mxid),
  };
  const rebuild = new Rebuild({ store, matrix, config, log, onStep });
  const schedule = new Schedule({
    ...common,
    chores: [
      { name: 'rebuild', everyMs: 1000, run: () => rebuild.run() },
      { name: 'snoozes', everyMs: 5000, run: () => queueEndedSnoozes(store) },
      { name: 'health', everyMs: 1000, run: () => healths.flush() },
      { name: 'outages', everyMs: 1000, run: () => outages.flush() },
      { name: 'rooms', everyMs: 30_000, run: () => ensureStandingRooms(rooms) },
      { name: 'gaps', everyMs: 600_000, againMs: 5000, run: () => fillGaps(matrix, log) },
    ],
    retention: async () => {
      await ingest.forgetOld();
      return forgetRows(store);
    },
  });
  const receiver = transactions({ ...common, hsToken: appservice.hsToken, serverName });
  return {
    matrix,
    healths,
    outages,
    ingest,
    relay,
    rebuild,
    dispatch,
    pinger,
    directory,
    schedule,
    receiver,
    registry,
    tools,
    poller,
    actor,
  };
}

/** At the start, after each silence of the homeserver, and now and then for what nobody noticed. */
async function fillGaps({ gaps }: Matrix, log: Log): Promise<void> {
  const found = await gaps.fill();
  if (found > 0) log.warn({ found }, 'the homeserver had events for us that it never sent; they are in the inbox now');
}

type Parts = ReturnType<typeof assemble>;

function openListeners(config: LoadedConfig, store: Store, log: Log, parts: Parts, isServing: () => boolean): Promise<Listener[]> {
  const { matrix, healths, outages, ingest, directory, receiver, registry, pinger } = parts;
  const { connections, appservice } = config;
  const onDelivery = healths.note.bind(healths);
  const door = hooks({
    verify: verifyWebhook,
    accept: ingest.accept,
    reject: ingest.reject,
    connections,
    ready: isServing,
    log,
    onDelivery,
    onStoreFailure: (error) => outages.storeFails(error),
    register: registry,
    receive: (connection, request) => parts.poller.receive(connection, request),
  });
  const list = items({ store, joinedRooms: matrix.joinedRooms, clock: Date.now });
  const state = health({ store, registry, pingAgeMs: () => pinger.ageMs(), isServing });
  return Promise.all([
    open(publicApp({ hooks: door, transactions: receiver }), appservice.listen),
    open(internalApp({ routers: [state, list, directory.routes], log }), appservice.internal),
  ]);
}

async function open(app: Parameters<typeof openListener>[0], at: { host: string; port: number }): Promise<Listener> {
  return openListener(app, at).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') refuse(OPERATOR.taken(at));
    throw error;
  });
}

type Phase = 'starting' | 'serving' | 'stopping';

/** SIGTERM and SIGINT drain what is going on for a few seconds; the store keeps the rest for the next start. */
function stopOnSignal(parts: Parts, life: { phase: Phase; listeners: Listener[] }): void {
  const stop = async (): Promise<void> => {
    if (life.phase === 'stopping') return;
    life.phase = 'stopping';
    setTimeout(() => process.exit(0), LAST_MS).unref();
    parts.pinger.stop();
    parts.rebuild.stop();
    parts.directory.stop();
    const listeners = life.listeners.map((listener) => listener.close(DRAIN_MS));
    await Promise.allSettled([
      ...listeners,
      parts.relay.stop(),
      parts.dispatch.stop(),
      parts.schedule.stop(),
      parts.poller.stop(),
      parts.actor.stop(),
    ]);
    await parts.tools.close();
    await parts.matrix.close();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
  // Whoever started us is gone: nobody would end us any more.
  if (process.send !== undefined) process.on('disconnect', () => process.exit());
}

async function start(): Promise<void> {
  const config = await readConfig();
  const log = openLog(config.log);
  const { store } = openStore(config.store.url, { connections: CONNECTIONS });
  const life: { phase: Phase; listeners: Listener[] } = { phase: 'starting', listeners: [] };
  const parts = assemble(config, store, log);
  stopOnSignal(parts, life);
  await prepareStore(store, config, log);
  await parts.directory.syncPeople();
  life.listeners = await openListeners(config, store, log, parts, () => life.phase === 'serving');
  const late = setTimeout(() => void complain(config, store, log), LATE_MS);
  await parts.pinger.start();
  clearTimeout(late);
  if (life.phase !== 'starting') return;
  life.phase = 'serving';
  parts.relay.start();
  parts.dispatch.start();
  parts.directory.start();
  await resealAccounts(store, config.appservice.accountKeys);
  await parts.poller.start();
  parts.actor.start();
  log.info({ port: config.appservice.listen.port }, 'serving');
  parts.schedule.start();
  const steps = [() => parts.schedule.startJobs(), () => parts.healths.begin(), () => complain(config, store, log)];
  const onFailure = (err: unknown): void => log.warn({ err }, 'the store went away; waiting for it');
  for (const step of steps) await whenStored(step, { onFailure, isOver: () => life.phase === 'stopping' });
}

start().catch((error: unknown) => {
  if (error instanceof DeskError && error.code === 'config') refuse(error.message);
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});

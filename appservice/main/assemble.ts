/** Puts the parts of one process together. Nothing is done here that one of the parts could do. */
import { Registry } from 'prom-client';
import { registration } from '#config/homeserver.ts';
import type { LoadedConfig } from '#config/load.ts';
import { forgetCodes } from '#store/mail-codes.ts';
import type { Store } from '#store/open.ts';
import { forgetRows } from '#store/retention.ts';
import { accountFields, accountName } from '../../bots/account-form.ts';
import { ItemDraft } from '../../bots/bot.ts';
import { makeGuard } from '../../bots/io-guard.ts';
import { makeIo } from '../../bots/io.ts';
import { BOTS } from '../../bots/list.ts';
import { signWebhook } from '../../bots/webhook.ts';
import { Accounts } from '../accounts.ts';
import { Mails } from '../accounts/mails.ts';
import { COMMANDS } from '../admin/commands.ts';
import { probeParts } from '../admin/parts.ts';
import { AdminRooms } from '../admin/room.ts';
import { Actor } from '../act.ts';
import { makeDirectory } from '../directory/index.ts';
import { Dispatch } from '../dispatch.ts';
import { bareRow, sentenceRow } from '../dispatch/outcome.ts';
import { openMeters } from '../http/health.ts';
import { makeIngest } from '../ingest.ts';
import type { Log } from '../log.ts';
import { Echoes } from '../matrix/echoes.ts';
import { makeMailer } from '../mail/mailer.ts';
import { makeMatrix, type Matrix } from '../matrix/index.ts';
import { Pinger } from '../matrix/ping.ts';
import { transactions } from '../matrix/transactions.ts';
import { Poller } from '../poll.ts';
import { makeBring } from '../poll/bring.ts';
import { Rebuild } from '../rebuild.ts';
import { Relay } from '../relay.ts';
import { makeFreeze } from '../relay/freeze.ts';
import { Schedule } from '../schedule.ts';
import { ConnectionHealths } from '../schedule/health.ts';
import { Outages } from '../schedule/outages.ts';
import { ensureStandingRooms } from '../schedule/rooms.ts';
import { queueEndedSnoozes } from '../schedule/snoozes.ts';
import { Tools } from '../tools.ts';

/** For tests: `ECRITOIRE_KILL_AT=<step>[:<nth>]` kills this process at the nth time it comes by that step. */
function killAt(where: string | undefined): (step: string) => void {
  const [name, nth = '1'] = where?.split(':') ?? [];
  let left = Number(nth);
  return (step) => {
    if (step === name && (left -= 1) === 0) process.kill(process.pid, 'SIGKILL');
  };
}

/** `accepting` and `relaying` are the same store, on connections that do nothing else. */
type Stores = { store: Store; accepting: Store; relaying: Store };

export function assemble(config: LoadedConfig, { store, accepting, relaying }: Stores, log: Log) {
  const { serverName, organisations, connections, appservice } = config;
  const onStep = killAt(process.env.ECRITOIRE_KILL_AT);
  const common = { store, storeUrl: config.store.url, log, onStep };
  const labels = new Map(connections.map(({ id, label }) => [id, label]));
  const zones = new Map(organisations.map(({ id, timeZone }) => [id, timeZone]));
  const registry = new Registry();
  const matrix = makeMatrix({ config, registration: registration(config), store, onStep });
  const healths = new ConnectionHealths({ store, connections, clock: Date.now });
  const ingest = makeIngest({ store, accepting, config, onStep });
  const outages = new Outages({ store, clock: Date.now, timeZone: organisations[0]?.timeZone ?? 'Europe/Paris' });
  const relay = new Relay({
    ...common,
    store: relaying,
    matrix,
    labels,
    freeze: makeFreeze({ ...config, clock: Date.now }),
    onEnd: openMeters(registry, store),
    isPressed: () => ingest.isPressed(),
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
    store,
    tools,
    serverName,
    accept: ingest.accept,
    reject: ingest.reject,
    clock: Date.now,
    checkDraft: (draft: unknown) => ItemDraft.safeParse(draft).success,
  };
  const onHealth = healths.say.bind(healths);
  const { publicUrl } = config;
  const poller = new Poller({ ...common, ...reading, tools, publicUrl, registry, random: Math.random, onHealth });
  const accounts = new Accounts({
    store,
    keys: appservice.accountKeys,
    tools,
    connections,
    serverName,
    clock: Date.now,
    log,
    fieldsOf: accountFields,
    nameOf: accountName,
  });
  const mails = new Mails({
    store,
    recordKey: appservice.recordKey,
    organisations,
    serverName,
    clock: Date.now,
    log,
    mailer: config.mail && makeMailer(config.mail),
    deliverWaiting: (db, person) => ingest.deliverWaiting(db, person),
  });
  const told = { store, serverName, clock: Date.now, labels, sentenceRow, bareRow };
  const actor = new Actor({
    ...common,
    ...told,
    tools,
    connections,
    publicUrl,
    sign: signWebhook,
    ...makeBring(reading),
  });
  const admin = new AdminRooms({
    store,
    config,
    log,
    clock: Date.now,
    commands: COMMANDS,
    accept: ingest.accept,
    deliverWaiting: (db, person) => ingest.deliverWaiting(db, person),
    probe: () => probeParts(config),
  });
  const toAdmin = admin.handle.bind(admin);
  const isDeactivated = (localpart: string): Promise<boolean> => directory.isDeactivated(localpart);
  const dispatch = new Dispatch({ ...common, serverName, labels, zones, clock: () => matrix.client.now(), toAdmin, isDeactivated });
  const echoes = new Echoes({ store, onStranger: () => outages.note('stranger') });
  const pinger = new Pinger({
    client: matrix.client,
    registrationId: registration(config).id,
    url: appservice.url,
    echoes,
    log,
    onElsewhere: () => outages.note('elsewhere'),
    onAnswer: (trouble) => {
      outages.hearPing(trouble);
      outages.hearClock(matrix.client.now() - Date.now());
    },
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
      { name: 'grants', everyMs: 1000, run: () => accounts.askGrants() },
      { name: 'rooms', everyMs: 30_000, run: () => ensureStandingRooms(rooms) },
      { name: 'gaps', everyMs: 600_000, againMs: 5000, run: () => fillGaps(matrix, log) },
    ],
    retention: async () => {
      await ingest.forgetOld();
      await forgetCodes(store);
      return forgetRows(store);
    },
  });
  const receiver = transactions({
    ...common,
    hsToken: appservice.hsToken,
    serverName,
    admitted: () => pinger.admitted(),
    onRefused: () => schedule.hurry('gaps'),
    onPing: (id) => echoes.hear(id),
  });
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
    accounts,
    mails,
    poller,
    actor,
  };
}

/** At the start, after each silence of the homeserver, and now and then for what nobody noticed. */
async function fillGaps({ gaps }: Matrix, log: Log): Promise<void> {
  const found = await gaps.fill();
  if (found > 0) log.warn({ found }, 'the homeserver had events for us that it never sent; they are in the inbox now');
}

export type Parts = ReturnType<typeof assemble>;

/** Tools of twins on a real store: a connection's settings are its twin's, people are known, sweeps really run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { Accounts } from '../../appservice/accounts.ts';
import { Actor } from '../../appservice/act.ts';
import type { HealthWord } from '../../appservice/desk/event.ts';
import { bareRow, sentenceRow } from '../../appservice/dispatch/outcome.ts';
import { type Ingest, makeIngest } from '../../appservice/ingest.ts';
import { type Log, openLog } from '../../appservice/log.ts';
import { Poller } from '../../appservice/poll.ts';
import { makeBring } from '../../appservice/poll/bring.ts';
import type { SweepParts } from '../../appservice/poll/sweep.ts';
import { type ActRow, queueActs } from '../../appservice/store/acts.ts';
import { migrate, openStore, type Store } from '../../appservice/store/open.ts';
import { Tools } from '../../appservice/tools.ts';
import { accountFields, accountName } from '../../bots/account-form.ts';
import { type Bot, ItemDraft } from '../../bots/bot.ts';
import { makeGuard } from '../../bots/io-guard.ts';
import { makeIo, TIMEOUTS_MS } from '../../bots/io.ts';
import { signWebhook } from '../../bots/webhook.ts';
import type { RunningTwin } from '../../bots/twin.ts';
import type { LoadedConnection } from '../../config/load.ts';
import { until } from './guarded.ts';
import { type Postgres, startPostgres } from './postgres.ts';

export const ORGANISATIONS = [
  { id: 'ville-claire', name: 'Ville-Claire', timeZone: 'Europe/Paris', admins: [] },
  { id: 'rivebelle', name: 'Rivebelle', timeZone: 'Indian/Reunion', admins: [] },
];
export const ACCOUNT_KEYS = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];

export const PUBLIC_URL = 'https://bureau.example';

/** `timeouts`: of calls at tools, ms, where a test cannot wait as long as a bot does. `clock`: the poller's. */
export type BedOptions = { log?: Log; timeouts?: { read: number; act: number }; clock?: () => number };
export type BedConnection = { id: string; bot: Bot; twin: RunningTwin; organisation?: string; every?: number };

export class ToolsBed {
  readonly store: Store;
  readonly ingest: Ingest;
  readonly tools: Tools;
  readonly poller: Poller;
  readonly actor: Actor;
  readonly accounts: Accounts;
  readonly parts: SweepParts;
  readonly healths: [string, HealthWord][] = [];
  readonly registry = new Registry();
  readonly #end: () => Promise<void>;
  #asked = 0;

  private constructor(
    url: string,
    {
      connections,
      hooks,
      log,
      timeouts,
      clock,
    }: { connections: readonly BedConnection[]; hooks: readonly LoadedConnection[] } & Required<BedOptions>,
    end: () => Promise<void>,
  ) {
    const { store } = openStore(url);
    const config = {
      serverName: 'desk.localhost',
      organisations: ORGANISATIONS,
      connections: [...connections.map(loaded), ...hooks],
      privateNetworks: ['127.0.0.0/8'],
      appservice: { recordKey: Buffer.alloc(32, 7) },
    };
    const bots = [...new Set(connections.map(({ bot }) => bot))];
    this.store = store;
    this.ingest = makeIngest({ store, config });
    const openIo: typeof makeIo = (options) => makeIo({ timeouts, ...options });
    this.tools = new Tools({ store, config, accountKeys: ACCOUNT_KEYS, log, clock: Date.now, bots, makeIo: openIo, makeGuard });
    const { accept, reject } = this.ingest;
    this.parts = {
      store,
      tools: this.tools,
      accept,
      reject,
      serverName: config.serverName,
      clock: Date.now,
      checkDraft: (draft) => ItemDraft.safeParse(draft).success,
    };
    this.poller = new Poller({
      ...this.parts,
      clock,
      tools: this.tools,
      storeUrl: url,
      publicUrl: PUBLIC_URL,
      log,
      registry: this.registry,
      random: Math.random,
      onHealth: (connection, word) => this.healths.push([connection, word]),
    });
    this.actor = new Actor({
      store,
      storeUrl: url,
      serverName: config.serverName,
      clock: Date.now,
      log,
      tools: this.tools,
      connections: config.connections,
      labels: new Map(config.connections.map(({ id, label }) => [id, label])),
      sentenceRow,
      bareRow,
      publicUrl: PUBLIC_URL,
      sign: signWebhook,
      ...makeBring(this.parts),
    });
    this.accounts = new Accounts({
      store,
      keys: ACCOUNT_KEYS,
      tools: this.tools,
      connections: config.connections,
      serverName: config.serverName,
      clock: Date.now,
      log,
      fieldsOf: accountFields,
      nameOf: accountName,
    });
    this.#end = end;
  }

  static async start(
    connections: readonly BedConnection[],
    hooks: readonly LoadedConnection[] = [],
    { log = openLog('error'), timeouts = TIMEOUTS_MS, clock = Date.now }: BedOptions = {},
  ): Promise<ToolsBed> {
    const folder = await mkdtemp(join(tmpdir(), 'tools-bed-'));
    const postgres: Postgres = await startPostgres({ folder, databases: ['ecritoire'] });
    const bed = new ToolsBed(postgres.url('ecritoire'), { connections, hooks, log, timeouts, clock }, async () => {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    });
    await migrate(bed.store);
    return bed;
  }

  async stop(): Promise<void> {
    await this.poller.stop();
    await this.accounts.stop();
    await this.actor.stop();
    await this.tools.close();
    await this.store.destroy();
    await this.#end();
  }

  async addMember(localpart: string, organisation = 'ville-claire'): Promise<string> {
    const mail = `${localpart}@${organisation}.example`;
    await this.store
      .insertInto('record.people')
      .values({ localpart, name: localpart })
      .onConflict((clash) => clash.doNothing())
      .execute();
    await this.store
      .insertInto('record.memberships')
      .values({ localpart, organisation, mail, uid: null, matricule: null, groups: [], source: 'test' })
      .execute();
    return mail;
  }

  /** Asks what an agent would, of an item on her desk; answers the request's id. `askedAt` in ms. */
  async ask(
    localpart: string,
    key: string,
    {
      action,
      input = {},
      askedAt = Date.now(),
      request = `$request-${String((this.#asked += 1))}`,
      left,
    }: {
      action: string;
      input?: Record<string, unknown>;
      askedAt?: number;
      request?: string;
      /** As a kill left it. */
      left?: { state: 'sent'; sent_at: Date; attempts: number };
    },
  ): Promise<string> {
    const row = await this.store
      .selectFrom('work.placements')
      .selectAll()
      .where('agent', '=', localpart)
      .where('key', 'like', `%:${key}`)
      .executeTakeFirstOrThrow();
    const { connection, address, revision } = row;
    const act = {
      request,
      item: `$${row.key}`,
      place: 0,
      key: row.key,
      connection,
      agent: localpart,
      address,
      action,
      input,
      revision,
      source: 'action' as const,
      askedAt,
    };
    await this.store.transaction().execute(async (trx) => {
      await queueActs(trx, [act]);
      if (left !== undefined) await trx.updateTable('record.acts').set(left).where('request', '=', request).execute();
    });
    return request;
  }

  /** How an act ended, once it has. */
  async ended(request: string): Promise<ActRow | undefined> {
    const read = () =>
      this.store
        .selectFrom('record.acts')
        .selectAll()
        .where('request', '=', request)
        .where('settled_at', 'is not', null)
        .executeTakeFirst();
    return until(read, { everyMs: 40 });
  }

  /** Whether this becomes the last health word of a connection. A sweep says it after what it brought is there. */
  async becomes(connection: string, word: HealthWord): Promise<boolean> {
    const said = (): true | undefined => this.healths.findLast(([id]) => id === connection)?.[1] === word || undefined;
    return (await until(() => Promise.resolve(said()), { everyMs: 50 })) ?? false;
  }

  /** Tool's own ids of what is open on someone's desk. */
  async open(localpart: string, connection?: string): Promise<string[]> {
    const rows = await this.store
      .selectFrom('work.placements')
      .select(['key', 'connection', 'state'])
      .where('agent', '=', localpart)
      .execute();
    return rows
      .filter((row) => ['todo', 'doing', 'waiting'].includes(row.state) && (connection === undefined || row.connection === connection))
      .map(({ key }) => key.split(':').slice(2).join(':'))
      .sort();
  }

  /** Waits until these are open on her desk; answers what is. */
  async shows(localpart: string, keys: readonly string[]): Promise<string[]> {
    const wanted = JSON.stringify([...keys].sort());
    const shown = async (): Promise<string[] | undefined> => {
      const open = await this.open(localpart);
      return JSON.stringify(open) === wanted ? open : undefined;
    };
    return (await until(shown, { everyMs: 40 })) ?? this.open(localpart);
  }
}

function loaded({ id, bot, twin, organisation = 'ville-claire', every = 1 }: BedConnection): LoadedConnection {
  const settings = bot.config.parse(twin.config) as Record<string, unknown>;
  return {
    id,
    bot: bot.manifest.id,
    organisation,
    label: id,
    order: 'time',
    hosts: [],
    secrets: [...(twin.secrets ?? [])],
    settings,
    every,
    retired: false,
  };
}

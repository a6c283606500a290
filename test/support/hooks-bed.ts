/** The door for tools on a real listener and a real PostgreSQL, and a sender that signs as a vendor would. */
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { Registry } from 'prom-client';
import type { LoadedConnection } from '../../config/load.ts';
import type { Placement } from '../../appservice/desk/placement.ts';
import { hooks } from '../../appservice/http/hooks.ts';
import { type Ingest, makeIngest } from '../../appservice/ingest.ts';
import { openLog } from '../../appservice/log.ts';
import { migrate, openStore, type Store } from '../../appservice/store/open.ts';
import { signWebhook, verifyWebhook } from '../../bots/webhook.ts';
import { type Postgres, startPostgres } from './postgres.ts';

const newSecret = (): string => `whsec_${randomBytes(24).toString('base64')}`;

function connection(id: string, more: Partial<LoadedConnection> = {}): LoadedConnection {
  const hosts = ['tool.example', 'other.example:8443'];
  return { id, bot: id, organisation: 'ville-claire', label: id, order: 'time', hosts, secrets: [newSecret()], retired: false, ...more };
}

export const SERVER_NAME = 'desk.localhost';

/** A door per organisation and kind of order, one with two secrets, one with a callback, one retired. */
export const CONNECTIONS: readonly LoadedConnection[] = [
  connection('gta'),
  connection('parapheur', { bot: 'iparapheur', secrets: [newSecret(), newSecret()], callback: 'https://tool.example/callback' }),
  connection('astre', { order: 'revision' }),
  connection('courrier', { retired: true }),
  connection('rivebelle-gta', { bot: 'gta', organisation: 'rivebelle' }),
];

export const CONFIG = {
  serverName: SERVER_NAME,
  organisations: [
    { id: 'ville-claire', name: 'Ville-Claire', timeZone: 'Europe/Paris', admins: [] },
    { id: 'rivebelle', name: 'Rivebelle', timeZone: 'Indian/Reunion', admins: [] },
  ],
  connections: [...CONNECTIONS],
  appservice: { recordKey: Buffer.alloc(32, 7) },
};

export type Answered = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  json: Record<string, unknown>;
};
export type Sent = {
  method?: string;
  path?: string;
  secret?: string;
  id?: string;
  /** Seconds. */
  timestamp?: number;
  headers?: Record<string, string>;
  /** Of another process than the bed's own. */
  port?: number;
  /** Leaves the signature out. */
  unsigned?: boolean;
};

/** What the door says it did with a post. */
export const counts = ({ json }: Answered): Record<string, unknown> => json;

export class HooksBed {
  readonly store: Store;
  readonly url: string;
  readonly ingest: Ingest;
  readonly registry = new Registry();
  readonly told: [string, string][] = [];
  isReady = true;
  /** Called between the steps of accepting. */
  onStep: ((name: string) => void | Promise<void>) | undefined;
  readonly #postgres: Postgres;
  readonly #folder: string;
  readonly #server: Server;
  readonly #end: () => Promise<void>;
  #port = 0;

  private constructor({ postgres, folder, database }: { postgres: Postgres; folder: string; database: string }) {
    this.url = postgres.url(database);
    const { store } = openStore(this.url);
    this.#postgres = postgres;
    this.#folder = folder;
    this.store = store;
    this.#end = () => store.destroy();
    this.ingest = makeIngest({ store, config: CONFIG, onStep: (name) => this.onStep?.(name) });
    const door = hooks({
      verify: verifyWebhook,
      accept: this.ingest.accept,
      reject: this.ingest.reject,
      connections: CONNECTIONS,
      ready: () => this.isReady,
      log: openLog('error'),
      register: this.registry,
      onDelivery: (id, what) => this.told.push([id, what]),
    });
    this.#server = createServer(express().use(door));
  }

  static async start(): Promise<HooksBed> {
    const folder = await mkdtemp(join(tmpdir(), 'hooks-bed-'));
    const postgres = await startPostgres({ folder, databases: ['ecritoire'] });
    const bed = new HooksBed({ postgres, folder, database: 'ecritoire' });
    await migrate(bed.store);
    bed.#server.listen(0, '127.0.0.1');
    await once(bed.#server, 'listening');
    bed.#port = (bed.#server.address() as AddressInfo).port;
    return bed;
  }

  get port(): number {
    return this.#port;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await this.#end();
    await this.#postgres.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Makes someone known in an organisation. */
  async addMember(
    localpart: string,
    {
      organisation = 'ville-claire',
      mail,
      uid,
      matricule,
      groups = [],
    }: { organisation?: string; mail?: string; uid?: string; matricule?: string; groups?: string[] } = {},
  ): Promise<void> {
    await this.store
      .insertInto('record.people')
      .values({ localpart, name: localpart })
      .onConflict((clash) => clash.doNothing())
      .execute();
    const row = { localpart, organisation, mail: mail ?? null, uid: uid ?? null, matricule: matricule ?? null, groups, source: 'test' };
    await this.store.insertInto('record.memberships').values(row).execute();
  }

  /** Posts bytes, signed with the connection's current secret unless told otherwise. */
  send(
    connectionId: string,
    body: string | Uint8Array,
    { method = 'POST', path = `/hooks/${connectionId}`, id = `msg_${randomUUID()}`, headers = {}, ...sent }: Sent = {},
  ): Promise<Answered> {
    const secret = sent.secret ?? CONNECTIONS.find((one) => one.id === connectionId)?.secrets[0] ?? newSecret();
    const timestamp = sent.timestamp ?? Math.floor(Date.now() / 1000);
    const signed = sent.unsigned ? {} : signWebhook({ secret, id, timestamp, body });
    const all = { 'content-type': 'application/cloudevents+json', ...signed, ...headers };
    return this.exchange({ method, path, headers: all, body, port: sent.port });
  }

  /** Posts one event. */
  post(connectionId: string, event: unknown, sent: Sent = {}): Promise<Answered> {
    return this.send(connectionId, JSON.stringify(event), sent);
  }

  /** Posts a batch. */
  postBatch(connectionId: string, events: readonly unknown[], sent: Sent = {}): Promise<Answered> {
    const headers = { 'content-type': 'application/cloudevents-batch+json', ...sent.headers };
    return this.send(connectionId, JSON.stringify(events), { ...sent, headers });
  }

  /** What each agent is shown of an object, by its external id. */
  async placements(key: string): Promise<Record<string, Placement & { addressed: boolean }>> {
    const rows = await this.store
      .selectFrom('work.placements')
      .select(['agent', 'content', 'addressed'])
      .where('key', 'like', `%:${key}`)
      .execute();
    return Object.fromEntries(rows.map(({ agent, content, addressed }) => [agent, { ...content, addressed }]));
  }

  /** Open outbox rows of an object: whether each is claimed, by address. */
  async openRows(key: string): Promise<{ address: string; claimed: boolean; sender: string }[]> {
    const found = await this.store
      .selectFrom('work.outbox')
      .selectAll()
      .where('subject', 'like', `%:${key}`)
      .where('sent_at', 'is', null)
      .orderBy('seq')
      .execute();
    return found.map(({ address, claimed_at, sender }) => ({ address, claimed: claimed_at !== null, sender }));
  }

  async exchange({
    method,
    path,
    headers,
    body = '',
    port = this.#port,
  }: {
    method: string;
    path: string;
    headers: Record<string, string>;
    body?: string | Uint8Array;
    port?: number;
  }): Promise<Answered> {
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      method,
      path,
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    });
    request.end(body);
    const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const isJson = /json/.test(response.headers['content-type'] ?? '') && text !== '';
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      text,
      json: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
    };
  }
}

let count = 0;

type EventParts = {
  id?: string;
  source?: string;
  time?: string;
  op?: string;
  to?: unknown;
  item?: Record<string, unknown>;
  data?: Record<string, unknown>;
} & Record<string, unknown>;

/** An upsert as HOOKS.md's example, with what a test changes. */
export function event({
  op = 'upsert',
  to = [{ mail: 'claire.morel@ville-claire.example' }],
  item = {},
  data = {},
  ...attributes
}: EventParts = {}): Record<string, unknown> {
  count += 1;
  return {
    specversion: '1.0',
    id: `event-${String(count)}`,
    source: 'urn:ville:gta',
    type: 'fr.collectivite.gta.absence',
    time: '2026-11-20T09:14:03Z',
    ...attributes,
    data: { op, to, item: { key: `demande/${String(count)}`, title: 'Demande de congé à valider', ...item }, ...data },
  };
}

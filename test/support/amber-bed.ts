/** Claire's desk with a tool behind it: a real homeserver and store, the appservice as it is run, a twin of the tool. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type MatrixEvent,
  readEdit,
  readOutcome,
  requestEvent,
  settingsEvent,
  DEFAULT_SETTINGS,
  type UndoDelay,
} from '../../appservice/desk/event.ts';
import type { ReadOutcome } from '../../appservice/desk/event.ts';
import type { Placement } from '../../appservice/desk/placement.ts';
import { keepAccount } from '../../appservice/store/accounts.ts';
import { type ParapheurTwin, twin as parapheurTwin } from '../../bots/iparapheur/twin.ts';
import type { RunningTwin } from '../../bots/twin.ts';
import { type AppserviceProcess, startAppservice } from './appservice-process.ts';
import { pause, until } from './guarded.ts';
import { type MatrixBed, type Person, startMatrixBed } from './matrix-bed.ts';
import { RelayBed } from './relay-bed.ts';

export const CONNECTION = 'visas';
const LOCALPART = 'claire.morel';
const MAIL = 'claire.morel@ville-claire.example';
const SEEN = { everyMs: 50 };

/** A folder that waits for her visa: its key at the tool, and its message. */
export type Folder = { key: string; message: string };

export class AmberBed<Tool extends RunningTwin = ParapheurTwin> {
  readonly matrix: MatrixBed;
  readonly hands: RelayBed;
  readonly tool: Tool;
  readonly #bot: string;
  readonly #config: string;
  appservice: AppserviceProcess;
  claire!: Person;
  room = '';
  #txn = 0;

  private constructor(parts: { matrix: MatrixBed; tool: Tool; bot: string; config: string; appservice: AppserviceProcess }) {
    this.matrix = parts.matrix;
    this.hands = new RelayBed(parts.matrix);
    this.tool = parts.tool;
    this.#bot = parts.bot;
    this.#config = parts.config;
    this.appservice = parts.appservice;
  }

  static async start(name: string): Promise<AmberBed> {
    const bed = await AmberBed.beside(name, { bot: 'iparapheur', tool: await parapheurTwin.start() });
    bed.tool.next('VISA');
    return bed;
  }

  /** Beside a twin of another bot whose agents have accounts. */
  static async beside<Tool extends RunningTwin>(name: string, { bot, tool }: { bot: string; tool: Tool }): Promise<AmberBed<Tool>> {
    const matrix = await startMatrixBed(name);
    const config = join(matrix.folder, 'amber.yaml');
    const said = JSON.parse(await readFile(matrix.config.file, 'utf8')) as { connections: object[] };
    const connection = {
      id: CONNECTION,
      bot,
      organisation: 'ville-claire',
      label: 'Parapheur',
      settings: { baseUrl: tool.url },
      every: 5,
    };
    await writeFile(config, JSON.stringify({ ...said, connections: [...said.connections, connection], privateNetworks: ['127.0.0.0/8'] }), {
      mode: 0o600,
    });
    const bed = new AmberBed({ matrix, tool, bot, config, appservice: await startAppservice(matrix, { config }) });
    await bed.appservice.ready();
    await keepAccount(
      matrix.store,
      matrix.config.appservice.accountKeys,
      { connection: CONNECTION, localpart: LOCALPART },
      tool.account?.(MAIL),
    );
    bed.claire = await matrix.signIn(LOCALPART);
    return bed;
  }

  async stop(): Promise<void> {
    await this.appservice.stop();
    await this.hands.stop();
    await this.tool.stop();
    await this.matrix.stop();
  }

  /** Starts the appservice again, to be killed at a step if it is named. */
  async restart(killAt?: string): Promise<void> {
    await this.appservice.stop();
    this.appservice = await startAppservice(this.matrix, { config: this.#config, ...(killAt !== undefined && { killAt }) });
    await this.appservice.ready();
  }

  /** A new folder, on her desk. */
  async folder(title: string): Promise<Folder> {
    const key = this.tool.add([MAIL], title);
    if (this.room === '') {
      this.room = await this.hands.room(`desk:ville-claire:${LOCALPART}`);
      await this.claire.call('POST', `/rooms/${encodeURIComponent(this.room)}/join`, {});
    }
    const found = await until(async () => (await this.row(key))?.event_id ?? undefined, SEEN);
    if (found === undefined) throw new Error(`${title} did not come`);
    return { key, message: found };
  }

  row(key: string) {
    return this.matrix.store
      .selectFrom('work.placements')
      .selectAll()
      .where('key', '=', `${this.#bot}:${CONNECTION}:${key}` as Placement['key'])
      .executeTakeFirst();
  }

  async send(type: string, content: unknown, person = this.claire): Promise<string> {
    const path = `/rooms/${encodeURIComponent(this.room)}/send/${type}/t${String((this.#txn += 1))}`;
    const { status, body } = await person.call('PUT', path, content);
    if (status === 429) {
      await pause(Number(body.retry_after_ms ?? 1000));
      return this.send(type, content, person);
    }
    if (status !== 200) throw new Error(`${type} was refused: ${JSON.stringify(body)}`);
    return String(body.event_id);
  }

  /** What the page sends for an action of the tool. */
  ask(
    { message }: Pick<Folder, 'message'>,
    action: string,
    {
      input,
      askedAt = Date.now(),
      revision,
      person = this.claire,
    }: { input?: Record<string, unknown>; askedAt?: number; revision?: number; person?: Person } = {},
  ): Promise<string> {
    const request = { items: [message], action, askedAt, ...(input && { input }), ...(revision !== undefined && { revision }) };
    return this.send('fr.ecritoire.action', requestEvent(request).content, person);
  }

  /** What she types in another client, as the answer to a message if one is named. */
  type(body: string, about?: string): Promise<string> {
    const relation = about === undefined ? {} : { 'm.relates_to': { 'm.in_reply_to': { event_id: about } } };
    return this.send('m.room.message', { msgtype: 'm.text', body, ...relation });
  }

  async redact(eventId: string): Promise<void> {
    const path = `/rooms/${encodeURIComponent(this.room)}/redact/${encodeURIComponent(eventId)}/r${String((this.#txn += 1))}`;
    const { status } = await this.claire.call('PUT', path, {});
    if (status !== 200) throw new Error('the redaction was refused');
  }

  /** An event of the room as she reads it. */
  async event(eventId: string): Promise<Record<string, unknown>> {
    const { status, body } = await this.claire.call('GET', `/rooms/${encodeURIComponent(this.room)}/event/${encodeURIComponent(eventId)}`);
    if (status !== 200) throw new Error(`${eventId} was not found`);
    return body;
  }

  /** Has the appservice told of events of hers in one transaction, whatever stands before its door. */
  async deliver(events: readonly object[]): Promise<void> {
    const { listen, hsToken } = this.matrix.config.appservice;
    const all = events.map((event) => ({ room_id: this.room, sender: this.claire.mxid, origin_server_ts: Date.now(), ...event }));
    const { status } = await fetch(
      `http://${listen.host}:${String(listen.port)}/_matrix/app/v1/transactions/t${String((this.#txn += 1))}`,
      {
        method: 'PUT',
        headers: { authorization: `Bearer ${hsToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ events: all }),
      },
    );
    if (status !== 200) throw new Error(`the appservice answered ${String(status)} to a transaction`);
  }

  async choose(undoDelay: UndoDelay): Promise<void> {
    const eventId = await this.send('fr.ecritoire.settings', settingsEvent({ ...DEFAULT_SETTINGS, undoDelay }).content);
    await this.handled(eventId);
  }

  /** Waits until an event was handled, whatever came of it. */
  async handled(eventId: string): Promise<void> {
    const read = async (): Promise<true | undefined> => {
      const row = await this.matrix.store.selectFrom('work.inbox').select('handled_at').where('event_id', '=', eventId).executeTakeFirst();
      return row?.handled_at == null ? undefined : true;
    };
    if ((await until(read, SEEN)) === undefined) throw new Error('an event was not handled');
  }

  /** What the room says came of a request, in order. */
  async outcomes(request: string): Promise<(ReadOutcome & { event: MatrixEvent })[]> {
    return (await this.hands.timeline(this.room)).flatMap((event) => {
      const read = readOutcome(event);
      return read?.request === request ? [{ ...read, event }] : [];
    });
  }

  /** What the edits of a folder's message say, in order. */
  async edits({ message }: Folder): Promise<Placement[]> {
    return (await this.hands.timeline(this.room)).flatMap((event) => {
      const edit = readEdit(event);
      return edit?.original === message ? [edit.placement] : [];
    });
  }

  /** Waits until nothing is on its way into the room. */
  async sentAll(): Promise<void> {
    const waiting = this.matrix.store.selectFrom('work.outbox').select('id').where('sent_at', 'is', null).where('dead_at', 'is', null);
    const isSent = async () => ((await waiting.limit(1).execute()).length === 0 ? true : undefined);
    if ((await until(isSent, SEEN)) === undefined) throw new Error('something is still on its way');
  }

  /** The outcome of this sort, waited for. */
  async outcome(request: string, ...sorts: readonly string[]): Promise<ReadOutcome & { event: MatrixEvent }> {
    const find = async () => (await this.outcomes(request)).find(({ outcome }) => sorts.includes(outcome));
    const found = await until(find, SEEN);
    if (found === undefined) throw new Error(`no ${sorts.join(' or ')}: ${JSON.stringify(await this.outcomes(request))}`);
    return found;
  }

  /** The sentence with which the desk bot answered an event. */
  async said(request: string): Promise<string> {
    const find = async () => (await this.outcomes(request)).map(({ event }) => event.content.body).find((body) => typeof body === 'string');
    const found = await until(find, SEEN);
    if (found === undefined) throw new Error(`nothing was said: ${JSON.stringify(await this.outcomes(request))}`);
    return found;
  }
}

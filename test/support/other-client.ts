/** Another Matrix client of an agent: matrix-js-sdk with the token that `m.login.sso` gave it, and nothing of ours. */
import {
  ClientEvent,
  createClient,
  type MatrixClient,
  type MatrixEvent,
  MemoryStore,
  Method,
  RelationType,
  SyncState,
} from 'matrix-js-sdk';
import type { Logger } from 'matrix-js-sdk/lib/logger.js';
import { until } from './guarded.ts';
import type { Started } from './started.ts';

const nothing = (): void => undefined;
/** The SDK tells every request. */
const QUIET: Logger = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing, getChild: () => QUIET };

export class OtherClient {
  readonly client: MatrixClient;
  readonly #serverName: string;

  constructor(client: MatrixClient, serverName: string) {
    this.client = client;
    this.#serverName = serverName;
  }

  /** Signs in by `m.login.sso` and syncs. Throws when the first sync does not end. */
  static async open(trial: Started, login: string): Promise<OtherClient> {
    const { userId, accessToken, deviceId } = await trial.matrixLogin(login);
    const client = createClient({
      baseUrl: trial.run.homeserver,
      userId,
      accessToken,
      deviceId,
      store: new MemoryStore(),
      disableVoip: true,
      logger: QUIET,
    });
    const prepared = new Promise<void>((done, failed) => {
      client.on(ClientEvent.Sync, (state, _before, detail) => {
        if (state === SyncState.Prepared) done();
        if (state === SyncState.Error) failed(detail?.error ?? new Error('the first sync failed'));
      });
    });
    await client.startClient({ initialSyncLimit: 30 });
    await prepared;
    return new OtherClient(client, userId.slice(userId.indexOf(':') + 1));
  }

  close(): void {
    this.client.stopClient();
    this.client.removeAllListeners();
  }

  /** The id of her desk room, found by its alias as anyone would. */
  async deskRoom(organisation = 'ville-claire'): Promise<string> {
    const localpart = (this.client.getUserId() ?? '').slice(1).split(':')[0] ?? '';
    const { room_id: room } = await this.client.getRoomIdForAlias(`#desk_${organisation}_${localpart}:${this.#serverName}`);
    return room;
  }

  /** The first event of a room's timeline that satisfies the condition, waited for. */
  async event(room: string, what: (event: MatrixEvent) => boolean, said = 'such an event'): Promise<MatrixEvent> {
    const find = (): MatrixEvent | undefined => this.events(room).find(what);
    const found = await until(() => Promise.resolve(find()), { everyMs: 50 });
    if (found === undefined) {
      const last = this.events(room).map(
        (event) => `${event.getType()} ${event.getSender() ?? ''} ${JSON.stringify(event.getContent()).slice(0, 200)}`,
      );
      throw new Error(`${said} did not come:\n${last.slice(-12).join('\n')}`);
    }
    return found;
  }

  /** What the client has of a room's timeline, edits put in their place as clients do. */
  events(room: string): MatrixEvent[] {
    return this.client.getRoom(room)?.getLiveTimeline().getEvents() ?? [];
  }

  /** The message of an item, by its title in the text a person reads. */
  item(room: string, title: string): Promise<MatrixEvent> {
    return this.event(room, (event) => event.getType() === 'm.room.message' && bodyOf(event).includes(title), `the message « ${title} »`);
  }

  /** Sends any event, whatever its content; answers its id. */
  async send(room: string, type: string, content: object): Promise<string> {
    const path = `/rooms/${encodeURIComponent(room)}/send/${encodeURIComponent(type)}/${this.client.makeTxnId()}`;
    const { event_id: eventId } = await this.client.http.authedRequest<{ event_id: string }>(Method.Put, path, undefined, content);
    return eventId;
  }

  /** Reacts to a message; answers the reaction's event id. */
  react(room: string, eventId: string, key: string): Promise<string> {
    return this.send(room, 'm.reaction', { 'm.relates_to': { rel_type: RelationType.Annotation, event_id: eventId, key } });
  }

  /** Writes a state event; rejects with the homeserver's errcode. */
  async sendState(room: string, type: string, key: string, content: object): Promise<void> {
    await this.client.http.authedRequest(Method.Put, `/rooms/${encodeURIComponent(room)}/state/${type}/${key}`, undefined, content);
  }

  /** The message that says exactly this, waited for. */
  said(room: string, body: string): Promise<MatrixEvent> {
    return this.event(room, (event) => bodyOf(event) === body, `« ${body} »`);
  }
}

/** The plain text of a message; empty when it has none. */
export function bodyOf(event: MatrixEvent): string {
  const { body } = event.getContent();
  return typeof body === 'string' ? body : '';
}

/**
 * The agent's other rooms, on matrix-js-sdk's classic `/sync`: the only file that imports it, and itself imported only when
 * the page is idle (it weighs more than all the rest). No token: the cookie goes with each request.
 */
import { MsgType } from 'matrix-js-sdk/lib/@types/event.js';
import { ClientEvent, MatrixClient, PendingEventOrdering } from 'matrix-js-sdk/lib/client.js';
import { Filter } from 'matrix-js-sdk/lib/filter.js';
import type { Logger } from 'matrix-js-sdk/lib/logger.js';
import { EventStatus } from 'matrix-js-sdk/lib/models/event-status.js';
import type { MatrixEvent as SdkEvent } from 'matrix-js-sdk/lib/models/event.js';
import { Direction } from 'matrix-js-sdk/lib/models/event-timeline.js';
import { NotificationCountType, type Room, RoomEvent, type RoomNameState, RoomNameType } from 'matrix-js-sdk/lib/models/room.js';
import { MemoryStore } from 'matrix-js-sdk/lib/store/memory.js';
import { SyncState } from 'matrix-js-sdk/lib/sync.js';

/** A room as the list shows it. */
export type RoomSummary = {
  id: string;
  name: string;
  unread: number;
  /** Messages that name her. */
  mentions: number;
  invited: boolean;
  /** ms of its latest event. */
  at: number;
};

/** A message as the room shows it. `kind` other than text: `body` names the file. */
export type RoomMessage = {
  id: string;
  sender: string;
  senderName: string;
  own: boolean;
  at: number;
  kind: 'text' | 'notice' | 'image' | 'file' | 'encrypted';
  body: string;
  edited: boolean;
  fate?: 'sending' | 'failed';
};

export type OpenedRoom = RoomSummary & { messages: RoomMessage[]; canWrite: boolean; hasOlder: boolean; encrypted: boolean };

/** How rooms without a name of their own are called: the page's sentences. */
export interface RoomWords {
  nameless: string;
  former: string;
  names(names: readonly string[], others: number): string;
}

export type RoomsOptions = {
  agent: string;
  words: RoomWords;
  /** Rooms the page shows elsewhere: desks and their organisation rooms. */
  except: ReadonlySet<string>;
  /** Something of what {@link Rooms} gives has changed. Called at most once a frame. */
  onChange: () => void;
  /** A desk room that the session does not know yet. */
  onDesk: (room: string) => void;
};

const FIRST_EVENTS = 20;
const SPACE = 'm.space';

/** The SDK tells its every step to the console; only what is wrong is worth an agent's. */
const QUIET: Logger = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined, // what concerns the agent is a standing of the list; the rest has no reader here
  getChild: () => QUIET,
};

/** Opens the sync; `close` ends it. */
export class Rooms {
  readonly #client: MatrixClient;
  readonly #options: RoomsOptions;
  #pending = false;

  constructor(options: RoomsOptions) {
    this.#options = options;
    this.#client = new MatrixClient({
      baseUrl: location.origin,
      userId: options.agent,
      store: new MemoryStore({}),
      fetchFn: fetchOwn,
      disableVoip: true,
      logger: QUIET,
      roomNameGenerator: (_room, name) => this.#nameOf(name),
    });
    this.#client.setMaxListeners(50);
    this.#client.on(ClientEvent.Sync, () => this.#changed());
    this.#client.on(ClientEvent.Room, (room) => this.#greet(room));
    for (const event of [
      RoomEvent.Timeline,
      RoomEvent.Name,
      RoomEvent.Receipt,
      RoomEvent.MyMembership,
      RoomEvent.LocalEchoUpdated,
    ] as const)
      this.#client.on(event, () => this.#changed());
  }

  async open(): Promise<void> {
    // What the page shows elsewhere comes by its own feed: twice would be twice the homeserver's work, for each event.
    const filter = new Filter(this.#options.agent);
    filter.setDefinition({ room: { not_rooms: [...this.#options.except] } });
    filter.setUnreadThreadNotifications(true);
    await this.#client.startClient({
      filter,
      initialSyncLimit: FIRST_EVENTS,
      lazyLoadMembers: true,
      pollTimeout: 30_000,
      pendingEventOrdering: PendingEventOrdering.Detached,
    });
  }

  close(): void {
    this.#client.stopClient();
    this.#client.removeAllListeners();
  }

  /** The first sync has been answered, or how it stands. */
  get standing(): 'loading' | 'ready' | 'failing' {
    const state = this.#client.getSyncState();
    if (state === SyncState.Error || state === SyncState.Reconnecting) return this.#client.isInitialSyncComplete() ? 'ready' : 'failing';
    return this.#client.isInitialSyncComplete() ? 'ready' : 'loading';
  }

  /** Rooms other than desks, organisation rooms and spaces: mentions first, then unread, then the latest. */
  list(): RoomSummary[] {
    return this.#client
      .getRooms()
      .filter((room) => this.#isListed(room))
      .map((room) => this.#summary(room))
      .sort((a, b) => Number(b.mentions > 0) - Number(a.mentions > 0) || Number(b.unread > 0) - Number(a.unread > 0) || b.at - a.at);
  }

  /** Undefined when it is not one of hers. */
  room(id: string): OpenedRoom | undefined {
    const room = this.#client.getRoom(id);
    if (!room || !this.#isListed(room)) return undefined;
    const timeline = room.getLiveTimeline();
    const events = [...timeline.getEvents(), ...room.getPendingEvents()];
    return {
      ...this.#summary(room),
      messages: events.flatMap((event) => this.#message(event)),
      canWrite: room.getMyMembership() === 'join' && room.maySendMessage(),
      hasOlder: timeline.getPaginationToken(Direction.Backward) !== null,
      encrypted: room.hasEncryptionStateEvent(),
    };
  }

  async older(id: string): Promise<void> {
    const room = this.#client.getRoom(id);
    if (room) await this.#client.scrollback(room, 50);
    this.#changed();
  }

  async join(id: string): Promise<void> {
    await this.#client.joinRoom(id);
  }

  /** Plain text: nothing is read out of it. */
  async write(id: string, body: string): Promise<void> {
    await this.#client.sendMessage(id, { msgtype: MsgType.Text, body });
  }

  /** Tells that the room was read to its end. */
  async read(id: string): Promise<void> {
    const last = this.#client
      .getRoom(id)
      ?.getLiveTimeline()
      .getEvents()
      .findLast((event) => !event.isSending());
    if (last) await this.#client.sendReadReceipt(last);
  }

  #isListed(room: Room): boolean {
    const membership = room.getMyMembership();
    const isOurs = membership === 'join' || membership === 'invite';
    return isOurs && room.getType() !== SPACE && !this.#options.except.has(room.roomId) && !isDesk(room);
  }

  #greet(room: Room): void {
    if (isDesk(room) && !this.#options.except.has(room.roomId)) this.#options.onDesk(room.roomId);
    this.#changed();
  }

  #summary(room: Room): RoomSummary {
    return {
      id: room.roomId,
      name: room.name,
      unread: room.getUnreadNotificationCount(NotificationCountType.Total),
      mentions: room.getUnreadNotificationCount(NotificationCountType.Highlight),
      invited: room.getMyMembership() === 'invite',
      at: room.getLastActiveTimestamp(),
    };
  }

  #message(event: SdkEvent): RoomMessage[] {
    const encrypted = event.getType() === 'm.room.encrypted';
    if ((event.getType() !== 'm.room.message' && !encrypted) || event.isRedacted() || event.isRelation('m.replace')) return [];
    const content = event.getContent();
    const sender = event.getSender() ?? '';
    const body = typeof content['body'] === 'string' ? content['body'] : '';
    if (body === '' && !encrypted) return [];
    return [
      {
        id: event.getId() ?? event.getTxnId() ?? '',
        sender,
        senderName: event.sender?.name ?? sender,
        own: sender === this.#options.agent,
        at: event.getTs(),
        kind: encrypted ? 'encrypted' : kindOf(typeof content['msgtype'] === 'string' ? content['msgtype'] : undefined),
        body,
        edited: event.replacingEventId() !== undefined,
        ...(event.status === EventStatus.NOT_SENT ? { fate: 'failed' as const } : event.isSending() ? { fate: 'sending' as const } : {}),
      },
    ];
  }

  #nameOf(state: RoomNameState): string {
    const { words } = this.#options;
    if (state.type === RoomNameType.Actual) return state.name;
    if (state.type === RoomNameType.EmptyRoom) return state.oldName === undefined ? words.nameless : `${words.former} (${state.oldName})`;
    return words.names(state.names, Math.max(0, state.count - state.names.length));
  }

  #changed(): void {
    if (this.#pending) return;
    this.#pending = true;
    requestAnimationFrame(() => {
      this.#pending = false;
      this.#options.onChange();
    });
  }
}

function isDesk(room: Room): boolean {
  return room.getLiveTimeline().getState(Direction.Forward)?.getStateEvents('fr.ecritoire.desk', '') != null;
}

function kindOf(msgtype: string | undefined): RoomMessage['kind'] {
  if (msgtype === 'm.notice') return 'notice';
  if (msgtype === 'm.image') return 'image';
  return msgtype === 'm.file' || msgtype === 'm.video' || msgtype === 'm.audio' ? 'file' : 'text';
}

/** The SDK asks for the servers of calls whether anyone calls or not; the pipe does not know them, and this keeps that out of the console. */
const CALL_SERVERS = '/rtc/transports';

const fetchOwn: typeof fetch = async (input, init) => {
  if (String(input instanceof Request ? input.url : input).endsWith(CALL_SERVERS))
    return Response.json({ errcode: 'M_UNRECOGNIZED' }, { status: 404 });
  return fetch(input, { ...init, credentials: 'same-origin', headers: withOwnHeader(init?.headers) });
};

function withOwnHeader(headers: HeadersInit | undefined): Headers {
  const all = new Headers(headers);
  all.set('x-ecritoire', '1');
  return all;
}

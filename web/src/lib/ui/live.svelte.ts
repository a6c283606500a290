/**
 * The page's connection with the desk: puts the feed's news into the desk's state, sends what the agent decides, and keeps
 * what the page says about both. One per tab.
 */
import { getContext, setContext } from 'svelte';
import { requestEvent } from '#desk/event.ts';
import type { Request } from '#desk/request.ts';
import { Desk, type Row } from '#lib/desk/desk.svelte.ts';
import type { DeskRoom } from '#lib/desk/room.ts';
import type { Line, Snapshot } from '#lib/desk/snapshot.ts';
import { openFeed, type RoomNews } from '#lib/matrix/feed.ts';
import { follow, type Standing } from '#lib/matrix/follow.ts';
import { pageCall } from '#lib/matrix/homeserver.ts';
import { Outgoing } from '#lib/matrix/outgoing.ts';
import { newTxn, readOlder } from '#lib/matrix/send.ts';
import * as fr from '#lib/messages/fr.ts';
import { Announcer } from './announcer.svelte.ts';
import { askRows } from './ask.ts';
import { Receipts } from './receipts.ts';

type Input = Record<string, unknown> | undefined;

/** What can be taken back, and how it is said. */
export type Undo = { text: string; row: Row; failed?: boolean };

const SEEN_EVERY_MS = 5_000; // DESIGN §3: « seen » is sent in batches at most every 5 s
const CLOCK_MS = 15_000;
const ASK_AFTER_MS = 300;
const ASK_AGAIN_MS = 2_500; // the store folds a redaction after the homeserver has told it
const MOST_ITEMS = 50; // of one request, DESIGN §3

export class Live {
  desk = $state.raw() as Desk;
  standing = $state<Standing | 'connecting'>('connecting');
  /** What she decided or wrote and the homeserver does not have yet, though it was tried. */
  held = $state(0);
  /** ms of the last answer of the homeserver. */
  checkedAt = $state(0);
  undo = $state.raw<Undo>();
  /** Items that came while the page was open: they slide in. */
  fresh = $state.raw<ReadonlySet<string>>(new Set());
  readonly announcer = new Announcer();
  readonly #call = pageCall();
  readonly #receipts = new Receipts(this.#call);
  readonly #outgoing = new Outgoing(this.#call, (held) => (this.held = held));
  #snapshot: Snapshot;
  #seen = new Map<DeskRoom, Set<string>>();
  #wanted = new Set<string>();
  #asking: ReturnType<typeof setTimeout> | undefined;
  #reload: () => void = () => undefined;
  #leave: () => void = () => undefined;

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
    this.desk = new Desk(snapshot);
    this.checkedAt = snapshot.now;
  }

  /** The server has drawn the desk anew (the position was lost, or a desk was added). What was on its way is sent again by its own. */
  redraw(snapshot: Snapshot): void {
    if (snapshot === this.#snapshot) return;
    this.#snapshot = snapshot;
    this.desk = new Desk(snapshot);
    this.checkedAt = snapshot.now;
  }

  /** Follows the feed until the returned function is called. `reload` has the server draw the desk anew; `leave` goes to sign-in. */
  start({ reload, leave }: { reload: () => void; leave: () => void }): () => void {
    this.#reload = reload;
    this.#leave = leave;
    const stop = new AbortController();
    const { desk } = this;
    const { feed, connId, pos } = this.#snapshot;
    const interest = {
      desks: desk.rooms.map((room) => room.room),
      organisationRooms: [...new Set(desk.rooms.map((room) => room.organisationRoom))],
    };
    void follow(openFeed(feed, this.#call, interest, connId), pos, {
      listener: this.#listener(desk),
      signal: stop.signal,
      line: { isOnline: () => navigator.onLine, events: window },
    });
    const clock = setInterval(() => this.#tick(), CLOCK_MS);
    const seen = setInterval(() => this.#sendSeen(), SEEN_EVERY_MS);
    return () => {
      stop.abort();
      clearInterval(clock);
      clearInterval(seen);
      this.#sendSeen();
    };
  }

  #listener(desk: Desk) {
    return {
      onNews: (rooms: readonly RoomNews[]) => {
        this.checkedAt = Date.now();
        if (rooms.some((news) => news.limited && !news.initial && desk.room(news.room))) {
          this.#reload();
          return;
        }
        const { arrived, wanted } = desk.take(rooms, Date.now());
        this.#welcome(arrived);
        this.want(wanted);
      },
      onStanding: (standing: Standing) => {
        this.standing = standing;
        if (standing !== 'live') return;
        this.#outgoing.wake();
        this.#tick();
      },
      onEnd: (why: 'signed-out' | 'position-lost') => (why === 'signed-out' ? this.#leave() : this.#reload()),
    };
  }

  #welcome(arrived: readonly string[]): void {
    const open = arrived.flatMap((eventId) => this.desk.rows.filter((row) => row.eventId === eventId));
    if (open.length === 0) return;
    this.fresh = new Set([...this.fresh, ...open.map((row) => row.eventId)]);
    for (const row of open) this.announcer.arrived(row.known.placement.title);
  }

  #tick(): void {
    this.desk.now = Date.now();
    if (this.standing === 'live') this.checkedAt = Date.now();
    if (document.visibilityState === 'visible') this.#receipts.read(this.desk.rooms, Date.now());
  }

  /** Asks the store for items the page has heard of but does not have. */
  want(eventIds: readonly string[], again = true): void {
    for (const eventId of eventIds) this.#wanted.add(eventId);
    if (this.#wanted.size === 0 || this.#asking !== undefined) return;
    this.#asking = setTimeout(() => {
      const asked = [...this.#wanted].slice(0, MOST_ITEMS);
      this.#asking = undefined;
      for (const eventId of asked) this.#wanted.delete(eventId);
      void askRows({ eventIds: asked }).then((found) => found && this.desk.takeRows(found.rows));
      if (again) setTimeout(() => this.want(asked, false), ASK_AGAIN_MS);
      else this.want([], false);
    }, ASK_AFTER_MS);
  }

  /** The agent has opened it: sent with others, at most every 5 s. */
  markSeen(row: Row): void {
    if (row.triage.seen) return;
    const batch = this.#seen.get(row.desk) ?? new Set();
    this.#seen.set(row.desk, batch.add(row.eventId));
    this.desk.addRequest(row.desk, this.#request([row.eventId], 'desk.seen', undefined, `~seen-${row.eventId}`));
  }

  #sendSeen(): void {
    for (const [desk, eventIds] of this.#seen) {
      const all = [...eventIds];
      for (let at = 0; at < all.length; at += MOST_ITEMS) void this.#send(desk, all.slice(at, at + MOST_ITEMS), 'desk.seen');
    }
    this.#seen.clear();
  }

  aside(row: Row): void {
    this.#act(row, 'desk.aside', undefined, fr.undo.aside(row.known.placement.title));
  }

  /** `until`: a day or an instant as the wire writes it; without it, until the item changes. */
  snooze(row: Row, until: string | undefined, said: string): void {
    const { title } = row.known.placement;
    const input = until === undefined ? { onChange: true } : { until };
    this.#act(row, 'desk.snooze', input, until === undefined ? fr.undo.snoozedOnChange(title) : fr.undo.snoozed(title, said));
  }

  restore(row: Row): void {
    this.undo = undefined;
    this.announcer.say(fr.undo.restored(row.known.placement.title));
    this.#act(row, 'desk.restore');
  }

  pin(row: Row): void {
    this.#act(row, row.triage.pinned ? 'desk.unpin' : 'desk.pin');
  }

  #act(row: Row, action: string, input?: Input, text?: string): void {
    if (text !== undefined) {
      this.undo = { text: `${text} ${fr.item.nothingDone(row.tool.label)}`, row };
      this.announcer.say(this.undo.text);
    }
    const local = `~${newTxn()}`;
    const { revision } = row.known.placement;
    this.desk.addRequest(row.desk, { ...this.#request([row.eventId], action, input, local), revision });
    void this.#send(row.desk, [row.eventId], action, input, revision, local).then((sent) => {
      if (!sent) this.undo = { text: fr.undo.failed(row.known.placement.title), row, failed: true };
    });
  }

  /** Writes in a desk room, as the agent. Throws what will not pass by itself. */
  async write(desk: DeskRoom, body: string): Promise<void> {
    const txn = newTxn();
    const line: Line = { eventId: `~${txn}`, sender: this.desk.agent, at: Date.now(), body, fate: 'sending' };
    this.desk.change(() => desk.addLine(line));
    try {
      const eventId = await this.#outgoing.send({ room: desk.room, type: 'm.room.message', content: { msgtype: 'm.text', body }, txn });
      const { fate: _fate, ...sent } = line;
      this.desk.change(() => desk.addLine({ ...sent, eventId }, line.eventId));
    } catch (error) {
      this.desk.change(() => desk.dropLine(line.eventId));
      throw error;
    }
  }

  /** Goes further back in the thread. */
  async older(desk: DeskRoom): Promise<void> {
    if (desk.older === undefined) return;
    const { chunk, next } = await readOlder(this.#call, desk.room, desk.older);
    this.want(this.desk.change(() => desk.takeOlder(chunk, next)));
  }

  #request(items: string[], action: string, input: Input, eventId: string): Request {
    const now = Date.now();
    return { eventId, sender: this.desk.agent, items, action, ...(input && { input }), askedAt: now, at: now, source: 'action' };
  }

  async #send(room: DeskRoom, items: string[], action: string, input?: Input, revision?: number, local?: string): Promise<boolean> {
    const { type, content } = requestEvent({ items, action, input, revision, askedAt: Date.now() });
    try {
      const eventId = await this.#outgoing.send({ room: room.room, type, content, txn: newTxn() });
      if (local) this.desk.change(() => room.renameRequest(local, eventId));
      return true;
    } catch {
      if (local) this.desk.change(() => room.dropRequest(local));
      return false;
    }
  }
}

const KEY = Symbol('live');
export const setLive = (live: Live): Live => setContext(KEY, live);
export const getLive = (): Live => getContext(KEY);

/**
 * The page's connection with the desk: puts the feed's news into the desk's state, sends what the agent decides, and keeps
 * what the page says about both. One per tab.
 */
import { getContext, setContext } from 'svelte';
import { type ReadTool, type Settings, settingsEvent, settingsIn } from '#desk/event.ts';
import { MAX_ITEMS } from '#desk/request.ts';
import { Desk } from '#lib/desk/desk.svelte.ts';
import type { DeskRoom } from '#lib/desk/room.ts';
import type { Line, Snapshot } from '#lib/desk/snapshot.ts';
import type { RoomNews } from '#lib/matrix/feed.ts';
import { follow, type Standing } from '#lib/matrix/follow.ts';
import { pageCall } from '#lib/matrix/homeserver.ts';
import { openFeed } from '#lib/matrix/open-feed.ts';
import { Outgoing } from '#lib/matrix/outgoing.ts';
import { asDecided, newTxn, readOlder, type Sending } from '#lib/matrix/send.ts';
import { Acting } from './acting.svelte.ts';
import { actsWith } from './acts.ts';
import { Announcer } from './announcer.svelte.ts';
import { askRows } from './ask.ts';
import { Decisions } from './decisions.svelte.ts';
import { Picking } from './picking.svelte.ts';
import { Receipts } from './receipts.ts';

export const OWNER = 'ecritoire.poste';
const CLOCK_MS = 15_000;
const ASK_AFTER_MS = 300;
const ASK_AGAIN_MS = 2_500; // the store folds a redaction after the homeserver has told it

export class Live {
  desk = $state.raw() as Desk;
  standing = $state<Standing | 'connecting'>('connecting');
  /** What she decided or wrote and the homeserver does not have yet, though it was tried. */
  held = $state(0);
  /** ms of the last answer of the homeserver. */
  checkedAt = $state(0);
  /** Items that came while the page was open: they slide in. */
  fresh = $state.raw<ReadonlySet<string>>(new Set());
  readonly announcer = new Announcer();
  readonly #call = pageCall();
  readonly #receipts = new Receipts(this.#call);
  readonly outgoing = new Outgoing(
    this.#call,
    (held) => (this.held = held),
    (sending) => this.#contentOf(sending),
  );
  readonly decisions = new Decisions({ desk: () => this.desk, outgoing: this.outgoing, announcer: this.announcer });
  readonly acting = new Acting({ desk: () => this.desk, outgoing: this.outgoing, announcer: this.announcer });
  readonly picking = new Picking(() => this.desk);
  readonly settings = $derived(settingsIn(this.desk.settings));
  /** What can be done by the keyboard and the palette, with her own keys. */
  readonly acts = $derived(actsWith(this.settings.keys, this.settings.views));
  /** The choice of what the list shows is open. */
  isFiltering = $state(false);
  #snapshot: Snapshot;
  #wanted = new Set<string>();
  readonly #completed = new WeakSet<ReadTool>();
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

  /** What the page was drawn from last. */
  get drawn(): Snapshot {
    return this.#snapshot;
  }

  /** The line does not hold: what is seen may be old, what is decided waits. */
  get isCut(): boolean {
    return this.standing === 'reconnecting' || this.standing === 'offline';
  }

  /** Whose own station this browser is said to be: chosen in the settings, on this device alone. */
  get owner(): string | null {
    return localStorage.getItem(OWNER);
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
    const stopDecisions = this.decisions.start();
    return () => {
      stop.abort();
      clearInterval(clock);
      stopDecisions();
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
        const { arrived, wanted, told } = desk.take(rooms, Date.now());
        this.#welcome(arrived);
        for (const request of told) this.acting.hear(request);
        this.want(wanted);
      },
      onStanding: (standing: Standing) => {
        this.standing = standing;
        if (standing !== 'live') return;
        this.outgoing.wake();
        this.#tick();
      },
      onEnd: (why: 'signed-out' | 'position-lost') => {
        if (why === 'signed-out') this.#leave();
        else {
          this.standing = 'reconnecting';
          this.#reload();
        }
      },
    };
  }

  #welcome(arrived: readonly string[]): void {
    const open = arrived.flatMap((eventId) => this.desk.rows.filter((row) => row.eventId === eventId && row.muted === undefined));
    if (open.length === 0) return;
    this.fresh = new Set([...this.fresh, ...open.map((row) => row.eventId)]);
    for (const row of open) this.announcer.arrived(row.known.placement.title);
  }

  #tick(): void {
    this.desk.now = Date.now();
    if (this.standing === 'live') {
      this.checkedAt = Date.now();
      this.#complete();
    }
    if (document.visibilityState === 'visible') this.#receipts.read(this.desk.rooms, Date.now());
  }

  /** Much may come back at once that the page was drawn without, of which the room names the first alone. Once for the same numbers. */
  #complete(): void {
    const short = this.desk.short.filter((tool) => !this.#completed.has(tool));
    if (short.length === 0 || this.outgoing.going.size > 0) return;
    void askRows({}).then((found) => {
      if (!found) return;
      for (const tool of short) this.#completed.add(tool);
      this.desk.takeRows(found.rows, found.next);
    });
  }

  /** Asks the store for items the page has heard of but does not have. */
  want(eventIds: readonly string[], again = true): void {
    for (const eventId of eventIds) this.#wanted.add(eventId);
    if (this.#wanted.size === 0 || this.#asking !== undefined) return;
    this.#asking = setTimeout(() => {
      const asked = [...this.#wanted].slice(0, MAX_ITEMS);
      this.#asking = undefined;
      for (const eventId of asked) this.#wanted.delete(eventId);
      void askRows({ eventIds: asked }).then((found) => found && this.desk.takeRows(found.rows));
      if (again) setTimeout(() => this.want(asked, false), ASK_AGAIN_MS);
      else this.want([], false);
    }, ASK_AFTER_MS);
  }

  /** Writes in a desk room, as the agent. Throws what will not pass by itself. */
  async write(desk: DeskRoom, body: string): Promise<void> {
    const txn = newTxn();
    const line: Line = { eventId: `~${txn}`, sender: this.desk.agent, at: Date.now(), body, fate: 'sending' };
    this.desk.change(() => desk.addLine(line));
    try {
      const eventId = await this.outgoing.send({ room: desk.room, type: 'm.room.message', content: { msgtype: 'm.text', body }, txn });
      const { fate: _fate, ...sent } = line;
      this.desk.change(() => desk.addLine({ ...sent, eventId }, line.eventId));
    } catch (error) {
      this.desk.change(() => desk.dropLine(line.eventId));
      throw error;
    }
  }

  /** The key of an act, as it is written beside its button; undefined when she has none. */
  keyOf(id: string): string | undefined {
    return this.acts.find((act) => act.id === id)?.keys[0];
  }

  /** Remembers what she changes of her settings, in each of her desks. Throws what will not pass by itself; then nothing has changed here. */
  async saveSettings(change: Partial<Settings>): Promise<void> {
    const { desk } = this;
    await Promise.all(
      desk.rooms.map(async (room) => {
        const { type, content } = settingsEvent(change, room.settings);
        const txn = newTxn();
        desk.change(() => room.chosen.set(`~${txn}`, change)); // what she changes next goes on from there
        try {
          await this.outgoing.send({ room: room.room, type, content, txn, change });
        } catch (error) {
          desk.change(() => room.chosen.drop(`~${txn}`));
          throw error;
        }
      }),
    );
  }

  /** What she changed of her settings may have waited for a line: what another screen has set meanwhile stays, the same in all her desks. */
  #contentOf(sending: Sending): unknown {
    const room = this.desk.room(sending.room);
    if (sending.change === undefined || room === undefined) return asDecided(sending);
    const said = this.desk.rooms.map(({ chosen }) => chosen.said).find((one) => one !== undefined);
    return settingsEvent(sending.change, room.chosen.before(`~${sending.txn}`, said)).content;
  }

  /** Goes further back in the thread. */
  async older(desk: DeskRoom): Promise<void> {
    if (desk.older === undefined) return;
    const { chunk, next } = await readOlder(this.#call, desk.room, desk.older);
    this.want(this.desk.change(() => desk.takeOlder(chunk, next)));
  }
}

const KEY = Symbol('live');
export const setLive = (live: Live): Live => setContext(KEY, live);
export const getLive = (): Live => getContext(KEY);

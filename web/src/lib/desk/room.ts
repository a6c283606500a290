/** One desk room as the page knows it: its events folded, believing only our bots and the desk's own agent. No DOM, no clock. */
import { mayBelieveEdit, mayBelieveItem, mayBelieveOutcome, mayBelieveState } from '#desk/access.ts';
import { dueDay } from '#desk/due.ts';
import {
  type Banner,
  type ConnectionHealth,
  EVENT,
  type MatrixEvent,
  readBanner,
  readConnection,
  readEdit,
  type ReadEdit,
  readItem,
  type ReadItem,
  readOutcome,
  readRedaction,
  readRequest,
  readSettings,
  readTool,
  type ReadTool,
} from '#desk/event.ts';
import type { Request } from '#desk/request.ts';
import { apply, isDeskAction, isOpen, NO_TRIAGE, type Triage } from '#desk/triage.ts';
import { type Act, actOf, askedByItem, decidedByItem, standingOf, type Told } from './acts.ts';
import { Chosen } from './chosen.ts';
import { isSameList } from './kept.ts';
import { lineOf } from './line.ts';
import { rename, settle, shownAt } from './requests.ts';
import type { Known, Line, RoomSnapshot, StoredRow } from './snapshot.ts';

/** Whose desk it is and where: what belief needs. */
export type Place = { agent: string; serverName: string };

/** What a batch of events brought that the page has to say or to ask. */
export type Effects = {
  /** Items never seen before, in order of arrival: announced. */
  arrived: string[];
  /** Items whose placement or triage has to be asked for. */
  wanted: string[];
  /** Requests to tools of which something new was said. */
  told: string[];
};

/** What a tool's numbers counted an item as when they were written. `day`: the one it is due by there. */
export type Counted = { open: boolean; urgent: boolean; day: string | undefined };

export class DeskRoom {
  readonly place: Place;
  readonly room: string;
  readonly organisationRoom: string;
  readonly organisation: string;
  readonly name: string;
  readonly timeZone: string;
  readonly marks: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly items = new Map<string, Known>();
  readonly tools = new Map<string, ReadTool>();
  readonly counted = new Map<string, Map<string, Counted>>();
  readonly health: Map<string, ConnectionHealth>;
  readonly banners: Map<string, Banner>;
  readonly told: Map<string, Told>; // what was said last stands last
  readonly chosen = new Chosen();
  lines: Line[];
  requests: Request[];
  next: string | null | undefined;
  older: string | undefined;
  latest: string | undefined;
  readonly #taken = new Set<string>();
  /** Requests that were taken back: their redaction, or a late answer to their sending, brings nothing new. */
  readonly #takenBack = new Set<string>();
  #asked: { requests: readonly Request[]; by: ReadonlyMap<string, readonly Request[]> } = { requests: [], by: new Map() };
  /** Decisions by the items they are about, of these very requests. */
  #decided: { requests: readonly Request[]; by: ReadonlyMap<string, readonly Request[]> } = { requests: [], by: new Map() };
  /** Triage and what it was folded from; lists ask for it many times a second. */
  readonly #folded = new WeakMap<Known, { from: readonly Request[]; triage: Triage }>();
  /** Requests from before the first paint: what they did to older items is inside those items' `base`. */
  readonly #before: ReadonlySet<string>;

  constructor(from: RoomSnapshot, place: Place, now: number) {
    this.place = place;
    this.room = from.room;
    this.organisationRoom = from.organisationRoom;
    this.organisation = from.organisation;
    this.name = from.name;
    this.timeZone = from.timeZone;
    this.marks = from.marks;
    this.labels = from.labels;
    this.lines = from.lines;
    this.requests = from.requests;
    this.next = from.next;
    this.older = from.older;
    this.latest = from.latest;
    this.told = new Map(Object.entries(from.told ?? {}));
    this.chosen.said = from.settings;
    this.#before = new Set(from.requests.map((request) => request.eventId));
    this.health = new Map(from.health.map((health) => [health.connection, health]));
    this.banners = new Map(from.banners.map((banner) => [banner.id, banner]));
    for (const known of from.items) this.items.set(known.eventId, known);
    for (const tool of from.tools) this.#takeTool(tool, now);
  }

  get settings(): Chosen['content'] {
    return this.chosen.content;
  }

  /** This room as the server sends it to the page. */
  snapshot(): RoomSnapshot {
    const { room, organisationRoom, organisation, name, timeZone, marks, labels, lines, requests, next, older, latest, settings } = this;
    return {
      room,
      organisationRoom,
      organisation,
      name,
      timeZone,
      marks,
      labels,
      lines,
      requests,
      next,
      older,
      latest,
      settings,
      told: Object.fromEntries(this.told),
      items: [...this.items.values()],
      tools: [...this.tools.values()],
      health: [...this.health.values()],
      banners: [...this.banners.values()],
    };
  }

  /** The triage of an item: what the store knew, and the agent's requests seen here folded on top, in room order. */
  triageOf(known: Known): Triage {
    const { requests } = this;
    if (this.#decided.requests !== requests) this.#decided = { requests, by: decidedByItem(requests) };
    const from = this.#decided.by.get(known.eventId) ?? NOTHING;
    const folded = this.#folded.get(known);
    if (folded && isSameList(folded.from, from)) return folded.triage;
    const triage = this.#fold(known, from);
    this.#folded.set(known, { from, triage });
    return triage;
  }

  #fold(known: Known, decisions: readonly Request[]): Triage {
    let triage = known.whole ? NO_TRIAGE : known.base;
    for (const request of decisions) {
      const kept = known.whole ? undefined : known.base.snoozedRevision;
      const revision = request.revision ?? request.shown?.[known.eventId] ?? kept ?? known.placement.revision;
      triage = apply(triage, request, { timeZone: this.timeZone, revision });
    }
    return triage;
  }

  /** What the agent asked the tool to do with it last, and what came of it. */
  actOf({ eventId, placement }: Known): Act | undefined {
    if (this.#asked.requests !== this.requests) this.#asked = { requests: this.requests, by: askedByItem(this.requests) };
    const request = standingOf(this.#asked.by.get(eventId), this.told);
    return actOf(placement, request, request && this.told.get(request.eventId));
  }

  /** Whether the item asks something of the agent now. */
  isOpen(known: Known, now: number): boolean {
    return !known.unsure && isOpen(known.placement, this.triageOf(known), now);
  }

  /** Takes the news of the desk room, in order. `now`: when the tools' numbers are compared with the rows. */
  take(news: { state: readonly MatrixEvent[]; timeline: readonly MatrixEvent[] }, now: number): Effects {
    const effects: Effects = { arrived: [], wanted: [], told: [] };
    for (const event of news.timeline) {
      if (event.state_key === undefined && !this.#taken.has(event.event_id)) this.#takeEvent(event, effects, now);
      this.#taken.add(event.event_id);
      this.latest = event.event_id;
    }
    for (const event of [...news.state, ...news.timeline]) if (event.state_key !== undefined) this.takeState(event, now, effects);
    return effects;
  }

  /** Takes a state event of the desk room or of its organisation room. */
  takeState(event: MatrixEvent, now: number, effects?: Effects): void {
    if (!mayBelieveState(event, this.place)) return;
    const tool = readTool(event);
    if (tool) {
      this.#takeTool(tool, now);
      effects?.wanted.push(...tool.first.map((one) => one.event_id).filter((eventId) => !this.items.has(eventId)));
    }
    const health = readConnection(event);
    if (health) this.health.set(health.connection, health);
    const banner = readBanner(event);
    if (banner) this.banners.set(banner.id, banner);
    else if (event.type === EVENT.banner) this.banners.delete(event.state_key ?? '');
  }

  /** Takes rows that were asked for: items outside the window, with their triage. */
  takeRows(rows: readonly StoredRow[], now: number): void {
    for (const row of rows) {
      const known = this.items.get(row.eventId);
      if (known && !known.unsure && known.whole) continue;
      const wasOpen = known && this.isOpen(known, now);
      const newer = known && known.placement.revision > row.placement.revision;
      this.items.set(row.eventId, {
        eventId: row.eventId,
        sender: known?.sender ?? '',
        at: known?.at ?? row.sentAt,
        placement: newer ? known.placement : row.placement,
        whole: false,
        base: row.triage,
        ...(known?.inThread && { inThread: true }),
      });
      if (!known || wasOpen !== this.isOpen(this.items.get(row.eventId) ?? known, now)) this.#countNow(row.eventId, now);
    }
  }

  /** Takes messages fetched one by one; nothing is known of their triage but what is in the window. */
  takeSingle(events: readonly MatrixEvent[], now: number): void {
    for (const event of events) {
      const item = this.#believed(event);
      if (!item || this.items.has(item.eventId)) continue;
      this.items.set(item.eventId, { ...item, whole: false, base: NO_TRIAGE });
      this.#countNow(item.eventId, now);
    }
  }

  /** Takes older events of the thread, newest first, as `/messages` gives them; gives the items whose triage is to be asked. */
  takeOlder(events: readonly MatrixEvent[], next: string | undefined): string[] {
    const lines: Line[] = [];
    const wanted: string[] = [];
    for (const event of events.toReversed()) {
      if (this.#taken.has(event.event_id) || event.state_key !== undefined) continue;
      this.#taken.add(event.event_id);
      const item = this.#believed(event);
      const known = item && this.items.get(item.eventId);
      if (known) this.items.set(known.eventId, { ...known, inThread: true });
      else if (item) {
        this.items.set(item.eventId, { ...item, whole: false, base: NO_TRIAGE, unsure: true, inThread: true });
        wanted.push(item.eventId);
      }
      const line = item ? undefined : this.#lineOf(event, lines);
      if (line) lines.push(line);
    }
    this.lines = [...lines, ...this.lines];
    this.older = next;
    return wanted;
  }

  #takeEvent(event: MatrixEvent, effects: Effects, now: number): void {
    const edit = readEdit(event);
    if (edit) {
      this.#takeEdit(edit, effects);
      return;
    }
    const item = this.#believed(event);
    if (item) {
      if (!this.items.has(item.eventId)) effects.arrived.push(item.eventId);
      this.items.set(item.eventId, { ...item, whole: true, base: NO_TRIAGE });
      return;
    }
    const local = this.#localOf(event);
    this.#takeOutcome(event, effects, now);
    const settings = readSettings(event);
    if (settings?.sender === this.place.agent) this.chosen.take(settings.content, local);
    const request = readRequest(event, { timeZone: this.timeZone });
    if (request && request.sender === this.place.agent) {
      if (local !== undefined) this.renameRequest(local, request.eventId);
      this.addRequest(request);
      this.requests = settle(this.requests, request.eventId, (told) => this.#taken.has(told) || this.#before.has(told));
      if (request.source !== 'reply') return; // what she typed is also said
    }
    const redaction = readRedaction(event);
    if (redaction) {
      this.#takeRedaction(redaction.redacts, effects);
      return;
    }
    const line = this.#lineOf(event);
    if (line) this.addLine(line, this.lines.some(({ eventId }) => eventId === local) ? local : line.eventId);
  }

  /** The name under which this page showed it before the homeserver had it, where it went out from here (spec: `transaction_id`). */
  #localOf({ event_id, unsigned }: MatrixEvent): string | undefined {
    const txn = unsigned?.['transaction_id'];
    if (typeof txn !== 'string') return undefined;
    if (this.#takenBack.has(`~${txn}`)) this.#takenBack.add(event_id);
    return `~${txn}`;
  }

  /** What is waited for ends by the page's clock: how long is left, the homeserver's two times say. */
  #takeOutcome(event: MatrixEvent, effects: Effects, now: number): void {
    const outcome = mayBelieveOutcome(event, this.place) ? readOutcome(event) : undefined;
    if (!outcome) return;
    const request = this.requests.find((one) => one.eventId === outcome.request);
    if (!request || isDeskAction(request.action)) {
      // A decision that does not count, or that she took back in words: her own event stands unchanged in the room.
      const isTalk = !request && this.lines.some((line) => line.eventId === outcome.request);
      if (outcome.outcome === 'refused' && !isTalk) this.#uncount(outcome.request, effects);
      return;
    }
    const { until, text, at } = outcome;
    // Called back: nothing came of it, so nothing is left of it.
    if (outcome.outcome === 'refused' && text === undefined) {
      this.takeBack(request.eventId);
      return;
    }
    const left = until === undefined ? {} : { until: now + Math.max(0, until - at) };
    this.told.delete(request.eventId);
    this.told.set(request.eventId, { outcome: outcome.outcome, at: now, ...left, ...(text !== undefined && { text }) });
    effects.told.push(request.eventId);
  }

  #believed(event: MatrixEvent): Omit<ReadItem, 'row'> | undefined {
    const item = readItem(event);
    if (!item || !mayBelieveItem(item, this.place)) return undefined;
    const { row: _row, ...read } = item;
    return read;
  }

  #takeEdit(edit: ReadEdit, effects: Effects): void {
    const known = this.items.get(edit.original);
    if (!known) return void effects.wanted.push(edit.original);
    const original = { sender: known.sender === '' ? edit.sender : known.sender, placement: known.placement };
    if (!mayBelieveEdit(edit, original, this.place) || known.placement.revision > edit.placement.revision) return;
    // What only an act was written on is as it was; of two edits that show the same, the earlier one moved it.
    const isMoved = known.placement.revision !== edit.placement.revision;
    const movedAt = isMoved ? edit.at : known.movedAt === undefined ? undefined : Math.min(known.movedAt, edit.at);
    this.items.set(edit.original, { ...known, placement: edit.placement, editedAt: edit.at, movedAt });
  }

  /** Puts a request of the agent behind the others; one that is already there (its own echo) is left. */
  addRequest(request: Request): void {
    if (this.#takenBack.has(request.eventId)) return;
    if (this.requests.some((one) => one.eventId === request.eventId)) return;
    this.requests = [...this.requests, request.revision === undefined ? { ...request, shown: shownAt(request, this.items) } : request];
  }

  /** What a tool was asked to do goes on until the desk bot says that it was called back in time. */
  #isAtTool(eventId: string): boolean {
    const request = this.requests.find((one) => one.eventId === eventId);
    return request !== undefined && !isDeskAction(request.action);
  }

  /** The homeserver has given the request its name; it may already have come back through the feed, and even be over. */
  renameRequest(from: string, eventId: string): void {
    this.requests = rename(this.requests, { from, to: eventId, isOver: this.#takenBack.has(eventId) });
  }

  /** The agent takes a request back. Its redaction, when it comes, is known already, but for what was before the first paint. */
  takeBack(eventId: string): void {
    this.dropRequest(eventId);
    if (!this.#before.has(eventId)) this.#takenBack.add(eventId);
  }

  dropRequest(eventId: string): void {
    this.requests = this.requests.filter((one) => one.eventId !== eventId);
  }

  /** Puts a line at the thread's end, or in the place of its own echo; what came twice stands once. */
  addLine(line: Line, instead = line.eventId): void {
    const rest = this.lines.filter((one) => one.eventId !== line.eventId || one.eventId === instead);
    const at = rest.findIndex((one) => one.eventId === instead);
    this.lines = at < 0 ? [...rest, line] : rest.with(at, line);
  }

  dropLine(eventId: string): void {
    this.lines = this.lines.filter((line) => line.eventId !== eventId);
  }

  #takeRedaction(redacts: string, effects: Effects): void {
    if (this.#takenBack.has(redacts) || this.#isAtTool(redacts)) return;
    this.dropLine(redacts);
    this.items.delete(redacts);
    this.#uncount(redacts, effects);
  }

  #uncount(eventId: string, effects: Effects): void {
    const request = this.requests.find((one) => one.eventId === eventId);
    this.dropRequest(eventId);
    if (request && !this.#before.has(eventId)) return;
    // It is inside the base of older items, or not known here at all: only the store can fold those anew.
    const older = [...this.items.values()].filter((known) => !known.whole).map((known) => known.eventId);
    effects.wanted.push(...(request ? request.items.filter((item) => older.includes(item)) : older.slice(0, 100)));
  }

  #lineOf(event: MatrixEvent, lines: readonly Line[] = this.lines): Line | undefined {
    const outcome = mayBelieveOutcome(event, this.place) ? readOutcome(event) : undefined;
    return lineOf(event, { outcome, lines, requests: this.requests });
  }

  #takeTool(tool: ReadTool, now: number): void {
    this.tools.set(tool.connection, tool);
    this.counted.set(tool.connection, new Map());
    for (const known of this.items.values()) if (known.placement.connection === tool.connection) this.#countNow(known.eventId, now);
  }

  #countNow(eventId: string, now: number): void {
    const known = this.items.get(eventId);
    if (!known) return;
    const { connection, severity, dueAt } = known.placement;
    const day = dueAt === undefined ? undefined : dueDay(dueAt, this.timeZone);
    this.counted.get(connection)?.set(eventId, { open: this.isOpen(known, now), urgent: severity === 'urgent', day });
  }
}

const NOTHING: readonly Request[] = [];

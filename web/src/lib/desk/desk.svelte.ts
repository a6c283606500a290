/** The whole desk as the page shows it: every desk room of the agent as one list. State only; no DOM, no network. */
import { GROUPS, compareRows } from '#desk/due.ts';
import { type Banner, type ConnectionHealth, type MatrixEvent, type ReadTool, settingsIn } from '#desk/event.ts';
import { isDeskAction, type Request } from '#desk/request.ts';
import { OWN } from '#desk/task.ts';
import type { Triage } from '#desk/triage.ts';
import { NONE, type Numbers, numbersOf, sum } from './numbers.ts';
import { DeskRoom, type Effects } from './room.ts';
import { Kept } from './kept.ts';
import { type Row, Rows, type Tool } from './rows.ts';
import type { Known, RoomSnapshot, Snapshot, StoredRow } from './snapshot.ts';

/** A tool's numbers, deadline and freshness. `worst`: the row whose deadline comes first. */
export type Indicator = {
  tool: Tool;
  desk: DeskRoom;
  numbers: Numbers;
  worst: Row | undefined;
  health: ConnectionHealth | undefined;
  tag: string | undefined;
};

/** What is new in one room, as a feed gives it. */
export type News = { room: string; state: readonly MatrixEvent[]; timeline: readonly MatrixEvent[] };

/** The groups of the list in its order, with what the agent herself put first and last. */
const LISTED = ['pinned', 'back', ...GROUPS, 'muted'] as const;
type Listed = (typeof LISTED)[number];

const CALLABLE_MS = 900_000; // an older request is not run any more
const STEP_MS = 10_000;

export class Desk {
  readonly agent: string;
  readonly name: string;
  readonly serverName: string;
  readonly rooms: readonly DeskRoom[];
  /** ms: moves by the page's clock, so that deadlines become late and what was put off comes back. */
  now = $state(0);
  /** ms, in steps: what words like « il y a 5 min » are said by, so that a hundred rows are not said anew with each event. */
  readonly clock = $derived(Math.floor(this.now / STEP_MS) * STEP_MS);
  #version = $state(0);
  readonly #maker = new Rows(toolOf);
  readonly #set = $derived.by(() => this.settings);
  readonly #mutes = $derived(settingsIn(this.#set).mutes);
  readonly #kept = { all: new Kept<Row>(), rows: new Kept<Row>(), aside: new Kept<Row>(), callable: new Kept<Row>() };
  readonly #all = $derived.by(() => this.#kept.all.keep(this.#allRows()));
  readonly #rows = $derived.by(() => this.#kept.rows.keep(this.#openRows()));
  readonly #aside = $derived.by(() => this.#kept.aside.keep(this.#asideRows()));
  readonly #callable = $derived.by(() => this.#kept.callable.keep(this.#callableRows()));
  readonly #indicators = $derived.by(() => this.#allIndicators());

  constructor(from: Snapshot) {
    this.agent = from.agent;
    this.name = from.name;
    this.serverName = from.serverName;
    this.now = from.now;
    this.rooms = from.rooms.map((room) => new DeskRoom(room, { agent: from.agent, serverName: from.serverName }, from.now));
  }

  /** Open rows of all desks in list order. */
  get rows(): readonly Row[] {
    return this.#rows;
  }

  get indicators(): readonly Indicator[] {
    return this.#indicators;
  }

  get numbers(): Numbers {
    return this.indicators.length === 0 ? NONE : sum(this.indicators.map((indicator) => indicator.numbers));
  }

  /** Rows in their groups, what she has pinned first, then what is back, what she has muted last, empty groups left out; only those that pass the filter. */
  groups(filter: (row: Row) => boolean = () => true): { group: Listed; rows: Row[] }[] {
    const all = new Map(LISTED.map((group) => [group, { group, rows: [] as Row[] }]));
    for (const row of this.rows.filter(filter)) {
      const { triage, muted, isBack, group } = row;
      all.get(triage.pinned ? 'pinned' : muted ? 'muted' : isBack ? 'back' : group)?.rows.push(row);
    }
    return [...all.values()].filter(({ rows }) => rows.length > 0);
  }

  /** What is set aside or put off and known here, latest first. */
  get asideRows(): readonly Row[] {
    return this.#aside;
  }

  /** How many are set aside or put off, as far as the tools' numbers and the page know. */
  get asideCount(): number {
    void this.#version;
    const said = this.rooms.flatMap((desk) => [...desk.tools.values()].map((tool) => tool.counts.aside)).reduce((a, b) => a + b, 0);
    return Math.max(said, this.asideRows.length);
  }

  /** The item by its message's event id, open or not. */
  find(eventId: string | null | undefined): Row | undefined {
    void this.#version;
    for (const desk of eventId ? this.rooms : []) {
      const known = desk.items.get(eventId ?? '');
      if (known) return this.#row(desk, known);
    }
    return undefined;
  }

  /** What was asked of tools and can still be called back, the latest last. */
  get callable(): readonly Row[] {
    return this.#callable;
  }

  /** The item that a request is about, the first of several. */
  findAsked(request: string): Row | undefined {
    const asked = this.rooms.flatMap((desk) => desk.requests).find((one) => one.eventId === request);
    return this.find(asked?.items[0]);
  }

  /** What the agent has set, as the wire has it: the same in all her desks. */
  get settings(): Readonly<Record<string, unknown>> | undefined {
    void this.#version;
    return this.rooms.map((desk) => desk.settings).find((settings) => settings !== undefined);
  }

  /** Announcements that run now, of all organisations. */
  get banners(): Banner[] {
    void this.#version;
    const all = this.rooms.flatMap((desk) => [...desk.banners.values()]);
    return all.filter(({ from, until, text }) => text !== '' && (from ?? 0) <= this.now && this.now < (until ?? Number.POSITIVE_INFINITY));
  }

  /** Nothing was ever here: no tool has written anything. */
  get isNew(): boolean {
    void this.#version;
    return this.rooms.every((desk) => desk.tools.size === 0 && desk.items.size === 0);
  }

  /** Where the list goes on; null when every open row is here, undefined when the store could not be asked. */
  get next(): string | null | undefined {
    void this.#version;
    return this.rooms.length === 0 ? null : this.rooms[0]?.next;
  }

  /** Tools that count more than is here, though everything was here: what was away before the page began has come back. */
  get short(): readonly ReadTool[] {
    return this.rooms.flatMap((desk) => {
      if (desk.next !== null) return [];
      const open = this.#openByTool(desk);
      return [...desk.tools.values()].filter(({ connection, counts }) => counts.open > (open.get(connection)?.length ?? 0));
    });
  }

  /** Runs a change of the rooms and lets everything that is shown follow. */
  change<T>(run: () => T): T {
    const result = run();
    this.#version += 1;
    return result;
  }

  room(id: string): DeskRoom | undefined {
    return this.rooms.find((desk) => desk.room === id);
  }

  /** The lines and requests of one desk, for the thread; read so that they follow changes. */
  watch(desk: DeskRoom): DeskRoom {
    void this.#version;
    return desk;
  }

  /** Takes the news of any room the desk is drawn from. */
  take(rooms: readonly News[], now: number): Effects {
    return this.change(() => {
      this.now = Math.max(this.now, now);
      const effects: Effects = { arrived: [], wanted: [], told: [] };
      for (const news of rooms) {
        for (const desk of this.rooms) {
          if (desk.organisationRoom === news.room) for (const event of [...news.state, ...news.timeline]) desk.takeState(event, now);
          if (desk.room !== news.room) continue;
          const one = desk.take(news, now);
          effects.arrived.push(...one.arrived);
          effects.wanted.push(...one.wanted);
          effects.told.push(...one.told);
        }
      }
      return effects;
    });
  }

  /** Takes rows that were asked for; `next`: where the list goes on after them, when they are the list's continuation. */
  takeRows(rows: readonly StoredRow[], next?: string | null): void {
    this.change(() => {
      for (const desk of this.rooms) {
        desk.takeRows(
          rows.filter((row) => row.room === desk.room),
          this.now,
        );
        if (next !== undefined) desk.next = next;
      }
    });
  }

  addRequest(desk: DeskRoom, request: Request): void {
    this.change(() => desk.addRequest(request));
  }

  #row(desk: DeskRoom, known: Known): Row {
    return this.#maker.make(desk, known, { now: this.now, mutes: this.#mutes, isTagged: this.rooms.length > 1 });
  }

  #allRows(): Row[] {
    void this.#version;
    return this.rooms.flatMap((desk) => [...desk.items.values()].map((known) => this.#row(desk, known)));
  }

  #asideRows(): Row[] {
    return this.#all
      .filter(({ isOpen, known, triage }) => !isOpen && !known.unsure && isWaiting(known) && (triage.aside || isPutOff(triage)))
      .sort((a, b) => b.known.at - a.known.at);
  }

  #callableRows(): Row[] {
    void this.#version;
    const asked = this.rooms.flatMap((desk) => desk.requests.filter(({ action }) => !isDeskAction(action)));
    const rows = asked.flatMap(({ items }) => items).flatMap((item) => this.find(item) ?? []);
    return [...new Map(rows.map((row) => [row.eventId, row])).values()]
      .filter(({ act }) => act?.isCallable === true && this.now - act.at < CALLABLE_MS)
      .sort((a, b) => (a.act?.at ?? 0) - (b.act?.at ?? 0));
  }

  #openRows(): Row[] {
    return this.#all.filter(({ isOpen }) => isOpen).sort(compareRows);
  }

  #openByTool(desk: DeskRoom): Map<string, Row[]> {
    const by = new Map<string, Row[]>();
    for (const row of this.rows) {
      if (row.desk !== desk) continue;
      const { connection } = row.tool;
      const rows = by.get(connection);
      if (rows) rows.push(row);
      else by.set(connection, [row]);
    }
    return by;
  }

  #allIndicators(): Indicator[] {
    void this.#version;
    return this.rooms.flatMap((desk) => {
      const open = this.#openByTool(desk);
      const named = new Set([...desk.tools.keys(), ...open.keys()]);
      const order = Object.keys(desk.labels); // the site's own order, from its configuration
      const connections = [...order.filter((id) => named.has(id)), ...[...named].filter((id) => !order.includes(id))];
      return connections.map((connection) => ({
        tool: toolOf(desk, connection, connection),
        desk,
        numbers: numbersOf(desk, connection, { now: this.now, deadlines: this.#maker.deadlines, open: open.get(connection) ?? [] }),
        worst: open.get(connection)?.find((row) => row.known.placement.dueAt !== undefined),
        health: desk.health.get(connection),
        tag: this.rooms.length > 1 ? desk.name : undefined,
      }));
    });
  }
}

function isWaiting(known: Known): boolean {
  return known.placement.state === 'todo' || known.placement.state === 'doing' || known.placement.state === 'waiting';
}

function isPutOff(triage: Triage): boolean {
  return triage.snoozedUntil !== undefined || triage.snoozedRevision !== undefined;
}

/** The tool's name and letters: the state's label, else the bot's id. */
export function toolOf(desk: DeskRoom, connection: string, bot: string): Tool {
  const said = desk.tools.get(connection);
  const label = said?.label ?? desk.labels[connection] ?? (bot === OWN.bot ? OWN.label : bot);
  const letters = label.replace(/[^\p{L}\p{N}]/gu, '').slice(0, 2);
  return { connection, label, url: said?.url, mark: desk.marks[connection] ?? letters.charAt(0).toUpperCase() + letters.slice(1) };
}

/** Used by the server, which sends the desk as it stands. */
export function emptyRoom(
  room: Pick<RoomSnapshot, 'room' | 'organisationRoom' | 'organisation' | 'name' | 'timeZone' | 'marks' | 'labels'>,
): RoomSnapshot {
  return { ...room, items: [], requests: [], lines: [], tools: [], health: [], banners: [] };
}

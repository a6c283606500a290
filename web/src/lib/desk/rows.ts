/**
 * Rows of the list, made anew only where something of them has changed: a desk may hold thousands, and each key asks for all of them.
 * What a deadline is on the clock there is read once.
 */
import { dueDay, dueMs, type Group } from '#desk/due.ts';
import type { ReadTool } from '#desk/event.ts';
import { type Mute, muteOf } from '#desk/mute.ts';
import { isClosed } from '#desk/placement.ts';
import { isBack, isOpen, type Triage } from '#desk/triage.ts';
import { addDays, dayOf, endOfDay, weekday } from '#desk/zone.ts';
import type { Act } from './acts.ts';
import type { DeskRoom } from './room.ts';
import type { Known } from './snapshot.ts';

/** One line of the list. `tag` names the organisation when the agent has several. */
export type Row = {
  eventId: string;
  desk: DeskRoom;
  known: Known;
  triage: Triage;
  /** It asks something of her now. */
  isOpen: boolean;
  /** It was set aside or put off: new again, and first of what she has not pinned. */
  isBack: boolean;
  group: Group;
  /** ms, when it is due. */
  dueMs: number | undefined;
  tool: Tool;
  tag: string | undefined;
  /** What was asked of the tool last. */
  act: Act | undefined;
  /** Why she does not want to hear of it. */
  muted: Mute | undefined;
};

/** The tool as the page names it. */
export type Tool = { connection: string; label: string; mark: string; url: string | undefined };

type Deadline = { ms: number; day: string };
/** The day it is there, that week's Sunday, and when (ms) the day is over. */
type Week = { now: number; timeZone: string; today: string; sunday: string; ends: number };

/** The groups of many deadlines at one moment; the same as `group` of #desk/due.ts. */
export class Deadlines {
  /** By zone, then as it is written. */
  readonly #known = new Map<string, Map<string, Deadline>>();
  #week: Week | undefined;

  of(due: string, timeZone: string): Deadline {
    let there = this.#known.get(timeZone);
    if (!there) this.#known.set(timeZone, (there = new Map<string, Deadline>()));
    let known = there.get(due);
    if (!known) there.set(due, (known = { ms: dueMs(due, timeZone), day: dueDay(due, timeZone) }));
    return known;
  }

  group(due: string | undefined, now: number, timeZone: string): Group {
    return this.groupOf(due === undefined ? undefined : this.of(due, timeZone), now, timeZone);
  }

  groupOf(deadline: Deadline | undefined, now: number, timeZone: string): Group {
    if (deadline === undefined) return 'undated';
    const { ms, day } = deadline;
    if (ms < now) return 'late';
    const { today, sunday } = this.#weekOf(now, timeZone);
    if (day === today) return 'today';
    return day <= sunday ? 'week' : 'later';
  }

  /** ms, until when it stays in its group. */
  changesAt(deadline: Deadline | undefined, now: number, timeZone: string): number {
    if (deadline === undefined || deadline.ms < now) return Number.POSITIVE_INFINITY;
    return Math.min(deadline.ms + 1, this.#weekOf(now, timeZone).ends);
  }

  #weekOf(now: number, timeZone: string): Week {
    if (this.#week?.now === now && this.#week.timeZone === timeZone) return this.#week;
    const today = dayOf(now, timeZone);
    this.#week = { now, timeZone, today, sunday: addDays(today, 7 - weekday(today)), ends: endOfDay(today, timeZone) + 1 };
    return this.#week;
  }
}

/** `isTagged`: the agent has several desks, so each row names its own. */
export type Making = { now: number; mutes: readonly Mute[]; isTagged: boolean };

type Named = { said: ReadTool | undefined; tool: Tool };
/** A row with all it was made of, and from when until when (ms) the clock changes nothing of it. */
type Made = {
  row: Row;
  deadline: Deadline | undefined;
  said: ReadTool | undefined;
  triage: Triage;
  act: Act | undefined;
  mutes: readonly Mute[];
  isTagged: boolean;
  from: number;
  until: number;
};

export class Rows {
  readonly deadlines = new Deadlines();
  readonly #toolOf: (desk: DeskRoom, connection: string, bot: string) => Tool;
  readonly #made = new Map<string, Made>();
  readonly #named = new Map<DeskRoom, Map<string, Named>>();

  constructor(toolOf: (desk: DeskRoom, connection: string, bot: string) => Tool) {
    this.#toolOf = toolOf;
  }

  /** The very same object as before when it would be equal. */
  make(desk: DeskRoom, known: Known, { now, mutes, isTagged }: Making): Row {
    const { placement } = known;
    const before = this.#made.get(known.eventId);
    const kept = before?.row.known === known && before.row.desk === desk ? before : undefined;
    const said = desk.tools.get(placement.connection);
    const { dueAt } = placement;
    const triage = desk.triageOf(known);
    const act = desk.actOf(known);
    if (kept && isStill(kept, { said, triage, act, mutes, isTagged }, now)) return kept.row;
    const deadline = kept ? kept.deadline : dueAt === undefined ? undefined : this.deadlines.of(dueAt, desk.timeZone);
    const back = !isClosed(placement) && isBack(triage, { revision: placement.revision, now });
    const row: Row = {
      eventId: known.eventId,
      desk,
      known,
      triage: back ? { ...triage, seen: false } : triage,
      isOpen: !known.unsure && isOpen(placement, triage, now),
      isBack: back,
      act,
      muted: mutes.length === 0 ? undefined : muteOf(placement, mutes),
      group: this.deadlines.groupOf(deadline, now, desk.timeZone),
      dueMs: deadline?.ms,
      tool: kept && kept.said === said ? kept.row.tool : this.#tool(desk, placement, said),
      tag: isTagged ? desk.name : undefined,
    };
    const same = before && isSame(before.row, row) ? before.row : row;
    const until = Math.min(this.deadlines.changesAt(deadline, now, desk.timeZone), later(triage.snoozedUntil, now));
    this.#made.set(known.eventId, { row: same, deadline, said, triage, act, mutes, isTagged, from: now, until });
    return same;
  }

  /** Tools are named anew by their state events alone, or by the bot's id as long as none has come. */
  #tool(desk: DeskRoom, { connection, bot }: Known['placement'], said: ReadTool | undefined): Tool {
    const key = `${connection} ${bot}`;
    const named = this.#named.get(desk) ?? new Map<string, Named>();
    this.#named.set(desk, named);
    const known = named.get(key);
    if (known && known.said === said) return known.tool;
    const tool = this.#toolOf(desk, connection, bot);
    const kept = known && isSameTool(known.tool, tool) ? known.tool : tool;
    named.set(key, { said, tool: kept });
    return kept;
  }
}

type Of = Pick<Made, 'said' | 'triage' | 'act' | 'mutes' | 'isTagged'>;

function isStill(made: Made, { said, triage, act, mutes, isTagged }: Of, now: number): boolean {
  const isSameMoment = made.from <= now && now < made.until;
  return (
    isSameMoment && made.said === said && made.triage === triage && made.act === act && made.mutes === mutes && made.isTagged === isTagged
  );
}

const later = (ms: number | undefined, now: number): number => (ms === undefined || ms <= now ? Number.POSITIVE_INFINITY : ms);

function isSame(before: Row, row: Row): boolean {
  return (
    before.known === row.known &&
    before.desk === row.desk &&
    before.tool === row.tool &&
    before.tag === row.tag &&
    before.group === row.group &&
    before.isOpen === row.isOpen &&
    before.isBack === row.isBack &&
    before.muted === row.muted &&
    isSameTriage(before.triage, row.triage) &&
    isSameAct(before.act, row.act)
  );
}

const isSameTool = (one: Tool, other: Tool): boolean => one.label === other.label && one.url === other.url && one.mark === other.mark;

function isSameTriage(one: Triage, other: Triage): boolean {
  return (
    one === other ||
    (one.seen === other.seen &&
      one.aside === other.aside &&
      one.pinned === other.pinned &&
      one.note === other.note &&
      one.snoozedUntil === other.snoozedUntil &&
      one.snoozedRevision === other.snoozedRevision)
  );
}

function isSameAct(one: Act | undefined, other: Act | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const isSameTold = one.told === other.told || (one.told?.outcome === other.told?.outcome && one.told?.at === other.told?.at);
  return isSameTold && one.request === other.request && one.label === other.label && one.isCallable === other.isCallable;
}

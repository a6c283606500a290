/**
 * The indicator: one small state per tool and desk, numbers only (DESIGN §3). What is late is computed by its reader, so
 * midnight writes nothing.
 */
import * as z from 'zod/mini';
import { without } from './fields.ts';
import { Day, Due, Slug, type Severity, type State } from './item.ts';
import { compareRows, dueDay, dueMs, isDay } from './due.ts';
import { isClosed } from './placement.ts';
import { cleanProse, jsonBytes } from './text.ts';
import { isOpen, type Triage } from './triage.ts';
import { dayOf, daysBetween, parseInstant } from './zone.ts';

const Count = z.int().check(z.nonnegative());

export const ToolState = z.object({
  v: z.literal(1),
  bot: Slug,
  label: z.string(),
  url: z.optional(z.string()),
  counts: z.object({ open: Count, urgent: Count, undated: Count, aside: Count }),
  due: z.record(Day, Count),
  before: Count,
  after: Count,
  first: z.array(z.object({ event_id: z.string(), dueAt: z.optional(Due), urgent: z.optional(z.literal(true)) })).check(z.maxLength(20)),
  more: Count,
});
export type ToolState = z.infer<typeof ToolState>;

/** A placement whose message is in the room, as the counting sees it. */
export type Counted = { eventId: string; state: State; revision: number; severity: Severity; dueAt?: string | undefined; triage: Triage };

const FIRST_MAX = 20;
const DATES_MAX = 60;
const BYTES_MAX = 4000; // a state is never purged: 4 KB, KB = 1,000 bytes
const LABEL_MAX = 60; // code points, as the configuration allows

/** The connection is the state's key, not part of its content. */
export type Indicating = { bot: string; connection?: string; label: string; url?: string | undefined; now: number; timeZone: string };

/** Counts: `due` + `before` + `after` + `undated` = `open`, and `first` + `more` = `open`; at most 4,000 bytes whatever ids come. */
export function toolState(rows: readonly Counted[], { bot, label, url, now, timeZone }: Indicating): ToolState {
  const open = rows.filter((row) => isOpen(row, row.triage, now));
  const aside = rows.filter((row) => !isClosed(row)).length - open.length;
  const days = open.flatMap((row) => (row.dueAt === undefined ? [] : [dueDay(row.dueAt, timeZone)]));
  const state: ToolState = {
    v: 1,
    bot,
    label: cleanProse(label, LABEL_MAX),
    ...(url !== undefined && { url }),
    counts: {
      open: open.length,
      urgent: open.filter((row) => row.severity === 'urgent').length,
      undated: open.length - days.length,
      aside,
    },
    ...countDays(days, dayOf(now, timeZone)),
    first: firstRows(open, timeZone),
    more: 0,
  };
  return fit(state);
}

/** The dates nearest to today stay apart (of two as near, the coming one); all earlier and all later ones are summed. */
function countDays(days: readonly string[], today: string): Pick<ToolState, 'due' | 'before' | 'after'> {
  const perDay = new Map<string, number>();
  for (const day of days) perDay.set(day, (perDay.get(day) ?? 0) + 1);
  const nearest = [...perDay.keys()].sort((a, b) => nearness(a, today) - nearness(b, today) || (a < b ? 1 : -1));
  const kept = nearest.slice(0, DATES_MAX).sort();
  const apart = new Set(kept);
  const first = kept[0] ?? today;
  const due: Record<string, number> = {};
  for (const day of kept) due[day] = perDay.get(day) ?? 0;
  const summed = days.filter((day) => !apart.has(day));
  const before = summed.filter((day) => day < first).length;
  return { due, before, after: summed.length - before };
}

function nearness(day: string, today: string): number {
  return Math.abs(daysBetween(today, day));
}

function firstRows(open: readonly Counted[], timeZone: string): ToolState['first'] {
  return open
    .map((row) => ({ row, eventId: row.eventId, dueMs: row.dueAt === undefined ? undefined : dueMs(row.dueAt, timeZone) }))
    .sort(compareRows)
    .slice(0, FIRST_MAX)
    .map(({ row }) => ({
      event_id: row.eventId,
      ...(row.dueAt !== undefined && { dueAt: compact(row.dueAt) }),
      ...(row.severity === 'urgent' && { urgent: true as const }),
    }));
}

/** The shortest way to write the same deadline: instants in UTC, to the second. */
function compact(due: string): string {
  if (isDay(due)) return due;
  const short = `${new Date(parseInstant(due)).toISOString().slice(0, 19)}Z`;
  return Due.safeParse(short).success ? short : due; // an offset can lead out of the years 0000 to 9999
}

/** Long ids (old room versions: 255 bytes) or a long link: fewer first rows; without the link when even that is not enough. */
function fit(state: ToolState): ToolState {
  let fitted = { ...state, more: state.counts.open - state.first.length };
  while (jsonBytes(fitted) > BYTES_MAX && fitted.first.length > 0) {
    const first = fitted.first.slice(0, -1);
    fitted = { ...fitted, first, more: fitted.counts.open - first.length };
  }
  if (jsonBytes(fitted) <= BYTES_MAX || state.url === undefined) return fitted;
  return fit(without(state, 'url'));
}

/**
 * The true numbers of a tool: what its state in the room says, corrected by what the page has seen since; or, when the page
 * has every open row, those rows. Pure.
 */
import type { ReadTool } from '#desk/event.ts';
import type { Group } from '#desk/due.ts';
import type { DeskRoom } from './room.ts';
import type { Deadlines, Row } from './rows.ts';

export type Numbers = Record<Group, number> & { open: number; urgent: number };

export const NONE: Numbers = { late: 0, today: 0, week: 0, later: 0, undated: 0, open: 0, urgent: 0 };

/** Sums, and never below zero: numbers written at different moments may disagree for a second. */
export function sum(all: readonly Numbers[]): Numbers {
  const total = { ...NONE };
  for (const one of all) for (const key of KEYS) total[key] += one[key];
  return total;
}
const KEYS = ['late', 'today', 'week', 'later', 'undated', 'open', 'urgent'] as const;

/** When it is counted. */
export type At = { now: number; deadlines: Deadlines };

/** The numbers of one connection in one desk room; `open`: its open rows that the page knows. */
export function numbersOf(desk: DeskRoom, connection: string, { open, ...at }: At & { open: readonly Row[] }): Numbers {
  const numbers = { ...NONE };
  const tool = desk.tools.get(connection);
  const whole = desk.next === null;
  if (tool && !whole) countState(numbers, desk, tool, at);
  for (const { group, known } of open) add(numbers, group, known.placement.severity === 'urgent', 1);
  for (const key of KEYS) numbers[key] = Math.max(0, numbers[key]);
  return numbers;
}

function add(numbers: Numbers, group: Group, urgent: boolean, n: number): void {
  numbers[group] += n;
  numbers.open += n;
  if (urgent) numbers.urgent += n;
}

/** What the state counted, without the items the page knows: those are counted as they stand now. */
function countState(numbers: Numbers, desk: DeskRoom, tool: ReadTool, { now, deadlines }: At): void {
  for (const [day, n] of Object.entries(tool.due)) numbers[deadlines.group(day, now, desk.timeZone)] += n;
  numbers.late += tool.before;
  numbers.later += tool.after;
  numbers.undated += tool.counts.undated;
  numbers.open += tool.counts.open;
  numbers.urgent += tool.counts.urgent;
  for (const counted of desk.counted.get(tool.connection)?.values() ?? []) {
    if (counted.open) add(numbers, deadlines.group(counted.day, now, desk.timeZone), counted.urgent, -1);
  }
}

/**
 * Wall clocks of time zones, by the browser's and Node's own tables (Intl). Days are `YYYY-MM-DD`, instants milliseconds.
 */
import { tzOffset } from '@date-fns/tz/tzOffset';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Days are written with four digits of year, so instants further out are read as these. */
const FIRST_MS = Date.parse('0000-01-02T00:00:00Z');
const LAST_MS = Date.parse('9999-12-30T00:00:00Z');

const QUARTER_MS = 15 * MINUTE_MS;
const MOST_QUARTERS = 4000;
/** Offsets by zone and quarter of an hour: since 1970 none has changed within one, and a list asks for thousands at a time. */
const offsets = new Map<string, number>();

/** What to add to an instant to read its wall clock as if it were UTC. A zone this machine does not know counts as UTC. */
function offsetMs(ms: number, timeZone: string): number {
  if (!(ms >= 0)) return askOffset(ms, timeZone);
  const quarter = Math.floor(ms / QUARTER_MS);
  const name = `${timeZone} ${quarter}`;
  let offset = offsets.get(name);
  if (offset === undefined) {
    if (offsets.size >= MOST_QUARTERS) offsets.clear();
    offsets.set(name, (offset = askOffset(quarter * QUARTER_MS, timeZone)));
  }
  return offset;
}

function askOffset(ms: number, timeZone: string): number {
  return (tzOffset(timeZone, new Date(ms)) || 0) * MINUTE_MS;
}

/** An RFC 3339 instant in ms; a leap second is the second after :59, which JavaScript cannot read itself. */
export function parseInstant(text: string): number {
  const leap = text.slice(17, 19) === '60';
  const ms = Date.parse(leap ? `${text.slice(0, 17)}59${text.slice(19)}` : text);
  return leap ? ms + 1000 : ms;
}

/** The day it is there at that instant. */
export function dayOf(ms: number, timeZone: string): string {
  const within = Math.min(Math.max(ms, FIRST_MS), LAST_MS);
  return new Date(within + offsetMs(within, timeZone)).toISOString().slice(0, 10);
}

/** The hour and minute a clock on the wall shows there at that instant. */
export function clockOf(ms: number, timeZone: string): { hour: number; minute: number } {
  const wall = new Date(ms + offsetMs(ms, timeZone));
  return { hour: wall.getUTCHours(), minute: wall.getUTCMinutes() };
}

/**
 * The instant at which the wall clock there shows this day and hour. An hour that comes twice (autumn) is its first
 * coming; one that never comes (spring) is the instant of the change, or as long after it.
 */
export function atWall(day: string, hour: number, timeZone: string): number {
  const wall = Date.parse(`${day}T00:00:00Z`) + hour * HOUR_MS;
  const byOffsetBefore = wall - offsetMs(wall - DAY_MS, timeZone);
  const byOffsetAfter = wall - offsetMs(wall + DAY_MS, timeZone);
  const shows = (ms: number): boolean => ms + offsetMs(ms, timeZone) === wall;
  return shows(byOffsetBefore) || !shows(byOffsetAfter) ? byOffsetBefore : byOffsetAfter;
}

/** The day `count` days later (earlier when negative). */
export function addDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * DAY_MS).toISOString().slice(0, 10);
}

/** Whole days from one day to another, as the calendar counts them. */
export function daysBetween(from: string, to: string): number {
  return (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS;
}

/** 1 is Monday, 7 is Sunday (ISO 8601). */
export function weekday(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
}

/** The last millisecond of that day there: 23 or 25 hours after its start when the clocks change. */
export function endOfDay(day: string, timeZone: string): number {
  return atWall(addDays(day, 1), 0, timeZone) - 1;
}

const MORNING_HOUR = 9;

/** The next 9:00 there, Monday to Friday, strictly after `now`. Public holidays are not known here. */
export function nextWorkingMorning(now: number, timeZone: string): number {
  const today = dayOf(now, timeZone);
  for (let ahead = 0; ahead < 4; ahead += 1) {
    const day = addDays(today, ahead);
    const morning = atWall(day, MORNING_HOUR, timeZone);
    if (weekday(day) <= 5 && morning > now) return morning;
  }
  return atWall(addDays(today, 4), MORNING_HOUR, timeZone);
}

/** 9:00 of that day there: when something put off to a day comes back. */
export function morningOf(day: string, timeZone: string): number {
  return atWall(day, MORNING_HOUR, timeZone);
}

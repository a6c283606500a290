/**
 * Deadlines: an instant, or a day that means its end in the organisation's time zone (overseas too). A day is late only
 * once it is over.
 */
import { Day } from './item.ts';
import { addDays, clockOf, dayOf, daysBetween, endOfDay, parseInstant, weekday } from './zone.ts';

const WEEKDAY = new Intl.DateTimeFormat('fr-FR', { weekday: 'long', timeZone: 'UTC' }); // slow to make: 6 % of the relay's time
const MONTH = new Intl.DateTimeFormat('fr-FR', { month: 'long', timeZone: 'UTC' });

/** The groups of the list, in its order. */
export const GROUPS = ['late', 'today', 'week', 'later', 'undated'] as const;
export type Group = (typeof GROUPS)[number];

const NBSP = '\u00a0';

const DAY_LENGTH = 10;

/** Tells a day (`2026-11-27`) from an instant. */
export function isDay(due: string): boolean {
  return due.length === DAY_LENGTH && Day.safeParse(due).success;
}

type Deadline = { ms: number; day: string };

const MOST_READ = 4000;
/** Deadlines by zone and text: a list reads each of its thousands several times whenever something changes. */
const deadlines = new Map<string, Deadline>();

function readDue(due: string, timeZone: string): Deadline {
  const name = `${timeZone} ${due}`;
  let read = deadlines.get(name);
  if (read === undefined) {
    if (deadlines.size >= MOST_READ) deadlines.clear();
    const ms = isDay(due) ? endOfDay(due, timeZone) : parseInstant(due);
    deadlines.set(name, (read = { ms, day: isDay(due) ? due : dayOf(ms, timeZone) }));
  }
  return read;
}

/** When it is over, in ms: an instant as it is, a day as its last millisecond in that zone. */
export function dueMs(due: string, timeZone: string): number {
  return readDue(due, timeZone).ms;
}

/** The day it falls on in that zone. */
export function dueDay(due: string, timeZone: string): string {
  return readDue(due, timeZone).day;
}

/** The group of the list it stands in now; `week` lasts until the end of Sunday. */
export function group(due: string | undefined, now: number, timeZone: string): Group {
  if (due === undefined) return 'undated';
  const { ms, day } = readDue(due, timeZone);
  if (ms < now) return 'late';
  const today = dayOf(now, timeZone);
  if (day === today) return 'today';
  return day <= sundayOf(today) ? 'week' : 'later';
}

let week = { today: '', sunday: '' }; // of whoever asked last: the same day thousands of times

function sundayOf(today: string): string {
  if (week.today !== today) week = { today, sunday: addDays(today, 7 - weekday(today)) };
  return week.sunday;
}

/** What the order of the list looks at: `dueMs` is absent when there is no deadline. */
export type Ordered = { eventId: string; dueMs?: number | undefined };

/** The list order: by deadline, undated last, equal ones by event id (compared as ASCII: `collate "C"` in the store). */
export function compareRows(a: Ordered, b: Ordered): number {
  const apart = (a.dueMs ?? Number.POSITIVE_INFINITY) - (b.dueMs ?? Number.POSITIVE_INFINITY);
  if (apart < 0 || apart > 0) return apart; // both undated: NaN
  return a.eventId < b.eventId ? -1 : Number(a.eventId > b.eventId);
}

/** Days after which « depuis … jours » says less than the date. */
const LONG_AGO_DAYS = 30;

/** A deadline as a colleague would say it now: « hier 17:00 », « depuis 2 jours », « 14:00 », « demain », « vendredi », « 4 décembre ». */
export function sayDue(due: string, now: number, timeZone: string): string {
  const day = dueDay(due, timeZone);
  const today = dayOf(now, timeZone);
  const away = daysBetween(today, day);
  const hour = isDay(due) ? undefined : sayHour(parseInstant(due), timeZone);
  if (away === 0) return hour ?? 'aujourd’hui';
  if (away === -1) return join('hier', hour);
  if (away === 1) return join('demain', hour);
  if (away < -LONG_AGO_DAYS) return `depuis le ${sayDate(day, today)}`;
  if (away < 0) return `depuis ${-away}${NBSP}jours`;
  return away < 7 ? nameOf(day, WEEKDAY) : sayDate(day, today);
}

function join(word: string, hour: string | undefined): string {
  return hour === undefined ? word : `${word} ${hour}`;
}

function sayHour(ms: number, timeZone: string): string {
  const { hour, minute } = clockOf(ms, timeZone);
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

function sayDate(day: string, today: string): string {
  return writeDay(day, { today, weekday: false });
}

/** A day in letters: « vendredi 27 novembre », with its year when that is not today's. The first is « 1er ». */
export function writeDay(day: string, { today, weekday: named = true }: { today: string; weekday?: boolean }): string {
  const number = Number(day.slice(8));
  const words = [
    named ? nameOf(day, WEEKDAY) : '',
    number === 1 ? '1er' : String(number),
    nameOf(day, MONTH),
    day.slice(0, 4) === today.slice(0, 4) ? '' : String(Number(day.slice(0, 4))),
  ];
  return words.filter((word) => word !== '').join(' ');
}

/** An instant in letters, for what stays written: « vendredi 27 novembre à 17 h 30 ». */
export function writeInstant(ms: number, { timeZone, now }: { timeZone: string; now: number }): string {
  return `${writeDay(dayOf(ms, timeZone), { today: dayOf(now, timeZone) })} à ${writeHour(ms, timeZone)}`;
}

/** « 9 h », « 17 h 30 ». */
export function writeHour(ms: number, timeZone: string): string {
  const { hour, minute } = clockOf(ms, timeZone);
  return minute === 0 ? `${hour}${NBSP}h` : `${hour}${NBSP}h${NBSP}${String(minute).padStart(2, '0')}`;
}

/** A deadline for what stays written: « avant vendredi 27 novembre à 17 h », « au plus tard vendredi 27 novembre ». */
export function writeDue(due: string, { timeZone, now }: { timeZone: string; now: number }): string {
  if (!isDay(due)) return `avant ${writeInstant(parseInstant(due), { timeZone, now })}`;
  return `au plus tard ${writeDay(due, { today: dayOf(now, timeZone) })}`;
}

const nameOf = (day: string, part: Intl.DateTimeFormat): string => part.format(new Date(`${day}T12:00:00Z`));

/**
 * What repeats (RFC 5545, RRULE): the occurrences of an event within a span of time, by the rules that calendars make for
 * meetings. A rule of another sort is said to be unreadable rather than read wrongly.
 */
import { addDays, clockOf, dayOf, daysBetween, weekday } from '#desk/zone.ts';
import { type Component, type Property, valueIn, whenOf, zoneOf } from './ical.ts';

type Rule = {
  freq: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';
  interval: number;
  count: number | undefined;
  until: Property | undefined;
  byDay: readonly { nth: number; day: number }[];
  byMonthDay: readonly number[];
  byMonth: readonly number[];
  bySetPos: readonly number[];
  /** 1 is Monday: from there on weeks are counted. */
  weekStart: number;
};

const KNOWN = ['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'BYDAY', 'BYMONTHDAY', 'BYMONTH', 'BYSETPOS', 'WKST'];
const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const LONGEST_DAYS = 40 * 366; // of what is counted from its beginning

/** `DTSTART` as it would stand in each occurrence from one instant (ms) to another; undefined for a rule of another sort. */
export function occurrencesOf(
  component: Component,
  { from, to, timeZone }: { from: number; to: number; timeZone: string },
): string[] | undefined {
  const start = component.get('DTSTART')?.[0];
  const rule = readRule(valueIn(component, 'RRULE'));
  if (start === undefined || whenOf(start, timeZone) === undefined || rule === undefined) return undefined;
  const at = (value: string): number => Date.parse(whenOf({ ...start, value }, timeZone) ?? '');
  const without = listed(component.get('EXDATE'));
  const isWithin = (value: string): boolean => at(value) >= from && at(value) <= to;
  const found = [...starts(rule, { start, at, from, to, timeZone })];
  const more = listed(component.get('RDATE')).map(({ value }) => value.split('/')[0] ?? '');
  const isOut = (value: string): boolean => without.some((one) => writtenAs(start, one, timeZone) === value);
  return [...new Set([...found, ...more])].filter((value) => isWithin(value) && !isOut(value));
}

/** What properties list, each by itself. */
export function listed(properties: readonly Property[] | undefined): Property[] {
  return (properties ?? []).flatMap(({ value, zone }) => value.split(',').map((one) => ({ value: one.trim(), zone })));
}

/**
 * An occurrence that EXDATE or RECURRENCE-ID names, as it is written beside DTSTART: servers name it in UTC, in another zone,
 * or by its day alone. Undefined for what is no date.
 */
export function writtenAs(start: Property, one: Property, timeZone: string): string | undefined {
  const when = whenOf(one, timeZone);
  if (when === undefined) return undefined;
  const [isUtc, isDay] = [/z$/i.test(start.value), start.value.length === 8];
  if (one.value.length === 8) return isDay ? one.value : one.value + start.value.slice(8);
  if (isDay) return dashless(/z$/i.test(one.value) ? dayOf(Date.parse(when), timeZone) : dashed(one.value));
  if (isUtc) return `${when.slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  const [ms, zone] = [Date.parse(when), zoneOf(start.zone, timeZone)];
  const { hour, minute } = clockOf(ms, zone);
  return `${dashless(dayOf(ms, zone))}T${two(hour)}${two(minute)}${when.slice(17, 19)}`;
}

type Span = { start: Property; at: (value: string) => number; from: number; to: number; timeZone: string };

function* starts(rule: Rule, { start, at, from, to, timeZone }: Span): Generator<string> {
  const [first, time] = [dashed(start.value), start.value.slice(8)];
  const until = rule.until && Date.parse(whenOf(rule.until, timeZone) ?? '') + (rule.until.value.length === 8 ? 86_399_999 : 0);
  // Without a count nothing before the span matters.
  const skipped = rule.count === undefined ? Math.max(0, Math.floor((from - at(start.value)) / 86_400_000) - 1) : 0;
  for (let n = skipped, count = 0; n < skipped + LONGEST_DAYS; n += 1) {
    const day = addDays(first, n);
    const value = day.replaceAll('-', '') + time;
    if (at(value) > to || (until !== undefined && at(value) > until)) return;
    if (n > 0 && !isOn(rule, first, day)) continue; // the first one counts, whatever the rule says
    count += 1;
    if (rule.count !== undefined && count > rule.count) return;
    yield value;
  }
}

function isOn(rule: Rule, first: string, day: string): boolean {
  const { freq, interval, byMonth } = rule;
  const [year, month] = numbers(day);
  const [firstYear, firstMonth] = numbers(first);
  if (byMonth.length > 0 && !byMonth.includes(month)) return false;
  switch (freq) {
    case 'DAILY':
      return daysBetween(first, day) % interval === 0 && isNamed(rule, day, true);
    case 'WEEKLY':
      return isNamed(rule, day, weekday(day) === weekday(first)) && weeksBetween(rule, first, day) % interval === 0;
    case 'MONTHLY':
      return ((year - firstYear) * 12 + month - firstMonth) % interval === 0 && isInMonth(rule, first, day);
    case 'YEARLY':
      return (year - firstYear) % interval === 0 && (byMonth.length > 0 || month === firstMonth) && isInMonth(rule, first, day);
  }
}

function isInMonth(rule: Rule, first: string, day: string): boolean {
  const isIn = (one: string): boolean => isNamed(rule, one, one.slice(8) === first.slice(8));
  if (rule.bySetPos.length === 0 || !isIn(day)) return isIn(day);
  const all = Array.from({ length: lastOf(day) }, (_, n) => `${day.slice(0, 8)}${String(n + 1).padStart(2, '0')}`).filter(isIn);
  return rule.bySetPos.some((place) => all.at(place > 0 ? place - 1 : place) === day);
}

/** By the rule's days of the week and of the month; `otherwise` when it names none. */
function isNamed({ byDay, byMonthDay }: Rule, day: string, otherwise: boolean): boolean {
  if (byDay.length === 0 && byMonthDay.length === 0) return otherwise;
  const [date, last] = [Number(day.slice(8)), lastOf(day)];
  const isNth = (nth: number): boolean => nth === 0 || (nth > 0 ? Math.ceil(date / 7) === nth : Math.ceil((last - date + 1) / 7) === -nth);
  const isDay = byDay.length === 0 || byDay.some((one) => one.day === weekday(day) && isNth(one.nth));
  return isDay && (byMonthDay.length === 0 || byMonthDay.includes(date) || byMonthDay.includes(date - last - 1));
}

function readRule(text: string | undefined): Rule | undefined {
  const parts = new Map(
    (text ?? '')
      .toUpperCase()
      .split(';')
      .map((part): [string, string] => [part.split('=')[0] ?? '', part.split('=')[1] ?? '']),
  );
  const freq = (['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const).find((one) => one === parts.get('FREQ'));
  const list = (name: string): string[] => (parts.get(name) ?? '').split(',').filter((one) => one !== '');
  const [interval, count] = [Number(parts.get('INTERVAL') ?? 1), parts.has('COUNT') ? Number(parts.get('COUNT')) : undefined];
  const byDay = list('BYDAY').map((one) => ({ nth: Number.parseInt(one, 10) || 0, day: DAYS.indexOf(one.slice(-2)) + 1 }));
  const [byMonthDay, byMonth, bySetPos] = [list('BYMONTHDAY').map(Number), list('BYMONTH').map(Number), list('BYSETPOS').map(Number)];
  const weekStart = DAYS.indexOf(parts.get('WKST') ?? 'MO') + 1;
  const isKnown = [...parts.keys()].every((name) => KNOWN.includes(name)) && weekStart > 0;
  const isWhole = [interval, count ?? 1, ...byMonthDay, ...byMonth, ...bySetPos].every((one) => Number.isSafeInteger(one) && one !== 0);
  // « The 20th Monday of the year », and places in a week or a year.
  const isOdd = (freq === 'YEARLY' && byMonth.length === 0 && byDay.length > 0) || (bySetPos.length > 0 && freq !== 'MONTHLY');
  if (freq === undefined || !isKnown || !isWhole || isOdd || interval < 1 || byDay.some(({ day }) => day === 0)) return undefined;
  const until = parts.has('UNTIL') ? { value: parts.get('UNTIL') ?? '', zone: undefined } : undefined;
  return { freq, interval, count, until, byDay, byMonthDay, byMonth, bySetPos, weekStart };
}

const numbers = (day: string): [year: number, month: number] => [Number(day.slice(0, 4)), Number(day.slice(5, 7))];
const dashed = (value: string): string => `${value.slice(0, 4)}-${value.slice(4, 6)}-${value.slice(6, 8)}`;
const dashless = (day: string): string => day.replaceAll('-', '');
const two = (count: number): string => String(count).padStart(2, '0');
const weeksBetween = ({ weekStart }: Rule, first: string, day: string): number => {
  const startOf = (one: string): string => addDays(one, -((weekday(one) - weekStart + 7) % 7));
  return daysBetween(startOf(first), startOf(day)) / 7;
};
const lastOf = (day: string): number => new Date(Date.UTC(...monthAfter(day), 0)).getUTCDate();
const monthAfter = (day: string): [number, number] => numbers(day);

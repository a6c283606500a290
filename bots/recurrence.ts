/**
 * What repeats (RFC 5545, RRULE): the occurrences of an event within a span of time. `rrule-temporal` counts them, on wall clocks:
 * as if the zone were UTC, so that a zone of the calendar's own is like any other. What it would pass over in a rule (`BYEASTER`, a
 * thirteenth month) is looked for here: a rule is said to be unreadable rather than read wrongly.
 */
import { RRuleTemporal } from 'rrule-temporal';
import { DAY_MS, dayOf } from '#desk/zone.ts';
import { type Component, type Property, valueIn, whenOf } from './ical.ts';
import { wallOf, type Zones } from './ical-zone.ts';

export type Span = { from: number; to: number };

/** Of what a feed shows of one series; more is no use to anybody (`FREQ=HOURLY`). `rrule-temporal` has bounds of its own, and throws. */
const MOST = 300;
const MOST_DATES = 10_000; // that a series lists
const FIRST_YEAR = '1900'; // what began before is counted for seconds
const LONGEST_RULE = 1000;

/** `DTSTART` as it would stand in each occurrence from one instant (ms) to another; undefined for a rule that cannot be read. */
export function occurrencesOf(component: Component, { from, to, zones }: Span & { zones: Zones }): string[] | undefined {
  const start = component.get('DTSTART')?.[0];
  if (start === undefined || whenOf(start, zones) === undefined || start.value < FIRST_YEAR) return undefined;
  const [out, more] = [listed(component.get('EXDATE')), listed(component.get('RDATE'))];
  if (out.length + more.length > MOST_DATES) return undefined;
  const at = (value: string): number => Date.parse(whenOf({ ...start, value }, zones) ?? '');
  const span = { from: from - DAY_MS, to: to + DAY_MS };
  const found = component.has('RRULE') ? byRule(valueIn(component, 'RRULE'), { start, zones, ...span }) : [start.value];
  if (found === undefined) return undefined;
  const added = more.map((one) => writtenAs(start, { ...one, value: one.value.split('/')[0] ?? '' }, zones));
  const gone = new Set(out.map((one) => writtenAs(start, one, zones)));
  const isWithin = (value: string): boolean => at(value) >= from && at(value) <= to;
  const all = [...new Set([...found, ...added])]
    .filter((value) => value !== undefined)
    .filter((value) => isWithin(value) && !gone.has(value));
  return all.length > MOST ? undefined : all;
}

/** What properties list, each by itself. */
export function listed(properties: readonly Property[] | undefined): Property[] {
  return (properties ?? []).flatMap(({ value, zone }) => value.split(',').map((one) => ({ value: one.trim(), zone })));
}

/**
 * An occurrence that EXDATE or RECURRENCE-ID names, as it is written beside DTSTART: servers name it in UTC, in another zone,
 * or by its day alone. Undefined for what is no date.
 */
export function writtenAs(start: Property, one: Property, zones: Zones): string | undefined {
  const when = whenOf(one, zones);
  if (when === undefined) return undefined;
  const [isUtc, isDay] = [/z$/i.test(start.value), start.value.length === 8];
  if (one.value.length === 8) return isDay ? one.value : one.value + start.value.slice(8);
  if (isDay) return /z$/i.test(one.value) ? dashless(dayOf(Date.parse(when), zones.timeZone)) : one.value.slice(0, 8);
  if (isUtc) return `${when.slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  const { day, hour, minute } = wallOf(Date.parse(when), start.zone, zones);
  return `${dashless(day)}T${two(hour)}${two(minute)}${when.slice(17, 19)}`;
}

/** By the rule alone, as written beside `start`; the first one is there and counts, whatever the rule says. */
export function byRule(
  text: string | undefined,
  { start, zones, from, to }: Span & { start: Property; zones: Zones },
): string[] | undefined {
  const parts = readRule(text);
  const until = parts?.get('UNTIL');
  const last = until && lastOf(start, { value: until, zone: start.zone }, zones);
  if (parts === undefined || (until !== undefined && last === undefined)) return undefined;
  if (last !== undefined) parts.set('UNTIL', last);
  const written = (ms: number): string => `${basic(ms)}${/z$/i.test(start.value) ? 'Z' : ''}`.slice(0, start.value.length);
  try {
    const first = Date.parse(dashed(asUtc(start.value)));
    const isOdd = fallsOn(parts, start, { from: first, to: first }).length === 0;
    // Not by `includeDtstart`, which counts one by one from there: a hundred times slower.
    if (isOdd && parts.has('COUNT')) parts.set('COUNT', String(Number(parts.get('COUNT')) - 1));
    return [...new Set([first, ...fallsOn(parts, start, { from, to })].map(written))];
  } catch {
    return undefined; // more work than it is worth, or what the checks below let through
  }
}

function fallsOn(parts: ReadonlyMap<string, string>, start: Property, { from, to }: Span): number[] {
  const rule = [...parts].map(([name, value]) => `${name}=${value}`).join(';');
  const rruleString = `DTSTART:${asUtc(start.value)}\nRRULE:${rule}`;
  const found = new RRuleTemporal({ rruleString, cache: false }).between(new Date(from), new Date(to), true);
  return found.map(({ epochMilliseconds }) => epochMilliseconds);
}

/** The last instant that a rule admits; a day is that whole day. */
function lastOf(start: Property, until: Property, zones: Zones): string | undefined {
  const written = writtenAs(start, until, zones);
  return written && (until.value.length === 8 ? `${written.slice(0, 8)}T235959Z` : asUtc(written));
}

const NUMBERS = /^[+-]?\d{1,3}(,[+-]?\d{1,3})*$/;
const DAY = '(MO|TU|WE|TH|FR|SA|SU)';
const NAMED = `[+-]?\\d{0,2}${DAY}`;
const FORMS: Readonly<Record<string, RegExp>> = {
  FREQ: /^(HOUR|DAI|WEEK|MONTH|YEAR)LY$/,
  INTERVAL: /^0*[1-9]\d{0,8}$/,
  COUNT: /^0*[1-9]\d{0,8}$/,
  UNTIL: /^\d{8}(T\d{6}Z?)?$/,
  BYSECOND: NUMBERS,
  BYMINUTE: NUMBERS,
  BYHOUR: NUMBERS,
  BYMONTHDAY: NUMBERS,
  BYYEARDAY: NUMBERS,
  BYWEEKNO: NUMBERS,
  BYMONTH: NUMBERS,
  BYSETPOS: NUMBERS,
  BYDAY: new RegExp(`^${NAMED}(,${NAMED})*$`),
  WKST: new RegExp(`^${DAY}$`),
};
/** From which number to which, as far as below none. */
const RANGES: Readonly<Record<string, readonly [from: number, to: number]>> = {
  BYSECOND: [0, 60],
  BYMINUTE: [0, 59],
  BYHOUR: [0, 23],
  BYMONTH: [1, 12],
  BYMONTHDAY: [-31, 31],
  BYYEARDAY: [-366, 366],
  BYWEEKNO: [-53, 53],
  BYSETPOS: [-366, 366],
};
const TIMES = ['BYHOUR', 'BYMINUTE', 'BYSECOND'];
const MOST_TIMES = 24; // of one day
/** The RFC forbids them there, and they take seconds to count. */
const NOT_WEEKLY = ['BYMONTHDAY', 'BYYEARDAY', 'BYWEEKNO'];

function readRule(text = ''): Map<string, string> | undefined {
  const written = text.length > LONGEST_RULE ? [] : text.toUpperCase().replaceAll(/\s/g, '').split(';').filter(Boolean);
  const parts = new Map(written.map((part): [string, string] => [part.split('=')[0] ?? '', part.split('=')[1] ?? '']));
  const isGood = [...parts].every(([name, value]) => FORMS[name]?.test(value) === true && isInRange(name, value));
  const times = TIMES.map((name) => new Set(parts.get(name)?.split(',')).size || 1).reduce((all, one) => all * one, 1);
  if (parts.get('FREQ') === 'WEEKLY' && NOT_WEEKLY.some((name) => parts.has(name))) return undefined;
  return isGood && parts.has('FREQ') && parts.size === written.length && times <= MOST_TIMES ? parts : undefined;
}

function isInRange(name: string, value: string): boolean {
  const [from, to] = RANGES[name] ?? [];
  if (from === undefined || to === undefined) return true;
  return value.split(',').every((one) => Number(one) >= from && Number(one) <= to && (Number(one) !== 0 || from === 0));
}

const basic = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
const asUtc = (value: string): string => `${value.slice(0, 8)}T${/T(\d{6})/i.exec(value)?.[1] ?? '000000'}Z`;
const dashed = (value: string): string => value.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)/, '$1-$2-$3T$4:$5:');
const dashless = (day: string): string => day.replaceAll('-', '');
const two = (count: number): string => String(count).padStart(2, '0');

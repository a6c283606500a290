/**
 * Dates as people and their spreadsheets write them in France: `27/11/2026`, `27.11.26 14h30`, « 1er décembre 2026 », the
 * day number of a sheet. A clock time is that of the wall in the organisation's zone.
 */
import { Day, Instant } from '#desk/item.ts';
import { addDays, atWall, MINUTE_MS } from '#desk/zone.ts';
import { instantFrom } from './when.ts';

/** Nothing in it: no date. `unreadable`: no form we know; `impossible`: a form we know, but no such day or hour. */
export type Written = { at?: string } | { fault: 'unreadable' | 'impossible' };

const MONTHS = ['janv', 'fevr', 'mars', 'avri', 'mai', 'juin', 'juil', 'aout', 'sept', 'octo', 'nove', 'dece'];
const SHEET_EPOCH = '1899-12-30'; // day 0 of a sheet, by the fault that all of them share
const YEARS = { first: 1970, last: 2098 };
/** What exports write where there is no date: zeros, words, the first day of a counter, a year that nobody will see. */
const NEVER = [
  /^0+([/.-]0+){2}/,
  /^(-+|n\/?a|neant|sans)$/,
  /^(0?1[/.-]0?1[/.-]1900|1900-01-01)/,
  /^(\d\d[/.-]){2}(2[1-9]|[3-9]\d)\d\d/,
  /^(2[1-9]|[3-9]\d)\d\d-\d\d-\d\d/,
  /^(31[/.-]12[/.-]2099|2099-12-31)/,
];
const TIME = /(?:[ t]|,? a )(\d{1,2})(?::|h| h ?)(\d{2})?(?::(\d{2}))?(?:[.,]\d+)?$/;

/** A moment, or a day when no hour is written. */
export function readFrenchDate(text: string, timeZone: string): Written {
  const said = text.normalize('NFKD').replace(/\p{M}/gu, '').replace(/\s+/gu, ' ').trim().toLowerCase();
  const rfc = said.toUpperCase().replace(/^(\d{4}-\d\d-\d\d) (?=\d\d:)/, '$1T');
  const instant = instantFrom(rfc.replace(/(:\d\d(?:\.\d+)?[+-]\d\d)$/, '$1:00')); // PostgreSQL's exports leave them out
  if (said === '' || isNever(said)) return {};
  if (instant !== undefined) return { at: instant };
  const time = TIME.exec(said);
  const day = readDay(time === null ? said : said.slice(0, time.index));
  if (day === undefined) return { fault: 'unreadable' };
  if (!Day.safeParse(day).success || !isProbable(day)) return { fault: 'impossible' };
  return time === null ? { at: day } : atClock(day, time, timeZone);
}

/** A deadline: midnight is how exports write a day. */
export function readFrenchDeadline(text: string, timeZone: string): Written {
  return readFrenchDate(text.replace(/[ T](à )?0?0[:h]00(:00)?(\.0+)?\s*$/, ''), timeZone);
}

function isNever(said: string): boolean {
  return NEVER.some((pattern) => pattern.test(said));
}

function isProbable(day: string): boolean {
  const year = Number(day.slice(0, 4));
  return year >= YEARS.first && year <= YEARS.last;
}

/** As `YYYY-MM-DD`, which need not be in the calendar; undefined for another form. */
function readDay(said: string): string | undefined {
  const [, first, second, year] = /^(?:[a-z]+\.? )?(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})$/.exec(said) ?? [];
  if (first !== undefined) return written(fullYear(year ?? ''), second, first);
  const [, isoYear, isoMonth, isoDay] = /^(\d{4})[/.-]?(\d{1,2})[/.-]?(\d{1,2})$/.exec(said) ?? [];
  if (isoYear !== undefined && (said.length === 8 || /[/.-]/.test(said))) return written(isoYear, isoMonth, isoDay);
  if (/^[2-7]\d{4}([.,]\d+)?$/.test(said)) return addDays(SHEET_EPOCH, Math.floor(Number(said.replace(',', '.'))));
  const [, day, month = '', wordYear] = /^(?:[a-z]+\.? )?(\d{1,2})(?:er)?[ /-]([a-z]+)\.?[ /-](\d{4}|\d{2})$/.exec(said) ?? [];
  const index = MONTHS.findIndex((name) => month.length > 2 && (name.startsWith(month.slice(0, 4)) || month.startsWith(name)));
  return day === undefined || index < 0 ? undefined : written(fullYear(wordYear ?? ''), String(index + 1), day);
}

function written(year = '', month = '', day = ''): string {
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

function fullYear(year: string): string {
  return year.length === 4 ? year : `${Number(year) < 80 ? '20' : '19'}${year}`;
}

function atClock(day: string, [, hour = '', minute = '0', second = '0']: RegExpExecArray, timeZone: string): Written {
  const [hours, minutes, seconds] = [Number(hour), Number(minute), Number(second)];
  const isClock = (hours < 24 && minutes < 60 && seconds < 60) || (hours === 24 && minutes + seconds === 0);
  if (!isClock) return { fault: 'impossible' };
  const at = new Date(atWall(day, hours, timeZone) + minutes * MINUTE_MS + seconds * 1000).toISOString();
  return Instant.safeParse(at).success ? { at } : { fault: 'impossible' };
}

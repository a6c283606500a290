/** iCalendar (RFC 5545) as calendar servers really write it: components, their properties, and when they say it is. Pure. */
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#desk/zone.ts';
import { instantOf, type Zones } from './ical-zone.ts';

export type Property = { value: string; zone: string | undefined };
export type Component = ReadonlyMap<string, readonly Property[]>;
/** What a calendar holds, each as text: its events and tasks, and the zones that it defines itself. */
export type Calendar = { components: string[]; zones: string[] };

const LIMIT = /^(BEGIN|END):(VEVENT|VTODO|VTIMEZONE)[ \t]*\r?$/gim;
/** To its end, or further: what holds calendars back says so below them (Podio's `X-COMMENT:Cached from …`). */
const WHOLE = /^BEGIN:VCALENDAR[^]*END:VCALENDAR(\s*\nX-.*)*$/i;

/**
 * Undefined for half a calendar, or half an event within one, whose end must not look like what is over. Lines are put together before they are decoded, since
 * some servers fold within a character; each component is decoded for itself.
 */
export function readCalendar(calendar: Uint8Array): Calendar | undefined {
  const bytes = Buffer.from(calendar).toString('latin1').replace(/^ï»¿/, '');
  const lines = bytes.replace(/\r+\n?/g, '\n'); // some write \r alone, or twice
  const text = lines.replace(/\n[ \t]/g, '').trim();
  if (!WHOLE.test(text)) return undefined;
  const found: Calendar = { components: [], zones: [] };
  let open: { name: string; from: number } | undefined;
  for (const { 0: line, 1: end = '', 2: written = '', index } of text.matchAll(LIMIT)) {
    const name = written.toUpperCase();
    if (end.toUpperCase() === 'BEGIN') {
      if (open !== undefined) return undefined;
      open = { name, from: index };
    } else if (open?.name === name) {
      const component = decode(Buffer.from(text.slice(open.from, index + line.length), 'latin1'));
      (name === 'VTIMEZONE' ? found.zones : found.components).push(component);
      open = undefined;
    }
  }
  return open === undefined ? found : undefined;
}

/** What is not UTF-8 is Windows-1252, in which every byte is something. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

const COMPONENT = /^(V|X-|STANDARD|DAYLIGHT)[A-Z-]*\s*$/i; // « Begin: 9 h » is text that broke out of its line

/** Unfolded lines by their names, in capitals. What stands in an alarm inside is not the event's. */
export function readComponent(ics: string): Component {
  const found = new Map<string, Property[]>();
  let depth = 0;
  for (const line of ics.replace(/\r?\n[ \t]/g, '').split(/\r?\n/)) {
    const [, name = '', parameters = '', value = ''] = /^([A-Z-]+)((?:;(?:[^:";]|"[^"]*")*)*):(.*)$/i.exec(line) ?? [];
    const key = name.toUpperCase();
    if (key === 'BEGIN' && COMPONENT.test(value)) depth += 1;
    else if (key === 'END' && COMPONENT.test(value)) depth -= 1;
    else if (key !== '' && depth === 1) {
      const property = propertyOf(parameters, value.trim());
      const before = found.get(key);
      if (before === undefined) found.set(key, [property]);
      else before.push(property);
    }
  }
  return found;
}

/** Exchange writes names of zones with colons without quoting them (`TZID=tzone://Microsoft/Custom:20261127T090000`). */
function propertyOf(parameters: string, value: string): Property {
  const [, quoted, plain] = /;TZID=(?:"([^"]*)"|([^;]*))/i.exec(parameters) ?? [];
  const [, more, date] = plain === undefined ? [] : (/^(.*):(\d{8}[^:]*)$/.exec(value) ?? []);
  return more === undefined || date === undefined ? { value, zone: quoted ?? plain } : { value: date, zone: `${plain ?? ''}:${more}` };
}

/** The first of a name, as it is written; undefined when it is empty. */
export function valueIn(component: Component, name: string): string | undefined {
  return component.get(name)?.[0]?.value || undefined;
}

/** Where one joins it by the web: one may do so by telephone too (RFC 7986), and Google and Microsoft have names of their own for it. */
export function joinUrlIn(component: Component): string | undefined {
  const names = ['CONFERENCE', 'X-GOOGLE-CONFERENCE', 'X-MICROSOFT-SKYPETEAMSMEETINGURL'];
  const all = names.flatMap((name) => component.get(name) ?? []);
  return all.find(({ value }) => /^https?:/i.test(value))?.value;
}

/** `\n`, `\,` and `\;` are one character each; of `\\n` only the first two are. */
export function plainText(text: string): string {
  return text.replaceAll(/\\([\\;,nN])/g, (_, mark: string) => (/n/i.test(mark) ? ' ' : mark)).trim();
}

/** A day, or an instant: in UTC, in the zone named, else in the organisation's. Undefined for what is no date. */
export function whenOf(property: Property | undefined, zones: Zones): string | undefined {
  const [, year = '', month = '', day = '', time, hour = '0', minute = '0', second = '0', utc] =
    /^(\d{4})(\d\d)(\d\d)(T(\d\d)(\d\d)(\d\d)(Z)?)?$/i.exec(property?.value ?? '') ?? [];
  const date = `${year}-${month}-${day}`;
  const midnight = Date.parse(`${date}T00:00:00Z`);
  if (property === undefined || Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(date)) return undefined;
  if (time === undefined) return date;
  const [hours, minutes, seconds] = [Number(hour), Number(minute), Number(second)];
  if (hours > 23 || minutes > 59 || seconds > 60) return undefined;
  const start = utc === undefined ? instantOf({ day: date, hour: hours }, property.zone, zones) : midnight + hours * HOUR_MS;
  return new Date(start + minutes * MINUTE_MS + seconds * 1000).toISOString();
}

/** Of what lasts: `P1D`, `PT1H30M`, `P2W`. */
export function lengthMs(duration: string | undefined): number | undefined {
  const [whole, weeks, days, hours, minutes, seconds] =
    /^\+?P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?$/i.exec(duration ?? '') ?? [];
  if (whole === undefined || whole.length < 3) return undefined;
  const of = (count: string | undefined, ms: number): number => Number(count ?? 0) * ms;
  return of(weeks, 7 * DAY_MS) + of(days, DAY_MS) + of(hours, HOUR_MS) + of(minutes, MINUTE_MS) + of(seconds, 1000);
}

/** Or that of an occurrence, as DTSTART would stand in it. */
export function startOf(component: Component, zones: Zones, at?: string): string | undefined {
  const start = component.get('DTSTART')?.[0];
  return whenOf(start && { ...start, value: at ?? start.value }, zones);
}

/** When it (or an occurrence of it) is over, ms. A day without an end is that whole day; undefined without any date. */
export function endOf(component: Component, zones: Zones, at?: string): number | undefined {
  const [own, start] = [startOf(component, zones), startOf(component, zones, at)];
  if (own === undefined || start === undefined) return undefined;
  const ends = Date.parse(whenOf(component.get('DTEND')?.[0], zones) ?? '') - Date.parse(own);
  const byDefault = start.includes('T') ? 0 : DAY_MS;
  const length = Number.isNaN(ends) ? (lengthMs(valueIn(component, 'DURATION')) ?? byDefault) : ends;
  // A day is one in the organisation's zone: hours later than in UTC in America, earlier in the Pacific.
  return Date.parse(start) + Math.max(length, 0) + (start.includes('T') ? 0 : DAY_MS / 2);
}

/** iCalendar (RFC 5545) as calendar servers really write it: components, their properties, and when they say it is. Pure. */
import { HOUR_MS, DAY_MS, atWall, MINUTE_MS } from '#desk/zone.ts';

export type Property = { value: string; zone: string | undefined };
export type Component = ReadonlyMap<string, readonly Property[]>;

const COMPONENT = /^BEGIN:(VEVENT|VTODO)[ \t]*\r?\n[^]*?^END:\1\s*$/gim;

/**
 * The events and tasks of a calendar, as text; undefined for half a calendar, whose end must not look like what is over.
 * Lines are put together before they are decoded, since some servers fold within a character; each component is decoded for itself.
 */
export function componentsOf(calendar: Uint8Array): string[] | undefined {
  const bytes = Buffer.from(calendar).toString('latin1').replace(/^ï»¿/, '');
  const text = bytes.replace(/\r?\n[ \t]/g, '').trim();
  if (!/^BEGIN:VCALENDAR/i.test(text) || !/END:VCALENDAR$/i.test(text)) return undefined;
  return (text.match(COMPONENT) ?? []).map((component) => decode(Buffer.from(component, 'latin1')));
}

/** What is not UTF-8 is Windows-1252, in which every byte is something. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** Unfolded lines by their names, in capitals. What stands in an alarm inside is not the event's. */
export function readComponent(ics: string): Component {
  const lines = ics
    .replace(/\r?\n[ \t]/g, '')
    .replace(/^BEGIN:VALARM[^]*?^END:VALARM\s*$/gim, '')
    .split(/\r?\n/);
  const found = new Map<string, Property[]>();
  for (const line of lines) {
    const [, name = '', parameters = '', value = ''] = /^([A-Z-]+)((?:;(?:[^:";]|"[^"]*")*)*):(.*)$/i.exec(line) ?? [];
    const zone = /;TZID=(?:"([^"]*)"|([^;]*))/i.exec(parameters);
    const all = found.get(name.toUpperCase()) ?? [];
    if (name !== '') found.set(name.toUpperCase(), [...all, { value: value.trim(), zone: zone?.[1] ?? zone?.[2] }]);
  }
  return found;
}

/** The first of a name, as it is written; undefined when it is empty. */
export function valueIn(component: Component, name: string): string | undefined {
  return component.get(name)?.[0]?.value || undefined;
}

/** `\n`, `\,` and `\;` are one character each; of `\\n` only the first two are. */
export function plainText(text: string): string {
  return text.replaceAll(/\\([\\;,nN])/g, (_, mark: string) => (/n/i.test(mark) ? ' ' : mark)).trim();
}

/** A day, or an instant: in UTC, in the zone named, else in the organisation's. Undefined for what is no date. */
export function whenOf(property: Property | undefined, timeZone: string): string | undefined {
  const [, year = '', month = '', day = '', time, hour = '0', minute = '0', second = '0', utc] =
    /^(\d{4})(\d\d)(\d\d)(T(\d\d)(\d\d)(\d\d)(Z)?)?$/i.exec(property?.value ?? '') ?? [];
  const date = `${year}-${month}-${day}`;
  const midnight = Date.parse(`${date}T00:00:00Z`);
  if (property === undefined || Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(date)) return undefined;
  if (time === undefined) return date;
  const [hours, minutes, seconds] = [Number(hour), Number(minute), Number(second)];
  if (hours > 23 || minutes > 59 || seconds > 60) return undefined;
  const start = utc === undefined ? atWall(date, hours, zoneOf(property.zone, timeZone)) : midnight + hours * HOUR_MS;
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

/** Names that Windows has for where our organisations are; the others are rarely met. */
const WINDOWS: Readonly<Record<string, string>> = {
  ...{ 'romance standard time': 'Europe/Paris', 'w. europe standard time': 'Europe/Berlin', 'gmt standard time': 'Europe/London' },
  ...{ 'central europe standard time': 'Europe/Budapest', 'mauritius standard time': 'Indian/Reunion', utc: 'UTC' },
  ...{ 'sa western standard time': 'America/Martinique', 'central pacific standard time': 'Pacific/Noumea' },
  ...{ 'e. africa standard time': 'Indian/Mayotte', 'sa eastern standard time': 'America/Cayenne' },
  ...{ 'saint pierre standard time': 'America/Miquelon', 'hawaiian standard time': 'Pacific/Tahiti', 'utc+12': 'Pacific/Wallis' },
  ...{
    'central european standard time': 'Europe/Warsaw',
    'e. europe standard time': 'Europe/Chisinau',
    'gtb standard time': 'Europe/Athens',
  },
  ...{ 'fle standard time': 'Europe/Kiev', 'greenwich standard time': 'Africa/Abidjan', 'morocco standard time': 'Africa/Casablanca' },
  ...{
    'w. central africa standard time': 'Africa/Algiers',
    'turkey standard time': 'Europe/Istanbul',
    'russian standard time': 'Europe/Moscow',
  },
  ...{
    'eastern standard time': 'America/New_York',
    'central standard time': 'America/Chicago',
    'pacific standard time': 'America/Los_Angeles',
  },
  ...{ 'atlantic standard time': 'America/Halifax', 'marquesas standard time': 'Pacific/Marquesas' },
};

/** Also with a path before it (`/freeassociation.sourceforge.net/Europe/Paris`). A zone that nobody knows is the organisation's. */
export function zoneOf(name: string | undefined, timeZone: string): string {
  const said = name?.trim() ?? '';
  const names = [said, WINDOWS[said.toLowerCase()], said.split('/').slice(-2).join('/'), said.split('/').slice(-3).join('/')];
  return names.find((one) => one !== undefined && isZone(one)) ?? timeZone;
}

const known = new Map<string, boolean>();

function isZone(name: string): boolean {
  const before = known.get(name);
  if (before !== undefined || name === '') return before ?? false;
  let isGood = true;
  try {
    new Intl.DateTimeFormat('fr', { timeZone: name });
  } catch {
    isGood = false;
  }
  if (known.size < MOST_NAMES) known.set(name, isGood);
  return isGood;
}

const MOST_NAMES = 1000; // feeds may name what they like

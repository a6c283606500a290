/**
 * Time zones as calendars name them: by their own name, by that of Windows, or by one that the calendar defines itself (RFC 5545,
 * VTIMEZONE), read in `ical-vtimezone.ts`. Pure.
 */
import { atWall, clockOf, dayOf, DAY_MS, HOUR_MS, MINUTE_MS } from '#desk/zone.ts';

/** Minutes east of UTC from each instant (ms) on; the first also before. */
export type Offsets = readonly (readonly [fromMs: number, minutes: number])[];
/** `timeZone`: the organisation's, of what names none. `own`: what the calendar defines, by names that nobody else knows. */
export type Zones = { timeZone: string; own?: Readonly<Record<string, Offsets>> | undefined };

/** The instant (ms) at which its clock shows this hour; one that comes twice is its first coming. */
export function instantOf({ day, hour }: { day: string; hour: number }, name: string | undefined, zones: Zones): number {
  const offsets = ownOffsets(name, zones);
  if (offsets === undefined) return atWall(day, hour, zoneOf(name, zones.timeZone));
  const wall = Date.parse(`${day}T00:00:00Z`) + hour * HOUR_MS;
  const [before, after] = [wall - DAY_MS, wall + DAY_MS].map((ms) => wall - offsetAt(ms, offsets));
  return [before, after].find((ms) => ms !== undefined && ms + offsetAt(ms, offsets) === wall) ?? before ?? wall;
}

/** What its clock shows at that instant (ms). */
export function wallOf(ms: number, name: string | undefined, zones: Zones): { day: string; hour: number; minute: number } {
  const offsets = ownOffsets(name, zones);
  const [at, zone] = offsets === undefined ? [ms, zoneOf(name, zones.timeZone)] : [ms + offsetAt(ms, offsets), 'UTC'];
  return { day: dayOf(at, zone), ...clockOf(at, zone) };
}

function ownOffsets(name: string | undefined, { own }: Zones): Offsets | undefined {
  return name === undefined || own === undefined || !Object.hasOwn(own, name.trim()) ? undefined : own[name.trim()];
}

function offsetAt(ms: number, offsets: Offsets): number {
  const [, minutes = 0] = offsets.findLast(([from]) => from <= ms) ?? offsets[0] ?? [];
  return minutes * MINUTE_MS;
}

/** Names that Windows has for where our organisations are; the others are rarely met. */
const WINDOWS: Readonly<Record<string, string>> = {
  'romance standard time': 'Europe/Paris',
  'w. europe standard time': 'Europe/Berlin',
  'gmt standard time': 'Europe/London',
  'central europe standard time': 'Europe/Budapest',
  'mauritius standard time': 'Indian/Reunion',
  utc: 'UTC',
  'sa western standard time': 'America/Martinique',
  'central pacific standard time': 'Pacific/Noumea',
  'e. africa standard time': 'Indian/Mayotte',
  'sa eastern standard time': 'America/Cayenne',
  'saint pierre standard time': 'America/Miquelon',
  'hawaiian standard time': 'Pacific/Tahiti',
  'utc+12': 'Pacific/Wallis',
  'central european standard time': 'Europe/Warsaw',
  'e. europe standard time': 'Europe/Chisinau',
  'gtb standard time': 'Europe/Athens',
  'fle standard time': 'Europe/Kiev',
  'greenwich standard time': 'Africa/Abidjan',
  'morocco standard time': 'Africa/Casablanca',
  'w. central africa standard time': 'Africa/Algiers',
  'turkey standard time': 'Europe/Istanbul',
  'russian standard time': 'Europe/Moscow',
  'eastern standard time': 'America/New_York',
  'central standard time': 'America/Chicago',
  'pacific standard time': 'America/Los_Angeles',
  'atlantic standard time': 'America/Halifax',
  'marquesas standard time': 'Pacific/Marquesas',
};

/** Also with a path before it (`/freeassociation.sourceforge.net/Europe/Paris`). A zone that nobody knows is the organisation's. */
export function zoneOf(name: string | undefined, timeZone: string): string {
  return knownZone(name) ?? timeZone;
}

/** Undefined for a name that neither Intl nor Windows knows. */
export function knownZone(name: string | undefined): string | undefined {
  const said = name?.trim() ?? '';
  const names = [said, WINDOWS[said.toLowerCase()], said.split('/').slice(-2).join('/'), said.split('/').slice(-3).join('/')];
  return names.find((one) => one !== undefined && isZone(one));
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

/** Instants as French people write them, in the organisation's time zone. */
import { addDays, clockOf, dayOf } from '#desk/zone.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

/** Intl formats are slow to make and the desk uses each of them hundreds of times. */
function format(name: string, zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${name} ${zone}`;
  let found = formats.get(key);
  if (!found) formats.set(key, (found = new Intl.DateTimeFormat('fr-FR', { ...options, timeZone: zone })));
  return found;
}

/** « 8 h 31 », with no-break spaces. */
export function hour(ms: number, zone: string): string {
  const { hour, minute } = clockOf(ms, zone);
  return `${hour}\u00a0h\u00a0${String(minute).padStart(2, '0')}`;
}

/** « 08:31 », for columns. */
export function clock(ms: number, zone: string): string {
  const { hour, minute } = clockOf(ms, zone);
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

/** « jeudi 26 novembre ». */
export function dayName(ms: number, zone: string): string {
  return format('day', zone, { weekday: 'long', day: 'numeric', month: 'long' }).format(ms);
}

/** « jeudi 26 novembre 2026 à 8 h 31 »: the full date, for focus and print. */
export function full(ms: number, zone: string): string {
  return `${format('full', zone, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(ms)} à ${hour(ms, zone)}`;
}

const isYesterday = (ms: number, now: number, zone: string) => dayOf(ms, zone) === addDays(dayOf(now, zone), -1);
const isToday = (ms: number, now: number, zone: string) => dayOf(ms, zone) === dayOf(now, zone);

/** « à l’instant », « il y a 20 min », « à 8 h 10 », « hier à 17 h 00 », « le 18 novembre ». */
export function ago(ms: number, now: number, zone: string): string {
  const minutes = Math.floor((now - ms) / 60_000);
  if (minutes < 1) return 'à l’instant';
  if (minutes < 60) return `il y a ${minutes}\u00a0min`;
  if (isToday(ms, now, zone)) return `à ${hour(ms, zone)}`;
  if (isYesterday(ms, now, zone)) return `hier à ${hour(ms, zone)}`;
  return `le ${format('short', zone, { day: 'numeric', month: 'long' }).format(ms)}`;
}

/** « mer. 11:32 » within a week, « 18 nov. » before. */
export function logTime(ms: number, now: number, zone: string): string {
  if (isToday(ms, now, zone)) return clock(ms, zone);
  if (now - ms < 6 * 86_400_000) return `${format('week', zone, { weekday: 'short' }).format(ms)} ${clock(ms, zone)}`;
  return format('month', zone, { day: 'numeric', month: 'short' }).format(ms);
}

/** « 8 h 10 » today, « hier », « le 18 novembre »: after « sans nouvelle depuis ». */
export function since(ms: number, now: number, zone: string): string {
  if (isToday(ms, now, zone)) return hour(ms, zone);
  if (isYesterday(ms, now, zone)) return `hier ${hour(ms, zone)}`;
  return `le ${format('short', zone, { day: 'numeric', month: 'long' }).format(ms)}`;
}

/** « Aujourd’hui », « Hier », « Jeudi 26 novembre »: between the days of a conversation. */
export function dayLabel(ms: number, now: number, zone: string): string {
  if (isToday(ms, now, zone)) return 'Aujourd’hui';
  if (isYesterday(ms, now, zone)) return 'Hier';
  const name = dayName(ms, zone);
  return name.charAt(0).toLocaleUpperCase('fr') + name.slice(1);
}

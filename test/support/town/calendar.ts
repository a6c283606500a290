/** Deadlines as a town hall sets them: offices hours in the organisation's time zone. Pure: now is handed in. */
import { TZDate } from '@date-fns/tz';

const ZONE = 'Europe/Paris';

/** A due date relative to today: a day (`at` absent) or an hour of it. */
export type When = { days: number; at?: string };

const two = (value: number): string => String(value).padStart(2, '0');
const dayText = (date: Date): string => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;

/** Today there, `YYYY-MM-DD`. */
export const today = (now: number): string => dayText(new TZDate(now, ZONE));

/**
 * A full date, or an instant with its offset. An hour of today that has already struck becomes a later one of today, or the day
 * itself when the day is nearly over: what is meant for today is not late.
 */
export function due({ days, at }: When, now: number): string {
  const there = new TZDate(now, ZONE);
  const date = new TZDate(there.getFullYear(), there.getMonth(), there.getDate() + days, ZONE);
  if (at === undefined) {
    return dayText(date);
  }
  const [hours = 0, minutes = 0] = at.split(':').map(Number);
  const asked = new TZDate(date.getFullYear(), date.getMonth(), date.getDate(), hours, minutes, ZONE);
  if (days !== 0 || asked.getTime() > now + MARGIN_MS) {
    return instant(asked);
  }
  const later = new TZDate(there.getFullYear(), there.getMonth(), there.getDate(), there.getHours() + 2 + (minutes > 0 ? 1 : 0), ZONE);
  return later.getDate() === there.getDate() ? instant(later) : dayText(date);
}

const MARGIN_MS = 10 * 60_000;

/** RFC 3339 with the zone's own offset, no fraction of a second. */
function instant(date: TZDate): string {
  return date.toISOString().replace(/\.\d{3}/, '');
}

/** Days until this week's Friday; on Friday and at the weekend until Sunday, so that « cette semaine » is never empty before that. */
export function daysToFriday(now: number): number {
  const weekday = new TZDate(now, ZONE).getDay();
  return weekday === 0 ? 1 : weekday < 5 ? 5 - weekday : 7 - weekday;
}

/** RFC 3339 in UTC for the `time` of an event. */
export const stamp = (ms: number): string => new Date(ms).toISOString();

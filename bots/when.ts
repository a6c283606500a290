/** Dates as tools write them. */
import { Day, Instant } from '#desk/item.ts';
import { clockOf, dayOf, parseInstant } from '#desk/zone.ts';

/** An instant as RFC 3339 wants it: Java writes `+0200` without its colon. Undefined when it is none. */
export function instantFrom(text: string | null | undefined): string | undefined {
  return Instant.safeParse(text?.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')).data;
}

/** A deadline. Where it was picked as a date, tools say midnight, in UTC or in their own zone: then it is that day. */
export function dueFrom(text: string | null | undefined, timeZone: string): string | undefined {
  const instant = instantFrom(text);
  if (instant === undefined) return Day.safeParse(text?.slice(0, 10)).data;
  const ms = parseInstant(instant);
  const zone = ['UTC', timeZone].find((one) => ms % 1000 === 0 && clockOf(ms, one).hour === 0 && clockOf(ms, one).minute === 0);
  return zone === undefined ? instant : (Day.safeParse(dayOf(ms, zone)).data ?? instant);
}

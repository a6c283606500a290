/** Dates as tools write them. */
import { Day, Instant } from '#desk/item.ts';
import { atWall, clockOf, dayOf, parseInstant } from '#desk/zone.ts';

/** An instant as RFC 3339 wants it: Java writes `+0200` without its colon. Undefined when it is none. */
export function instantFrom(text: string | null | undefined): string | undefined {
  return Instant.safeParse(text?.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')).data;
}

/** The same of a tool that may write the hour on the wall, without saying where: it is the organisation's. */
export function wallFrom(text: string | null | undefined, timeZone: string): string | undefined {
  const [, day = '', hour = '', rest = ''] = /^(\d{4}-\d\d-\d\d)[T ](\d\d)(:\d\d(?::\d\d(?:\.\d{1,9})?)?)$/.exec(text ?? '') ?? [];
  const asUtc = Instant.safeParse(`${day}T${hour}${rest.length === 3 ? `${rest}:00` : rest}Z`).data;
  if (asUtc === undefined) return instantFrom(text);
  return new Date(parseInstant(asUtc) - parseInstant(`${day}T${hour}:00:00Z`) + atWall(day, Number(hour), timeZone)).toISOString();
}

/** A deadline. Where it was picked as a date, tools say midnight, in UTC or in their own zone: then it is that day. */
export function dueFrom(text: string | null | undefined, timeZone: string): string | undefined {
  const instant = wallFrom(text, timeZone);
  if (instant === undefined) return Day.safeParse(text?.slice(0, 10)).data;
  const ms = parseInstant(instant);
  const zone = ['UTC', timeZone].find((one) => ms % 1000 === 0 && clockOf(ms, one).hour === 0 && clockOf(ms, one).minute === 0);
  return zone === undefined ? instant : (Day.safeParse(dayOf(ms, zone)).data ?? instant);
}

/** The feed, cut into its components, each read for itself, so that one broken event spoils no other. What is over is left out. */
import { DeskError } from '#desk/errors.ts';
import { DAY_MS } from '#desk/zone.ts';
import type { Ctx } from '../bot.ts';
import { type Component, endOf, readCalendar, readComponent, valueIn } from '../ical.ts';
import { readZones } from '../ical-vtimezone.ts';
import type { Zones } from '../ical-zone.ts';
import { basic } from '../io.ts';
import { occurrencesOf, writtenAs } from '../recurrence.ts';
import { inTurns } from '../turns.ts';
import type { Config } from './config.ts';

type Here = Ctx<Config, unknown>;
/**
 * `at`: which occurrence of what repeats; `of`: which one it stands for. `zones`: what the feed says of zones that only it knows.
 * `fault`: a rule of repetition that cannot be read.
 */
export type Entry = { to: Config['to']; ics: string; at?: string; of?: string; zones?: Zones['own']; fault?: string };
type Read = { ics: string; component: Component };
type At = { now: number; zones: Zones };

const AHEAD_MS = 14 * DAY_MS; // of what repeats

export async function readFeed({ io, config, clock, timeZone }: Here): Promise<Entry[]> {
  const headers = { accept: 'text/calendar', ...(config.password !== undefined && basic(config.user, config.password)) };
  return entriesIn((await io.http(config.path, { headers })).bytes, config, { now: clock(), timeZone });
}

/** Throws `unavailable` for half a calendar: what is cut off must not look like what is over. */
export async function entriesIn(bytes: Uint8Array, config: Config, { now, timeZone }: { now: number; timeZone: string }): Promise<Entry[]> {
  const calendar = readCalendar(bytes);
  if (calendar === undefined) throw new DeskError('unavailable', 'The feed is no whole calendar');
  const at: At = { now, zones: { timeZone, own: readZones(calendar.zones, now) } };
  const read: Read[] = [];
  await inTurns(calendar.components, (ics) => void read.push({ ics, component: readComponent(ics) }));
  const replaced = replacedIn(
    read.map(({ component }) => component),
    at.zones,
  );
  const others = new Set([...replaced].map(([component, of]) => nameOf(component, of)));
  const entries: Entry[] = [];
  await inTurns(read, (one) => {
    const of = replaced.get(one.component);
    const own = entriesOf(one, at, config.to).map((entry) => (of === undefined ? entry : { ...entry, of }));
    entries.push(...own.filter((entry) => entry.at === undefined || !others.has(nameOf(one.component, entry.at))));
  });
  return entries;
}

function entriesOf({ ics, component }: Read, { now, zones }: At, to: Config['to']): Entry[] {
  const entry: Entry = { to, ics, ...(namesOwn(component, zones) && { zones: zones.own }) };
  const isOver = (at?: string): boolean => /^BEGIN:VEVENT/i.test(ics) && (endOf(component, zones, at) ?? now) < now;
  if (!isSeries(component)) return isOver() ? [] : [entry];
  const all = occurrencesOf(component, { from: now - AHEAD_MS, to: now + AHEAD_MS, zones });
  if (all === undefined) return [{ ...entry, fault: 'répétition illisible' }];
  return all.filter((at) => !isOver(at)).map((at) => ({ ...entry, at }));
}

function namesOwn(component: Component, { own = {} }: Zones): boolean {
  return [...component.values()].flat().some(({ zone }) => zone !== undefined && Object.hasOwn(own, zone.trim()));
}

const nameOf = (component: Component, at: string): string => `${valueIn(component, 'UID') ?? ''} ${at}`;
const isSeries = (component: Component): boolean => (component.has('RRULE') || component.has('RDATE')) && !component.has('RECURRENCE-ID');

/** Which occurrence each stands for that has another hour or another text than its series, as the series writes it. */
function replacedIn(components: readonly Component[], zones: Zones): Map<Component, string> {
  const starts = new Map(components.filter(isSeries).map((one) => [valueIn(one, 'UID'), one.get('DTSTART')?.[0]]));
  const named = components.flatMap((component): [Component, string][] => {
    const [id, start] = [component.get('RECURRENCE-ID')?.[0], starts.get(valueIn(component, 'UID'))];
    const of = id && start && writtenAs(start, id, zones);
    return of === undefined ? [] : [[component, of]];
  });
  return new Map(named);
}

/** The feed, cut into its components, each read for itself, so that one broken event spoils no other. What is over is left out. */
import { DeskError } from '#desk/errors.ts';
import { DAY_MS } from '#desk/zone.ts';
import type { Ctx } from '../bot.ts';
import { type Component, componentsOf, readComponent, valueIn } from '../ical.ts';
import { basic } from '../io.ts';
import { occurrencesOf, writtenAs } from '../recurrence.ts';
import type { Config } from './config.ts';
import { endOf } from './normalise.ts';

type Here = Ctx<Config, unknown>;
/** `at`: which occurrence of what repeats; `of`: which one it stands for. `fault`: a rule of repetition that cannot be read. */
export type Entry = { to: Config['to']; ics: string; at?: string; of?: string; fault?: string };

const AHEAD_MS = 14 * DAY_MS; // of what repeats

/** Throws `unavailable` for half a calendar: what is cut off must not look like what is over. */
export async function readFeed({ io, config, clock, timeZone }: Here): Promise<Entry[]> {
  const headers = { accept: 'text/calendar', ...(config.password !== undefined && basic(config.user, config.password)) };
  const found = componentsOf((await io.http(config.path, { headers })).bytes);
  if (found === undefined) throw new DeskError('unavailable', 'The feed is no whole calendar');
  const read = found.map((ics) => ({ ics, component: readComponent(ics) }));
  const components = read.map(({ component }) => component);
  const replaced = replacedIn(components, timeZone);
  const others = new Set([...replaced].map(([component, of]) => nameOf(component, of)));
  const now = clock();
  return read.flatMap(({ ics, component }): Entry[] => {
    const entry = { to: config.to, ics };
    const isOver = (at?: string): boolean => ics.startsWith('BEGIN:VEVENT') && (endOf(component, timeZone, at) ?? now) < now;
    const of = replaced.get(component);
    if (!isSeries(component)) return isOver() ? [] : [{ ...entry, ...(of !== undefined && { of }) }];
    const all = occurrencesOf(component, { from: now - AHEAD_MS, to: now + AHEAD_MS, timeZone });
    if (all === undefined) return [{ ...entry, fault: 'répétition illisible' }];
    return all.filter((at) => !isOver(at) && !others.has(nameOf(component, at))).map((at) => ({ ...entry, at }));
  });
}

const nameOf = (component: Component, at: string): string => `${valueIn(component, 'UID') ?? ''} ${at}`;
const isSeries = (component: Component): boolean => component.has('RRULE') && !component.has('RECURRENCE-ID');

/** Which occurrence each stands for that has another hour or another text than its series, as the series writes it. */
function replacedIn(components: readonly Component[], timeZone: string): Map<Component, string> {
  const starts = new Map(components.filter(isSeries).map((one) => [valueIn(one, 'UID'), one.get('DTSTART')?.[0]]));
  const named = components.flatMap((component): [Component, string][] => {
    const [id, start] = [component.get('RECURRENCE-ID')?.[0], starts.get(valueIn(component, 'UID'))];
    const of = id && start && writtenAs(start, id, timeZone);
    return of === undefined ? [] : [[component, of]];
  });
  return new Map(named);
}

/** The feed, cut into its components, each read for itself, so that one broken event spoils no other. What is over is left out. */
import { DeskError } from '#desk/errors.ts';
import { DAY_MS } from '#desk/zone.ts';
import type { Ctx } from '../bot.ts';
import { componentsOf, readComponent, valueIn } from '../ical.ts';
import { basic } from '../io.ts';
import { instantsOf, occurrencesOf } from '../recurrence.ts';
import type { Config } from './config.ts';
import { endOf } from './normalise.ts';

type Here = Ctx<Config, unknown>;
/** `at`: which occurrence of what repeats. `fault`: a rule of repetition that cannot be read. */
export type Entry = { to: Config['to']; ics: string; at?: string; fault?: string };

const AHEAD_MS = 14 * DAY_MS; // of what repeats

/** Throws `unavailable` for half a calendar: what is cut off must not look like what is over. */
export async function readFeed({ io, config, clock, timeZone }: Here): Promise<Entry[]> {
  const headers = { accept: 'text/calendar', ...(config.password !== undefined && basic(config.user, config.password)) };
  const found = componentsOf((await io.http(config.path, { headers })).text());
  if (found === undefined) throw new DeskError('unavailable', 'The feed is no whole calendar');
  const read = found.map((ics) => ({ ics, component: readComponent(ics) }));
  const replaced = new Map<string, number[]>();
  for (const { component } of read) {
    const uid = valueIn(component, 'UID') ?? '';
    replaced.set(uid, [...(replaced.get(uid) ?? []), ...instantsOf(component.get('RECURRENCE-ID'), timeZone)]);
  }
  const now = clock();
  return read.flatMap(({ ics, component }): Entry[] => {
    const entry = { to: config.to, ics };
    const isOver = (at?: string): boolean => ics.startsWith('BEGIN:VEVENT') && (endOf(component, timeZone, at) ?? now) < now;
    if (!component.has('RRULE') || component.has('RECURRENCE-ID')) return isOver() ? [] : [entry];
    const all = occurrencesOf(component, { from: now - AHEAD_MS, to: now + AHEAD_MS, timeZone });
    if (all === undefined) return [{ ...entry, fault: 'répétition illisible' }];
    const others = new Set(replaced.get(valueIn(component, 'UID') ?? ''));
    const isReplaced = (at: string): boolean =>
      instantsOf([{ value: at, zone: component.get('DTSTART')?.[0]?.zone }], timeZone).some((one) => others.has(one));
    return all.filter((at) => !isOver(at) && !isReplaced(at)).map((at) => ({ ...entry, at }));
  });
}

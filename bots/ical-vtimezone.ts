/** Zones that a calendar defines itself (RFC 5545, VTIMEZONE), of which neither Intl nor Windows knows the name. Pure. */
import { DAY_MS } from '#desk/zone.ts';
import { type Component, plainText, readComponent, valueIn, whenOf } from './ical.ts';
import { knownZone, type Offsets, type Zones } from './ical-zone.ts';
import { byRule, listed } from './recurrence.ts';

const [BEFORE_MS, AFTER_MS] = [400 * DAY_MS, 5 * 366 * DAY_MS]; // events further ahead have the last offset
const [MOST_ZONES, MOST_CHANGES] = [50, 20]; // feeds may define what they like
const OBSERVANCE = /^BEGIN:(STANDARD|DAYLIGHT)[ \t]*\r?\n[^]*?^END:/gim;

/** By their names; undefined when there are none. */
export function readZones(definitions: readonly string[], now: number): Zones['own'] {
  const found = definitions.slice(0, MOST_ZONES).flatMap((text): [string, Offsets][] => {
    const written = valueIn(readComponent(text), 'TZID');
    const name = written && plainText(written.replaceAll('"', ''));
    const offsets = name === undefined || knownZone(name) !== undefined ? [] : offsetsIn(text, now);
    return name === undefined || offsets.length === 0 ? [] : [[name, offsets]];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

function offsetsIn(text: string, now: number): Offsets {
  const observances = [...text.matchAll(OBSERVANCE)].slice(0, MOST_CHANGES).map(([lines]) => readComponent(lines));
  return observances.flatMap((component) => changesIn(component, now)).sort(([one], [other]) => one - other);
}

/** When one of them begins, by the clock before it, and what it brings; its first time always counts, since it may have no rule. */
function changesIn(component: Component, now: number): Offsets {
  const [first, after] = [valueIn(component, 'DTSTART'), minutesIn(component, 'TZOFFSETTO')];
  if (first === undefined || after === undefined) return [];
  const zones: Zones = { timeZone: 'UTC', own: { before: [[0, minutesIn(component, 'TZOFFSETFROM') ?? after]] } };
  const start = { value: first, zone: 'before' };
  const repeated = byRule(valueIn(component, 'RRULE'), { start, zones, from: now - BEFORE_MS, to: now + AFTER_MS }) ?? [];
  const all = [first, ...repeated, ...listed(component.get('RDATE')).map(({ value }) => value)];
  const instants = all.map((value) => Date.parse(whenOf({ ...start, value }, zones) ?? ''));
  return instants.filter((ms) => !Number.isNaN(ms)).map((ms) => [ms, after]);
}

/** `+0530`, `-041500`. */
function minutesIn(component: Component, name: string): number | undefined {
  const [, sign, hours = '', minutes = ''] = /^([+-])(\d\d):?(\d\d)(?:\d\d)?$/.exec(valueIn(component, name) ?? '') ?? [];
  return sign === undefined ? undefined : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  atWall,
  clockOf,
  dayOf,
  daysBetween,
  endOfDay,
  HOUR_MS,
  morningOf,
  nextWorkingMorning,
  parseInstant,
  weekday,
} from '#desk/zone.ts';

/** Overseas zones, zones whose clocks change at midnight, and half hours. */
const ZONES = [
  'Europe/Paris',
  'Pacific/Noumea',
  'America/Martinique',
  'America/Cayenne',
  'Indian/Reunion',
  'Pacific/Marquesas',
  'Asia/Beirut',
  'America/Havana',
  'UTC',
];
const zone = fc.constantFrom(...ZONES);
const instant = fc.integer({ min: Date.parse('2000-01-01T00:00:00Z'), max: Date.parse('2060-01-01T00:00:00Z') });
const iso = (ms: number) => new Date(ms).toISOString();

describe('instants', () => {
  it('are read with their offset, leap seconds as the second after', () => {
    expect(parseInstant('2026-11-27T17:00:00+01:00')).toBe(Date.parse('2026-11-27T16:00:00Z'));
    expect(parseInstant('2016-12-31T23:59:60Z')).toBe(Date.parse('2017-01-01T00:00:00Z'));
    expect(parseInstant('2016-12-31T23:59:60.5+01:00')).toBe(Date.parse('2016-12-31T23:00:00.500Z'));
  });
});

describe('days', () => {
  it('are those of the zone', () => {
    const ms = Date.parse('2026-11-27T23:30:00Z');
    expect(ZONES.slice(0, 3).map((timeZone) => dayOf(ms, timeZone))).toEqual(['2026-11-28', '2026-11-28', '2026-11-27']);
    expect(dayOf(ms, 'Nowhere/Unknown')).toBe('2026-11-27');
  });

  it('end with their own midnight, also when the clocks change', () => {
    expect(iso(endOfDay('2026-11-27', 'Europe/Paris') + 1)).toBe('2026-11-27T23:00:00.000Z');
    expect(iso(endOfDay('2026-07-14', 'Europe/Paris') + 1)).toBe('2026-07-14T22:00:00.000Z');
    expect(iso(endOfDay('2026-11-27', 'Pacific/Noumea') + 1)).toBe('2026-11-27T13:00:00.000Z');
    expect(iso(endOfDay('2026-11-27', 'America/Martinique') + 1)).toBe('2026-11-28T04:00:00.000Z');
    const hours = (day: string) => (endOfDay(day, 'Europe/Paris') - endOfDay(addDays(day, -1), 'Europe/Paris')) / HOUR_MS;
    expect([hours('2026-03-29'), hours('2026-10-25'), hours('2026-11-01')]).toEqual([23, 25, 24]);
  });

  it('hold every instant between their ends, in any zone', () => {
    fc.assert(
      fc.property(instant, zone, (ms, timeZone) => {
        const day = dayOf(ms, timeZone);
        expect(ms).toBeLessThanOrEqual(endOfDay(day, timeZone));
        expect(ms).toBeGreaterThan(endOfDay(addDays(day, -1), timeZone));
        expect(dayOf(endOfDay(day, timeZone), timeZone)).toBe(day);
      }),
    );
  });

  it('are counted as on a calendar', () => {
    expect([weekday('2026-11-23'), weekday('2026-11-29')]).toEqual([1, 7]);
    expect(addDays('2026-02-28', 1)).toBe('2026-03-01');
    expect(daysBetween('2026-03-28', '2026-03-30')).toBe(2);
  });
});

describe('wall clocks', () => {
  it('are shown and found again', () => {
    expect(clockOf(Date.parse('2026-11-27T16:30:00Z'), 'Europe/Paris')).toEqual({ hour: 17, minute: 30 });
    expect(iso(atWall('2026-11-27', 9, 'Pacific/Marquesas'))).toBe('2026-11-27T18:30:00.000Z');
  });

  it('give the first of an hour that comes twice, and the change for one that never comes', () => {
    expect(iso(atWall('2026-10-25', 2, 'Europe/Paris'))).toBe('2026-10-25T00:00:00.000Z');
    expect(iso(atWall('2026-03-29', 2, 'Europe/Paris'))).toBe('2026-03-29T01:00:00.000Z');
  });
});

describe('the next working morning', () => {
  const next = (text: string, timeZone = 'Europe/Paris') => iso(nextWorkingMorning(Date.parse(text), timeZone));

  it('is tomorrow at nine, or this very morning before nine', () => {
    expect(next('2026-11-24T15:00:00Z')).toBe('2026-11-25T08:00:00.000Z');
    expect(next('2026-11-24T05:00:00Z')).toBe('2026-11-24T08:00:00.000Z');
    expect(next('2026-11-24T08:00:00Z')).toBe('2026-11-25T08:00:00.000Z');
  });

  it('is Monday from Friday nine o’clock on', () => {
    for (const text of [
      '2026-11-27T08:00:00Z',
      '2026-11-27T16:00:00Z',
      '2026-11-28T03:00:00Z',
      '2026-11-29T22:59:00Z',
      '2026-11-29T23:30:00Z',
    ])
      expect(next(text)).toBe('2026-11-30T08:00:00.000Z');
  });

  it('is by the organisation’s own clock', () => {
    expect(next('2026-11-26T22:30:00Z', 'Pacific/Noumea')).toBe('2026-11-29T22:00:00.000Z');
    expect(next('2026-11-27T12:30:00Z', 'America/Martinique')).toBe('2026-11-27T13:00:00.000Z');
    expect(next('2026-03-27T15:00:00Z')).toBe('2026-03-30T07:00:00.000Z');
  });

  it('is always nine o’clock, Monday to Friday, after now and within three and a half days', () => {
    fc.assert(
      fc.property(instant, zone, (now, timeZone) => {
        const morning = nextWorkingMorning(now, timeZone);
        expect(clockOf(morning, timeZone)).toEqual({ hour: 9, minute: 0 });
        expect(weekday(dayOf(morning, timeZone))).toBeLessThanOrEqual(5);
        expect(morning).toBeGreaterThan(now);
        expect(morning - now).toBeLessThanOrEqual(73 * HOUR_MS);
        expect(morningOf(dayOf(morning, timeZone), timeZone)).toBe(morning);
      }),
    );
  });
});

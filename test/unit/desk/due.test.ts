import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareRows, dueDay, dueMs, group, GROUPS, type Ordered, sayDue, writeDue, writeInstant } from '#desk/due.ts';
import { DAY_MS, endOfDay } from '#desk/zone.ts';
import { day, due, instant } from './arbitrary.ts';

const PARIS = 'Europe/Paris';
/** Thursday 26 November 2026, 10:00 in Paris. */
const now = Date.parse('2026-11-26T09:00:00Z');
const groupOf = (text: string | undefined, timeZone = PARIS, at = now) => group(text, at, timeZone);

describe('the group of a deadline', () => {
  it('is late once the instant has passed', () => {
    expect(groupOf('2026-11-26T09:59:59+01:00')).toBe('late');
    expect(groupOf('2026-11-26T10:00:01+01:00')).toBe('today');
  });

  it('is late for a day only after its end, in that zone', () => {
    const end = endOfDay('2026-11-26', PARIS);
    expect([groupOf('2026-11-26', PARIS, end), groupOf('2026-11-26', PARIS, end + 1)]).toEqual(['today', 'late']);
    const noumea = Date.parse('2026-11-26T13:00:00Z');
    expect([groupOf('2026-11-26', 'Pacific/Noumea', noumea - 1), groupOf('2026-11-26', 'Pacific/Noumea', noumea)]).toEqual([
      'today',
      'late',
    ]);
    expect(groupOf('2026-11-26', 'America/Martinique', Date.parse('2026-11-27T03:59:59Z'))).toBe('today');
  });

  it('is this week until Sunday’s end, then later', () => {
    expect([groupOf('2026-11-27'), groupOf('2026-11-29'), groupOf('2026-11-29T23:59:59+01:00'), groupOf('2026-11-30')]).toEqual([
      'week',
      'week',
      'week',
      'later',
    ]);
    const sunday = Date.parse('2026-11-29T12:00:00Z');
    expect([groupOf('2026-11-29', PARIS, sunday), groupOf('2026-11-30', PARIS, sunday)]).toEqual(['today', 'later']);
  });

  it('follows the clocks when they change', () => {
    const beforeChange = Date.parse('2026-10-24T22:30:00Z'); // Sunday 25 October, 00:30, a day of 25 hours
    expect([groupOf('2026-10-25T23:30:00+01:00', PARIS, beforeChange), groupOf('2026-10-25', PARIS, beforeChange + DAY_MS)]).toEqual([
      'today',
      'today',
    ]);
  });

  it('has one of its own for what has no deadline', () => {
    expect(groupOf(undefined)).toBe('undated');
  });

  it('never goes back as deadlines grow', () => {
    fc.assert(
      fc.property(due, due, fc.constantFrom(PARIS, 'Pacific/Noumea', 'America/Martinique'), instant, (a, b, timeZone, at) => {
        const [first = a, second = b] = [a, b].toSorted((one, other) => dueMs(one, timeZone) - dueMs(other, timeZone));
        const place = (text: string) => GROUPS.indexOf(group(text, Date.parse(at), timeZone));
        expect(place(first)).toBeLessThanOrEqual(place(second));
      }),
    );
  });
});

describe('the order of the list', () => {
  it('is by deadline, a day as its end, undated last, equal ones by event id', () => {
    const rows = [
      { eventId: '$undated-b' },
      { eventId: '$day', dueMs: dueMs('2026-11-27', PARIS) },
      { eventId: '$Z', dueMs: dueMs('2026-11-27T17:00:00+01:00', PARIS) },
      { eventId: '$a', dueMs: dueMs('2026-11-27T16:00:00Z', PARIS) },
      { eventId: '$undated-a' },
    ];
    expect(rows.toSorted(compareRows).map(({ eventId }) => eventId)).toEqual(['$Z', '$a', '$day', '$undated-a', '$undated-b']);
  });

  it('is the same whatever order rows come in', () => {
    const rows = fc.uniqueArray(fc.record({ eventId: fc.string(), dueMs: fc.option(fc.nat({ max: 3 }), { nil: undefined }) }), {
      selector: ({ eventId }) => eventId,
    });
    const shuffled = rows.chain((all) => fc.tuple(fc.constant<Ordered[]>(all), fc.shuffledSubarray(all, { minLength: all.length })));
    fc.assert(
      fc.property(shuffled, ([all, other]) => {
        expect(other.toSorted(compareRows)).toEqual(all.toSorted(compareRows));
      }),
    );
  });
});

describe('a deadline as people say it', () => {
  const say = (text: string) => sayDue(text, now, PARIS);

  it('is an hour today, a word yesterday and tomorrow', () => {
    expect([say('2026-11-26T14:00:00+01:00'), say('2026-11-26')]).toEqual(['14:00', 'aujourd’hui']);
    expect([say('2026-11-25T17:00:00+01:00'), say('2026-11-25')]).toEqual(['hier 17:00', 'hier']);
    expect([say('2026-11-27T08:05:00+01:00'), say('2026-11-27')]).toEqual(['demain 08:05', 'demain']);
  });

  it('counts the days it is late, up to a month', () => {
    expect([say('2026-11-24'), say('2026-11-24T23:00:00+01:00'), say('2026-10-27')]).toEqual([
      'depuis 2\u00a0jours',
      'depuis 2\u00a0jours',
      'depuis 30\u00a0jours',
    ]);
    expect([say('2026-10-01'), say('2025-12-31')]).toEqual(['depuis le 1er octobre', 'depuis le 31 décembre 2025']);
  });

  it('is a weekday within the week, then a date', () => {
    expect([say('2026-11-28'), say('2026-12-02'), say('2026-12-03'), say('2027-01-04')]).toEqual([
      'samedi',
      'mercredi',
      '3 décembre',
      '4 janvier 2027',
    ]);
  });

  it('is said for any deadline', () => {
    fc.assert(
      fc.property(due, instant, (text, at) => {
        expect(sayDue(text, Date.parse(at), PARIS)).not.toMatch(/undefined|NaN|Invalid/);
      }),
    );
  });
});

describe('a deadline as it is written to stay', () => {
  it('is absolute, with its year when that is another', () => {
    const at = { timeZone: PARIS, now };
    expect(writeDue('2026-11-27T17:00:00+01:00', at)).toBe('avant vendredi 27 novembre à 17\u00a0h');
    expect(writeDue('2026-11-27T17:30:00+01:00', at)).toBe('avant vendredi 27 novembre à 17\u00a0h\u00a030');
    expect(writeDue('2026-12-01', at)).toBe('au plus tard mardi 1er décembre');
    expect(writeDue('2027-01-04', at)).toBe('au plus tard lundi 4 janvier 2027');
    expect(writeInstant(Date.parse('2026-11-30T08:00:00Z'), at)).toBe('lundi 30 novembre à 9\u00a0h');
  });
});

it('falls on the day of the zone', () => {
  expect([dueDay('2026-11-27T23:30:00Z', PARIS), dueDay('2026-11-27T23:30:00Z', 'America/Martinique')]).toEqual([
    '2026-11-28',
    '2026-11-27',
  ]);
  fc.assert(
    fc.property(day, (text) => {
      expect(dueDay(text, 'Pacific/Noumea')).toBe(text);
    }),
  );
});

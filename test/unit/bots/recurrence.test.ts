import { describe, expect, it } from 'vitest';
import { lengthMs, readComponent, whenOf } from '../../../bots/ical.ts';
import { occurrencesOf } from '../../../bots/recurrence.ts';

/** From 1 November to 31 December 2026, in UTC. */
function days(start: string, rule: string): string[] | undefined {
  const component = readComponent(`BEGIN:VEVENT\nDTSTART:${start}T090000Z\nRRULE:${rule}\nEND:VEVENT`);
  const span = { from: Date.parse('2026-11-01T00:00:00Z'), to: Date.parse('2026-12-31T23:00:00Z'), zones: { timeZone: 'Europe/Paris' } };
  return occurrencesOf(component, span)?.map((value) => `${value.slice(4, 6)}-${value.slice(6, 8)}`);
}

describe('a rule', () => {
  it.each([
    ['20261228', 'FREQ=DAILY', ['12-28', '12-29', '12-30', '12-31']],
    ['20261125', 'FREQ=DAILY;COUNT=3', ['11-25', '11-26', '11-27']],
    ['20251102', 'FREQ=DAILY;INTERVAL=20;UNTIL=20261201T000000Z', ['11-17']],
    ['20261102', 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH;UNTIL=20261203', ['11-02', '11-05', '11-16', '11-19', '11-30', '12-03']],
    ['20261029', 'FREQ=WEEKLY;COUNT=3', ['11-05', '11-12']],
    ['20261103', 'FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TU;WKST=SU;COUNT=3', ['11-03', '11-15', '11-17']],
    ['20261103', 'FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TU;WKST=MO;COUNT=3', ['11-03', '11-08', '11-17']],
    ['20260115', 'FREQ=MONTHLY', ['11-15', '12-15']],
    ['20260131', 'FREQ=MONTHLY', ['12-31']],
    ['20260101', 'FREQ=MONTHLY;BYDAY=1TU', ['11-03', '12-01']],
    ['20260101', 'FREQ=MONTHLY;BYDAY=-1FR', ['11-27', '12-25']],
    ['20260101', 'FREQ=MONTHLY;BYMONTHDAY=-1', ['11-30', '12-31']],
    ['20260101', 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', ['11-30', '12-31']],
    ['20201111', 'FREQ=YEARLY', ['11-11']],
    ['20201225', 'FREQ=YEARLY;INTERVAL=2', ['12-25']],
    ['20201225', 'FREQ=YEARLY;INTERVAL=5', []],
    ['20200101', 'FREQ=YEARLY;BYMONTH=12;BYDAY=2WE', ['12-09']],
    ['20200101', 'FREQ=YEARLY;BYDAY=47MO', ['11-23']],
    ['20200101', 'FREQ=YEARLY;BYWEEKNO=46,-1;BYDAY=TU', ['11-10', '12-29']],
    ['20200101', 'FREQ=YEARLY;BYYEARDAY=-1,316', ['11-12', '12-31']],
    ['20200119', 'FREQ=YEARLY;BYMONTHDAY=19', ['11-19', '12-19']],
    ['20260101', 'FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1', ['11-30', '12-30']],
    ['20260105', 'FREQ=WEEKLY;INTERVAL=4;BYDAY=MO,FR;BYSETPOS=-1', ['11-13', '12-11']],
    ['20261125', 'FREQ=WEEKLY;BYHOUR=9,14;COUNT=3', ['11-25', '11-25', '12-02']],
    ['20261125', 'FREQ=MONTHLY;BYDAY=1MO;COUNT=2', ['11-25', '12-07']],
    ['20160104', 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=2829', ['11-02', '11-03', '11-04', '11-05']],
    ['20160104', 'freq=weekly; byday=mo , we; until=20261105T000000Z', ['11-02', '11-04']],
    ['20260101', 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30', []],
    ['20261108', 'FREQ=DAILY;INTERVAL=7;BYDAY=TU', ['11-08']],
  ])('from %s, %s falls on its days', (start, rule, found) => {
    expect(days(start, rule)).toEqual(found);
  });

  it.each(['', 'FREQ=SECONDLY', 'FREQ=DAILY;INTERVAL=0', 'FREQ=WEEKLY;BYDAY=XX', 'FREQ=DAILY;COUNT=x'])('%s is of another sort', (rule) => {
    expect(days('20261101', rule)).toBeUndefined();
  });
});

describe('a time', () => {
  it.each([
    ['20261132', undefined],
    ['20261127T250000', undefined],
    ['', undefined],
    ['20261127', '2026-11-27'],
    ['20261127T093000Z', '2026-11-27T09:30:00.000Z'],
  ])('%s is %s', (value, read) => {
    expect(whenOf({ value, zone: undefined }, { timeZone: 'Europe/Paris' })).toBe(read);
  });

  it.each([
    ['PT1H30M', 5_400_000],
    ['P1D', 86_400_000],
    ['P1W', 604_800_000],
    ['P', undefined],
    ['-PT15M', undefined],
  ])('of length %s is %s ms', (text, ms) => {
    expect(lengthMs(text)).toBe(ms);
  });
});

import { describe, expect, it } from 'vitest';
import { nextOf, readRevision, startOf } from '../../../bots/since.ts';

const AT = { of: 'vue', nowMs: Date.parse('2026-11-27T09:00:00Z'), timeZone: 'Europe/Paris', isFull: false };
const place = (revision: string, ...ids: string[]) => ({ revision, ids });

describe('where changes go on', () => {
  it('begins with everything, then goes back by the overlap, an hour more where no zone is said', () => {
    expect(startOf(undefined, { of: 'vue', overlap: 60 })).toBeUndefined();
    const from = (revision: string, overlap = 60) => startOf({ of: 'vue', revision }, { of: 'vue', overlap })?.values;
    expect(from('2026-11-27T08:00:00.500Z')).toEqual(['2026-11-27T07:59:00.500Z']);
    expect(from('2026-11-27 08:00:00')).toEqual(['2026-11-27 06:59:00']);
    expect(from('2026-11-27')).toEqual(['2026-11-26']);
    expect(from('9007199254740993', 2)).toEqual(['9007199254740991']);
    expect(() => from('hier')).toThrow(/neither a date nor a whole number/);
  });

  it('begins anew when the column is another one, or what was kept is not to be read', () => {
    for (const kept of [{ of: 'autre', revision: '1' }, { revision: 1 }, 'abc', null, { of: 'vue', revision: '' }])
      expect(startOf(kept, { of: 'vue', overlap: 60 })).toBeUndefined();
  });

  it('goes on from the latest that was seen, never back, and never from a time that lies ahead', () => {
    const next = (places: ReturnType<typeof place>[], cursor?: unknown) => nextOf(cursor, { ...AT, places });
    expect(next([place('2026-11-27 09:00:00', 'a'), place('2026-11-27 09:30:00', 'b'), place('', 'c')])).toEqual({
      of: 'vue',
      revision: '2026-11-27 09:30:00',
    });
    // Ten o'clock in Paris.
    expect(next([place('2099-01-01 00:00:00', 'a')])).toEqual({ of: 'vue', revision: '2026-11-27 10:00:00' });
    expect(next([place('2099-01-01T00:00:00Z', 'a')])).toEqual({ of: 'vue', revision: '2026-11-27T09:00:00.000Z' });
    expect(next([place('2099-01-01', 'a')])).toEqual({ of: 'vue', revision: '2026-11-27' });
    expect(next([place('7', 'a')], { of: 'vue', revision: '12' })).toEqual({ of: 'vue', revision: '12' });
    expect(next([], { of: 'vue', revision: '12' })).toEqual({ of: 'vue', revision: '12' });
    expect(next([])).toBeUndefined();
    expect(next([place('2026-11-27T08:00:00Z', 'a')], { of: 'vue', revision: '2026-11-27T08:00:00.5Z' })).toMatchObject({
      revision: '2026-11-27T08:00:00.5Z',
    });
  });

  it('goes on exactly where a full look stopped, and says so when one object alone fills it', () => {
    const full = { ...AT, isFull: true, places: [place('5', 'a'), place('5', 'b')] };
    const cursor = nextOf(undefined, full);
    expect(startOf(cursor, { of: 'vue', overlap: 60 })).toEqual({ values: ['5', 'b'] });
    expect(() => nextOf(cursor, full)).toThrow(/more rows than a look takes/);
    expect(() => nextOf(undefined, { ...full, places: [place('', 'a')] })).toThrow(/more rows than a look takes/);
  });
});

describe('what a row says of when it changed', () => {
  it.each([
    ['2026-11-27T08:00:00.123456Z', { revision: Date.parse('2026-11-27T08:00:00.123Z') }],
    ['2026-11-27 09:00:00', { revision: Date.parse('2026-11-27T08:00:00Z') }],
    ['412', { revision: 412 }],
    ['412.00', { revision: 412 }],
    ['9007199254740993', {}],
    ['20261127090000', {}],
    ['-1', {}],
    ['', { fault: 'révision vide' }],
    ['0000-00-00 00:00:00', { fault: 'révision vide' }],
    ['hier', { fault: 'révision illisible «\u00a0hier\u00a0»' }],
  ])('%s', (text, expected) => {
    expect(readRevision(text, 'Europe/Paris')).toEqual(expected);
  });
});

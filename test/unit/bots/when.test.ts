import { describe, expect, it } from 'vitest';
import { dueFrom, wallFrom } from '../../../bots/when.ts';

const PARIS = 'Europe/Paris';

describe('a moment as tools write it', () => {
  it.each([
    ['2026-11-27T17:00:00.000+0100', '2026-11-27T17:00:00.000+01:00'],
    ['2026-11-27T16:00:00Z', '2026-11-27T16:00:00Z'],
    ['2026-11-27T17:00:00', '2026-11-27T16:00:00.000Z'],
    ['2026-07-14 17:30', '2026-07-14T15:30:00.000Z'],
    ['2026-11-27T17:00:00.250', '2026-11-27T16:00:00.250Z'],
  ])('%s is %s', (text, instant) => {
    expect(wallFrom(text, PARIS)).toBe(instant);
  });

  it('is that of the organisation where nobody says where, overseas too', () => {
    expect(wallFrom('2026-11-27T17:00:00', 'Indian/Reunion')).toBe('2026-11-27T13:00:00.000Z');
  });

  it.each(['', '2026-02-30T10:00:00', '2026-11-27T25:00:00', '27/11/2026', '2026-11-27T17:00:00+99:00', undefined, null])(
    '%s is none',
    (text) => {
      expect(wallFrom(text, PARIS)).toBeUndefined();
    },
  );
});

describe('a deadline', () => {
  it.each([
    ['2026-11-27T00:00:00.000+0000', '2026-11-27'],
    ['2026-11-26T23:00:00Z', '2026-11-27'],
    ['2026-11-27T00:00:00', '2026-11-27'],
    ['2026-11-27', '2026-11-27'],
    ['2026-11-27T17:00:00', '2026-11-27T16:00:00.000Z'],
  ])('%s is %s', (text, due) => {
    expect(dueFrom(text, PARIS)).toBe(due);
  });
});

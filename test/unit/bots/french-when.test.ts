import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFrenchDate, readFrenchDeadline } from '../../../bots/french-when.ts';

const PARIS = 'Europe/Paris';
const at = (text: string, zone = PARIS) => readFrenchDate(text, zone);

describe('a date as people write it', () => {
  it.each([
    ['27/11/2026', '2026-11-27'],
    ['7/1/2026', '2026-01-07'],
    ['27-11-2026', '2026-11-27'],
    ['27.11.26', '2026-11-27'],
    ['27/11/98', '1998-11-27'],
    ['2026-11-27', '2026-11-27'],
    ['2026/11/27', '2026-11-27'],
    ['20261127', '2026-11-27'],
    ['1er décembre 2026', '2026-12-01'],
    ['vendredi 27 novembre 2026', '2026-11-27'],
    ['27 nov. 2026', '2026-11-27'],
    ['3 AOÛT 2026', '2026-08-03'],
    ['3 févr. 2026', '2026-02-03'],
    ['3\u00a0juil.\u00a02026', '2026-07-03'],
    ['27-nov-26', '2026-11-27'],
    ['03-août-2026', '2026-08-03'],
    ['1-févr.-27', '2027-02-01'],
    ['29/02/2028', '2028-02-29'],
    ['ven. 27/11/2026', '2026-11-27'],
    ['le 27/11/2026', '2026-11-27'],
    ['46353', '2026-11-27'],
    ['46353,5', '2026-11-27'],
  ])('%s is that day', (text, day) => {
    expect(at(text)).toEqual({ at: day });
  });

  it.each([
    ['27/11/2026 14:30', '2026-11-27T13:30:00.000Z'],
    ['27/11/2026 14h30', '2026-11-27T13:30:00.000Z'],
    ['27/11/2026 14h', '2026-11-27T13:00:00.000Z'],
    ['27/11/2026 à 14 h 30', '2026-11-27T13:30:00.000Z'],
    ['2026-11-27 14:30:15', '2026-11-27T13:30:15.000Z'],
    ['2026-11-27T14:30', '2026-11-27T13:30:00.000Z'],
    ['2026-07-27T14:30:00.000', '2026-07-27T12:30:00.000Z'],
    ['27/11/2026 24:00', '2026-11-27T23:00:00.000Z'],
    ['27 novembre 2026, à 9h05', '2026-11-27T08:05:00.000Z'],
  ])('%s is a moment on the wall clock there', (text, instant) => {
    expect(at(text)).toEqual({ at: instant });
  });

  it('of another zone is that of the organisation overseas; an offset that is written counts', () => {
    expect(at('27/11/2026 14:30', 'Indian/Reunion')).toEqual({ at: '2026-11-27T10:30:00.000Z' });
    expect(at('2026-11-27T14:30:00+0400')).toEqual({ at: '2026-11-27T14:30:00+04:00' });
    // As PostgreSQL's COPY writes it.
    expect(at('2026-11-27 14:30:00.5+01')).toEqual({ at: '2026-11-27T14:30:00.5+01:00' });
  });

  it.each([
    '',
    '  ',
    '00/00/0000',
    '0000-00-00',
    '0000-00-00 00:00:00',
    '-',
    'N/A',
    'Néant',
    '01/01/1900',
    '31/12/9999',
    '31/12/2099',
    '2999-12-31',
  ])('%j is no date', (text) => {
    expect(at(text)).toEqual({});
  });

  it.each(['31/02/2026', '29/02/2026', '11/27/2026', '32/01/2026', '27/11/2026 25:00', '27/11/2026 12:60', '12/05/1066'])(
    '%s is impossible',
    (text) => {
      expect(at(text)).toEqual({ fault: 'impossible' });
    },
  );

  it.each(['demain', '27/11', 'novembre 2026', '27 brumaire 2026', '123', '27/11/2026 matin'])('%s cannot be read', (text) => {
    expect(at(text)).toEqual({ fault: 'unreadable' });
  });

  it('as a deadline at midnight is that day', () => {
    for (const text of ['27/11/2026 00:00', '27/11/2026 00:00:00', '2026-11-27 00:00:00.000', '27/11/2026 0h00'])
      expect(readFrenchDeadline(text, PARIS)).toEqual({ at: '2026-11-27' });
    expect(readFrenchDeadline('27/11/2026 10:00', PARIS)).toEqual({ at: '2026-11-27T09:00:00.000Z' });
  });

  it('is answered for whatever text', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof at(text) === 'object'));
  });
});

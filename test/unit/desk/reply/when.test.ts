import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDueDay, readWhen } from '#desk/reply/when.ts';

/** A Thursday, 10:30 in Paris. */
const NOW = Date.parse('2026-11-26T10:30:00+01:00');
const PARIS = { now: NOW, timeZone: 'Europe/Paris' };
const at = (text: string, clock = PARIS) => {
  const read = readWhen(text, clock);
  return read.kind === 'at' ? new Date(read.ms).toISOString() : read.kind;
};
const paris = (wall: string) => new Date(`${wall}+01:00`).toISOString();

describe('when something comes back', () => {
  it.each([
    ['', '2026-11-27T09:00'],
    ['demain', '2026-11-27T09:00'],
    ['demain soir', '2026-11-27T18:00'],
    ['à demain 14h', '2026-11-27T14:00'],
    ['après-demain', '2026-11-28T09:00'],
    ['apres demain 8h30', '2026-11-28T08:30'],
    ['ce soir', '2026-11-26T18:00'],
    ['cet après-midi', '2026-11-26T14:00'],
    ['aujourd’hui à 17 h', '2026-11-26T17:00'],
    ['lundi', '2026-11-30T09:00'],
    ['lundi 9h', '2026-11-30T09:00'],
    ['Lundi à 9 heures', '2026-11-30T09:00'],
    ['LUNDI MIDI', '2026-11-30T12:00'],
    ['lundi prochain', '2026-11-30T09:00'],
    ['jeudi', '2026-12-03T09:00'],
    ['jeudi 17h', '2026-11-26T17:00'],
    ['jeudi 9h', '2026-12-03T09:00'],
    ['vendredi 4 décembre à 16h15', '2026-12-04T16:15'],
    ['la semaine prochaine', '2026-11-30T09:00'],
    ['le mois prochain', '2026-12-01T09:00'],
    ['dans 3 jours', '2026-11-29T09:00'],
    ['dans une semaine', '2026-12-03T09:00'],
    ['dans 2 heures', '2026-11-26T12:30'],
    ['dans 30 minutes', '2026-11-26T11:00'],
    ['dans 2h', '2026-11-26T12:30'],
    ['dans 1h30', '2026-11-26T12:00'],
    ['dans 45min', '2026-11-26T11:15'],
    ['dans 3j', '2026-11-29T09:00'],
    ['de 3 jours', '2026-11-29T09:00'],
    ['d’une semaine', '2026-12-03T09:00'],
    ['fin de semaine', '2026-11-27T17:00'],
    ['dans un mois', '2026-12-26T09:00'],
    ['le 4', '2026-12-04T09:00'],
    ['le 30 à 14h', '2026-11-30T14:00'],
    ['jusqu’au 4 décembre', '2026-12-04T09:00'],
    ['1er décembre', '2026-12-01T09:00'],
    ['15/12', '2026-12-15T09:00'],
    ['15/12/2026 14 h 30', '2026-12-15T14:30'],
    ['15.12.27', '2027-12-15T09:00'],
    ['2027-01-05', '2027-01-05T09:00'],
    ['05/01', '2027-01-05T09:00'],
    ['29/02', '2028-02-29T09:00'],
    ['lundi en huit', '2026-12-07T09:00'],
    ['jeudi en huit à 14h', '2026-12-03T14:00'],
    ['mardi en quinze', '2026-12-15T09:00'],
    ['mardi de la semaine prochaine', '2026-12-01T09:00'],
    ['vendredi semaine prochaine 10h', '2026-12-04T10:00'],
    ['fin de mois', '2026-11-30T09:00'],
    ['à la fin du mois 17h', '2026-11-30T17:00'],
    ['fin janvier', '2027-01-29T09:00'],
    ['début décembre', '2026-12-01T09:00'],
    ['mi-janvier', '2027-01-15T09:00'],
    ['début novembre', '2027-11-01T09:00'],
    ['ce week-end', '2026-11-28T09:00'],
    ['dans une quinzaine de jours', '2026-12-11T09:00'],
    ['sous huitaine', '2026-12-04T09:00'],
    ['dans une demi-heure', '2026-11-26T11:00'],
    ['dans un quart d’heure', '2026-11-26T10:45'],
    ['dans trois quarts d’heure', '2026-11-26T11:15'],
    ['dans deux heures et demie', '2026-11-26T13:00'],
    ['d’ici 3 jours', '2026-11-29T09:00'],
    ['d’ici vendredi', '2026-11-27T09:00'],
    ['d’ici à lundi 14h', '2026-11-30T14:00'],
    ['demain en fin de matinée', '2026-11-27T11:00'],
    ['demain dans la matinée', '2026-11-27T09:00'],
    ['lundi en début d’après-midi', '2026-11-30T14:00'],
    ['en fin d’après-midi', '2026-11-26T17:00'],
    ['à minuit', '2026-11-27T00:00'],
    ['17h', '2026-11-26T17:00'],
    ['9h', '2026-11-27T09:00'],
    ['« lundi 9h »', '2026-11-30T09:00'],
  ])('« %s » is read', (text, wall) => expect(at(text)).toBe(paris(wall)));

  it.each(['mardi 30 novembre', 'lundi 1er décembre', 'lundi 9', 'vendredi 31/02'])('« %s » names two days, and none is taken', (text) =>
    expect(at(text)).toBe('impossible'),
  );

  it.each(['jeudi 26 novembre 9h', '26/11 8h'])('« %s », today and over, does not wait for a year', (text) =>
    expect(at(text)).toBe('past'),
  );

  it.each(['26/11', 'le 26 novembre', 'aujourd’hui'])('« %s » is not over because its morning is: it lacks an hour', (text) =>
    expect(at(text)).toBe('hourless'),
  );

  it('« fin de semaine » is no morning that is over', () => {
    const friday = { ...PARIS, now: Date.parse('2026-11-27T10:00:00+01:00') };
    expect(at('fin de semaine', friday)).toBe(paris('2026-11-27T17:00'));
  });

  it('« fin de mois » is the next month’s once this one’s is over, and no week-end', () => {
    const lastEvening = { ...PARIS, now: Date.parse('2026-11-30T18:00:00+01:00') };
    expect(at('fin de mois', lastEvening)).toBe(paris('2026-12-31T09:00'));
    const january = { ...PARIS, now: Date.parse('2027-01-05T10:00:00+01:00') };
    expect(at('fin du mois', january)).toBe(paris('2027-01-29T09:00')); // the 31st is a Sunday
  });

  it.each(['25/12/99', 'dans 9999 jours'])('« %s » exists, and is too far', (text) => expect(at(text)).toBe('far'));

  it.each(['1h', '1 heure', '2 heures', '0h'])('« %s » may mean so many hours, and is not taken for the night', (text) =>
    expect(at(text)).toBe('unreadable'),
  );

  it('of a task is a day, today’s whatever the hour', () => {
    const on = (text: string) => {
      const read = readDueDay(text, PARIS);
      return read.kind === 'on' ? read.day : read.kind;
    };
    expect(['aujourd’hui', '26/11', 'ce matin', 'jeudi 26 novembre', '9h'].map(on)).toEqual(Array(5).fill('2026-11-26'));
    expect(['demain', '25/11', '31/02', '01/01/2020', 'un jour', 'dans 14 heures'].map(on)).toEqual([
      ...['2026-11-27', '2027-11-25', 'impossible', 'past', 'unreadable', '2026-11-27'],
    ]);
  });

  it.each(['31/02', '32/12', 'lundi 25h', '00/00', '2026-02-30', 'le 32', '12h75'])('« %s » does not exist', (text) =>
    expect(at(text)).toBe('impossible'),
  );

  it.each(['aujourd’hui à 9h', '26/11/2026 8h', '01/01/2020', 'ce matin', 'hier', 'avant-hier 14h'])('« %s » is over', (text) =>
    expect(at(text)).toBe('past'),
  );

  it.each([
    'pièce manquante',
    'dans la semaine',
    'lundi peut-être',
    'demain ou lundi',
    'dans 0 jours',
    'le',
    '15 jui',
    'fin jui',
    'lundi en',
    'mi',
    'dans une quinzaine de dossiers',
    'de 9h à 10h',
    'dans 1h75',
  ])('« %s » is not guessed', (text) => expect(at(text)).toBe('unreadable'));

  it('is the organisation’s own clock, overseas too', () => {
    expect(at('demain 9h', { now: NOW, timeZone: 'Pacific/Noumea' })).toBe('2026-11-26T22:00:00.000Z');
    expect(at('ce soir', { now: NOW, timeZone: 'America/Martinique' })).toBe('2026-11-26T22:00:00.000Z');
  });

  it('is no word that JavaScript knows', () => {
    for (const word of ['__proto__', 'constructor', 'dans __proto__ jours'])
      expect(readWhen(word, { now: 1e12, timeZone: 'Europe/Paris' }).kind).toBe('unreadable');
  });

  it('never lies behind, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 0, max: 4e12 }), (text, now) => {
        const read = readWhen(text, { now, timeZone: 'Europe/Paris' });
        expect(read.kind !== 'at' || read.ms > now).toBe(true);
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { Desk } from '../../../../../web/src/lib/desk/desk.svelte.ts';
import { passes, readFilter, withoutFilter, withValue, writeFilter, writeView } from '../../../../../web/src/lib/desk/filter.ts';
import { AGENT, emptySnapshot, itemEvent, NOW, ROOM, SERVER } from './sample.ts';

const read = (query: string) => readFilter(new URLSearchParams(query));

function rows() {
  const from = { now: NOW, pos: '', feed: 'sliding' as const, connId: '', agent: AGENT, name: 'Claire', serverName: SERVER };
  const desk = new Desk({ ...from, device: 'D', isShared: false, rooms: [emptySnapshot()] });
  const timeline = [
    itemEvent('$1', { dossier: 'DEL-1', dueAt: '2026-11-20' }),
    itemEvent('$2', { state: 'doing', severity: 'urgent' }),
    itemEvent('$3', { dossier: 'DEL-2', dueAt: '2026-11-26' }),
  ];
  desk.take([{ room: ROOM, state: [], timeline }], NOW);
  return desk.rows;
}
const found = (query: string): string[] => {
  const filter = read(query);
  return rows()
    .filter((row) => filter === undefined || passes(filter, row))
    .map(({ eventId }) => eventId);
};

describe('a filter', () => {
  it('is undefined where an address asks for nothing it could mean', () => {
    expect(read('')).toBeUndefined();
    expect(read('objet=%24x&etat=parti&echeance=jamais&outil=')).toBeUndefined();
  });

  it('takes any value of one kind, and all kinds together', () => {
    expect(found('dossier=DEL-1&dossier=DEL-2')).toEqual(['$1', '$3']);
    expect(found('dossier=DEL-1&dossier=DEL-2&echeance=retard')).toEqual(['$1']);
    expect(found('etat=urgent')).toEqual(['$2']);
    expect(found('etat=en-cours&outil=astre&organisation=ville-claire')).toEqual(['$2']);
    expect(found('echeance=aucune')).toEqual(['$2']);
    expect(found('outil=autre')).toEqual([]);
  });

  it('is written one way, however it was asked for', () => {
    const [one, other] = [read('etat=urgent&outil=b&outil=a&objet=%24x'), read('outil=a&outil=b&outil=a&etat=urgent')];
    expect(one && writeFilter(one)).toBe('outil=a&outil=b&etat=urgent');
    expect(other && writeFilter(other)).toBe('outil=a&outil=b&etat=urgent');
  });

  it('gains and loses a value in an address, and the chosen item goes', () => {
    expect(withValue('?outil=a&objet=%24x', 'outil', 'b', true)).toBe('/?outil=a&outil=b');
    expect(withValue('?outil=a&etat=urgent', 'outil', 'a', false)).toBe('/?etat=urgent');
    expect(withValue('?outil=a', 'outil', 'a', false)).toBe('/');
  });

  it('is of the list that the address names: it goes without it, and is kept with it', () => {
    const search = '?liste=termine&etat=annule&objet=%24x';
    expect(withValue(search, 'outil', 'a', true)).toBe('/?liste=termine&etat=annule&outil=a');
    expect(withoutFilter(search)).toBe('/?liste=termine');
    const filter = read(search.slice(1));
    expect(filter && writeView(search, filter)).toBe('liste=termine&etat=annule');
  });
});

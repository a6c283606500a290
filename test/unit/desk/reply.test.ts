import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchActions, readReply, withoutQuotation } from '#desk/reply.ts';
import { wordsOf } from '#desk/reply/fold.ts';

const AT = { now: Date.parse('2026-11-26T10:30:00+01:00'), timeZone: 'Europe/Paris' };
const read = (body: string) => readReply(body, AT);

describe('what is typed', () => {
  it.each([
    ['fait', 'desk.aside'],
    ['Fait.', 'desk.aside'],
    ['FAIT !', 'desk.aside'],
    ['C’est fait', 'desk.aside'],
    ['Mettre de côté', 'desk.aside'],
    ['mettre de cote', 'desk.aside'],
    ['« de côté »', 'desk.aside'],
    ['✅', 'desk.aside'],
    ['↩️', 'desk.restore'],
    ['remettre', 'desk.restore'],
    ['Vu', 'desk.seen'],
    ['Épingler', 'desk.pin'],
    ['désépingler', 'desk.unpin'],
  ])('« %s » is %s', (body, action) => expect(read(body)).toEqual({ kind: 'triage', action }));

  it('puts off until the moment it names, in French, or until it changes', () => {
    expect(read('reporter lundi 9h')).toEqual({
      kind: 'triage',
      action: 'desk.snooze',
      input: { until: '2026-11-30T08:00:00.000Z' },
    });
    expect(read('Repousser à lundi 9h')).toEqual(read('reporter lundi 9h'));
    expect(read('Reporter')).toMatchObject({ input: { until: '2026-11-27T08:00:00.000Z' } });
    for (const later of ['plus tard', 'reporter plus tard', 'reporter à plus tard'])
      expect(read(later)).toMatchObject({ input: { until: '2026-11-27T08:00:00.000Z' } });
    expect(read('reporter jusqu’à ce que ça change')).toMatchObject({ input: { onChange: true } });
  });

  it('says which moment cannot be, rather than taking another', () => {
    expect(read('reporter 31/02')).toEqual({ kind: 'moment', problem: 'impossible', said: '31/02' });
    expect(read('reporter aujourd’hui 8h')).toMatchObject({ problem: 'past' });
    expect(read('reporter quand je pourrai')).toMatchObject({ problem: 'unreadable', said: 'quand je pourrai' });
  });

  it('keeps a note as it was written', () => {
    expect(read('note:\n- rappeler  M. Éluard\n- Paul')).toMatchObject({ input: { text: '- rappeler  M. Éluard\n- Paul' } });
    expect(read('« Note » voir\navec Paul')).toMatchObject({ action: 'desk.note', input: { text: 'voir\navec Paul' } });
    expect(read('Note : rappeler M. Éluard')).toEqual({ kind: 'triage', action: 'desk.note', input: { text: 'rappeler M. Éluard' } });
  });

  it('asks, answers and takes back', () => {
    expect(['Oui', 'non', 'Annuler', 'aide', 'Aide ?'].map((body) => read(body).kind)).toEqual(['yes', 'no', 'cancel', 'help', 'help']);
  });

  it('is conversation unless it is a word of ours', () => {
    expect(['fait beau aujourd’hui', 'oui mais', 'lundi', '', '   ', 'noter'].map((body) => read(body).kind)).toEqual(
      Array(6).fill('words'),
    );
  });

  it('leaves out the quotation that clients put before an answer', () => {
    expect(withoutQuotation('> <@bot:x> Délibération\n> à viser\n\nfait')).toBe('fait');
    expect(read('> <@bot:x> Délibération\n\nfait')).toMatchObject({ action: 'desk.aside' });
    expect(withoutQuotation('fait > refait')).toBe('fait > refait');
  });

  it('never throws, and answers the same twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (body) => {
        expect(read(body)).toEqual(read(body));
      }),
    );
  });
});

describe('an action by its name', () => {
  const actions = [
    { id: 'viser', label: 'Viser' },
    { id: 'rejeter', label: 'Rejeter…' },
    { id: 'refuser-tout', label: 'Refuser' },
    { id: 'refuser', label: 'Refuser la demande' },
  ];
  const match = (body: string) => matchActions(wordsOf(body), actions).map(({ action, rest }) => [action.id, rest]);

  it('is found with accents or not, and keeps what was typed after it', () => {
    expect(match('VISER')).toEqual([['viser', '']]);
    expect(match('Rejeter : pièce manquante, n° 3')).toEqual([['rejeter', 'pièce manquante, n° 3']]);
  });

  it('is the longest name that fits, and every one that fits as well', () => {
    expect(match('refuser la demande en l’état')).toEqual([['refuser', 'en l’état']]);
    expect(match('refuser')).toEqual([
      ['refuser-tout', ''],
      ['refuser', ''],
    ]);
  });

  it('is not found in the midst of a sentence, nor by a part of its name', () => {
    expect([match('je vais viser'), match('vise'), match('')]).toEqual([[], [], []]);
  });
});

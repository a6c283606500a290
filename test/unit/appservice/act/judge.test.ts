import { describe, expect, test } from 'vitest';
import { judgeAct } from '../../../../appservice/act/judge.ts';
import type { LastAction, Placement } from '#desk/placement.ts';
import { plainPlacement } from '../../desk/arbitrary.ts';

const now = Date.parse('2026-11-27T10:00:00Z');
const refusal = (changes: Partial<Placement>, action = 'valider'): string | undefined => {
  const judged = judgeAct(
    plainPlacement(changes),
    { action, input: {}, askedAt: now, revision: null },
    { now, tool: 'Congés', agent: 'claire.morel' },
  );
  return 'refusal' in judged ? judged.refusal : undefined;
};
const last = (said: Partial<LastAction>): LastAction => ({
  by: '@paul.vidal:desk.localhost',
  byName: 'Paul Vidal',
  at: '2026-11-27T09:59:00Z',
  action: 'valider',
  label: 'Valider',
  outcome: 'confirmed',
  through: 'action',
  request: '$r',
  ...said,
});

describe('what is over', () => {
  test('by a colleague who was quicker names her as people call her', () => {
    expect(refusal({ state: 'done', lastAction: last({}) })).toBe(
      'Demande sans objet\u00a0: Paul Vidal vient de le faire dans Congés. Rien n’y a été fait une seconde fois.',
    );
  });

  test('by a colleague who did something else is not said to be what was asked', () => {
    expect(refusal({ state: 'done', lastAction: last({ action: 'refuser', label: 'Refuser' }) })).toBe(
      'Demande sans objet\u00a0: Paul Vidal vient de choisir «\u00a0Refuser\u00a0» dans Congés. Rien d’autre n’y a été fait.',
    );
  });

  test('by herself or by nobody here is over', () => {
    const over = 'Demande refusée\u00a0: plus rien n’est attendu pour cet objet. Rien n’a été fait dans Congés.';
    for (const lastAction of [undefined, last({ by: '@claire.morel:desk.localhost' }), last({ outcome: 'failed' })])
      expect(refusal({ state: 'done', ...(lastAction && { lastAction }) })).toBe(over);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { becameUrgent, diff } from '#desk/diff.ts';
import type { Placement } from '#desk/placement.ts';
import { cleanPlacement, plainPlacement } from './arbitrary.ts';

describe('what a room needs', () => {
  it('is a first message when nothing was shown', () => {
    expect(diff(undefined, plainPlacement())).toBe('first');
  });

  it('is an edit when anything that is shown moved', () => {
    const shown = plainPlacement();
    const changes: Partial<Placement>[] = [
      { title: 'Autre' },
      { state: 'done' },
      { reason: 'en copie' },
      { dueAt: undefined },
      { updatedAt: '2026-11-21T00:00:00Z' },
      { actions: [] },
      { people: [{ role: 'by', name: 'Nadia Benali' }] },
      { lastAction: { by: '@claire.morel:x', at: '2026-11-20T10:00:00Z', action: 'valider', outcome: 'sent' } },
    ];
    for (const change of changes) expect(diff(shown, { ...shown, ...change })).toBe('edit');
  });

  it('is nothing when only the delivery or the revision moved', () => {
    const shown = plainPlacement();
    expect(diff(shown, { ...shown, revision: 99, via: { source: 's', id: 'i', digest: 'd' } })).toBe('nothing');
  });

  it('is nothing for the same placement read back from the store, its members in another order', () => {
    fc.assert(
      fc.property(cleanPlacement, (placement) => {
        expect(diff(placement, reversed(placement))).toBe('nothing');
      }),
    );
  });
});

/** The same placement with its members, and those of its people and actions, in the opposite order. */
function reversed(placement: Placement): Placement {
  return back({ ...placement, people: placement.people.map(back), actions: placement.actions.map(back) });
}

function back<T extends object>(value: T): T {
  const turned = { ...value };
  for (const [name, member] of Object.entries(value).reverse()) {
    Reflect.deleteProperty(turned, name);
    Reflect.set(turned, name, member);
  }
  return turned;
}

describe('becoming urgent', () => {
  const urgent = plainPlacement({ severity: 'urgent' });

  it('happens when severity rises, or when an urgent item is new or opened again', () => {
    expect(becameUrgent(plainPlacement(), urgent)).toBe(true);
    expect(becameUrgent(undefined, urgent)).toBe(true);
    expect(becameUrgent(plainPlacement({ severity: 'urgent', state: 'done' }), urgent)).toBe(true);
  });

  it('does not happen twice, nor on closing', () => {
    expect(becameUrgent(urgent, { ...urgent, title: 'Autre' })).toBe(false);
    expect(becameUrgent(plainPlacement(), { ...urgent, state: 'done' })).toBe(false);
    expect(becameUrgent(urgent, plainPlacement())).toBe(false);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareRevision, type Order, type Standing } from '#desk/order.ts';

describe('ordered by time', () => {
  it('takes the first and any later time as newer', () => {
    expect(compareRevision(undefined, { revision: 0, digest: 'a' }, 'time')).toBe('newer');
    expect(compareRevision({ revision: 1, digest: 'a' }, { revision: 2, digest: 'a' }, 'time')).toBe('newer');
  });

  it('takes an older time as late, whatever it says', () => {
    expect(compareRevision({ revision: 2, digest: 'a' }, { revision: 1, digest: 'b' }, 'time')).toBe('late');
  });

  it('takes an equal time with equal content as the same, with other content as newer', () => {
    expect(compareRevision({ revision: 2, digest: 'a' }, { revision: 2, digest: 'a' }, 'time')).toBe('same');
    expect(compareRevision({ revision: 2, digest: 'a' }, { revision: 2, digest: 'b' }, 'time')).toBe('newer');
  });
});

describe('ordered by revision', () => {
  it('takes an equal or lower revision as late, whatever it says', () => {
    expect(compareRevision({ revision: 2, digest: 'a' }, { revision: 2, digest: 'b' }, 'revision')).toBe('late');
    expect(compareRevision({ revision: 2, digest: 'a' }, { revision: 2, digest: 'a' }, 'revision')).toBe('late');
    expect(compareRevision({ revision: 2, digest: 'a' }, { revision: 1, digest: 'a' }, 'revision')).toBe('late');
  });

  it('takes a higher revision as newer', () => {
    expect(compareRevision({ revision: 2, digest: 'a' }, { revision: 3, digest: 'a' }, 'revision')).toBe('newer');
  });
});

function endOf(standings: readonly Standing[], order: Order): Standing | undefined {
  return standings.reduce<Standing | undefined>((now, next) => (compareRevision(now, next, order) === 'newer' ? next : now), undefined);
}

it('ends at the same standing whatever order deliveries come in, and however often', () => {
  const distinct = fc
    .uniqueArray(fc.nat(), { minLength: 1, maxLength: 8 })
    .map((all) => all.map((revision) => ({ revision, digest: `d${revision}` })));
  const twice = distinct.chain((all) =>
    fc.shuffledSubarray([...all, ...all, ...all], { minLength: all.length * 3, maxLength: all.length * 3 }),
  );
  fc.assert(
    fc.property(twice, fc.constantFrom<Order>('time', 'revision'), (standings, order) => {
      const newest = Math.max(...standings.map(({ revision }) => revision));
      expect(endOf(standings, order)).toEqual({ revision: newest, digest: `d${newest}` });
    }),
  );
});

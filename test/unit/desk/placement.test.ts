import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Item } from '#desk/item.ts';
import { compareRevision } from '#desk/order.ts';
import { closePlacement, isClosed, place, Placement, takeAway } from '#desk/placement.ts';
import { cleanItem, plainPlacement } from './arbitrary.ts';

const via = { source: 'urn:gta', id: 'gta-318-2', digest: 'abc' };
const item = Item.parse({ key: 'gta:conges-2:demande:318', revision: 5, title: 'Congé', updatedAt: '2026-11-20T09:14:03Z' });

describe('placing an item', () => {
  it('takes bot and connection from the first two colons of its key', () => {
    const placement = place(item, { reason: 'valideur', via });
    expect(placement).toStrictEqual({ ...item, v: 1, bot: 'gta', connection: 'conges-2', reason: 'valideur', via });
    expect(Placement.parse(placement)).toStrictEqual(placement);
  });

  it('leaves out what is not known', () => {
    expect(place(item, {})).toStrictEqual({ ...item, v: 1, bot: 'gta', connection: 'conges-2' });
  });
});

describe('closing', () => {
  it('keeps the content last shown and moves only state, revision and delivery', () => {
    const shown = plainPlacement({ via: { ...via, id: 'before' } });
    expect(closePlacement(shown, { state: 'done', revision: 11, via })).toStrictEqual({ ...shown, state: 'done', revision: 11, via });
    expect(closePlacement(shown, { state: 'expired', revision: 11 }).via).toBeUndefined();
  });
});

describe('taking away', () => {
  it('keeps the content last shown, as cancelled, « réattribué »', () => {
    const shown = plainPlacement();
    const expected = { ...shown, state: 'cancelled', reason: 'réattribué', revision: 12 };
    expect(takeAway(shown, { revision: 12 })).toStrictEqual(expected);
  });
});

it('says that done, cancelled and expired are closed, and nothing else', () => {
  const closed = (['todo', 'doing', 'waiting', 'done', 'cancelled', 'expired'] as const).filter((state) => isClosed({ state }));
  expect(closed).toEqual(['done', 'cancelled', 'expired']);
});

/** One event of an object: as the ingest applies it, late ones changing nothing. */
type Change = { revision: number; item: Item | undefined };

function follow(changes: readonly Change[]): Placement | undefined {
  let shown: Placement | undefined;
  let standing: { revision: number; digest: string } | undefined;
  for (const { revision, item: next } of changes) {
    const incoming = { revision, digest: String(revision) };
    if (compareRevision(standing, incoming, 'time') !== 'newer') continue;
    standing = incoming;
    if (next) shown = place({ ...next, revision }, {});
    else if (shown) shown = closePlacement(shown, { state: 'done', revision });
  }
  return shown;
}

const upserts = fc
  .uniqueArray(fc.tuple(fc.nat(), cleanItem), { minLength: 1, maxLength: 5, selector: ([revision]) => revision })
  .map((all) => all.map(([revision, content]): Change => ({ revision, item: { ...content, key: item.key } })));

it('ends at the same placement whatever order the deliveries of one object come in, five times each', () => {
  const shuffled = upserts.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all, ...all, ...all, ...all], { minLength: all.length * 5 })),
  );
  fc.assert(
    fc.property(shuffled, ([all, order]) => {
      const sorted = all.toSorted((a, b) => a.revision - b.revision);
      expect(follow(order)).toStrictEqual(follow(sorted));
      expect(follow(order)?.title).toBe(sorted.at(-1)?.item?.title);
    }),
  );
});

it('is closed whatever order the deliveries come in, when the newest of them closes', () => {
  fc.assert(
    fc.property(
      upserts.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }), fc.nat())),
      ([all, order, at]) => {
        const close: Change = { revision: Math.max(...all.map(({ revision }) => revision)) + 1, item: undefined };
        const before = at % (order.length + 1);
        const ended = follow([...order.slice(0, before), close, ...order.slice(before)]);
        if (before === 0) expect(ended).toBeUndefined();
        else expect([ended?.state, ended?.revision]).toEqual(['done', close.revision]);
      },
    ),
  );
});

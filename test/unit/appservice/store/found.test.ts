import fc from 'fast-check';
import { expect, test } from 'vitest';
import { place } from '../../../../appservice/store/found.ts';

const named = (...ids: string[]) => ids.map((event_id) => ({ event_id }));
const NOWHERE = { before: undefined, after: undefined };

test('a missing event stands between its neighbours', () => {
  const known = new Map([
    ['a', 1],
    ['c', 2],
  ]);
  expect(place(named('a', 'b', 'c'), known, NOWHERE)).toEqual([{ event: { event_id: 'b' }, at: 1.5 }]);
});

test('at the open end it stands where it comes, unless something came by itself meanwhile', () => {
  expect(place(named('a', 'b'), new Map([['a', 1]]), NOWHERE)[0]?.at).toBeUndefined();
  expect(place(named('a', 'b'), new Map([['a', 1]]), { before: undefined, after: 4 })[0]?.at).toBe(2.5);
});

test('before the first known one it stands behind what the room had before', () => {
  expect(place(named('a', 'b'), new Map([['b', 9]]), { before: 7, after: undefined })[0]?.at).toBe(8);
});

test('whatever is missing, the order of the timeline is kept', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }), (missing) => {
      const events = missing.map((_, index) => ({ event_id: String(index) }));
      const known = new Map(missing.flatMap((is, index) => (is ? [] : [[String(index), index] as const])));
      const at = new Map([
        ...known,
        ...place(events, known, { before: -1, after: 1000 }).map((one) => [one.event.event_id, one.at] as const),
      ]);
      const order = [...at].sort(([, a], [, b]) => (a ?? 0) - (b ?? 0)).map(([id]) => id);
      expect(order).toEqual(events.map(({ event_id }) => event_id));
    }),
  );
});

test('what a homeserver tells twice stands where it was told first', () => {
  const known = new Map([
    ['a', 5],
    ['b', 7],
  ]);
  const told = named('a', 'b', 'lost', 'a', 'b', 'lost', 'last');
  expect(place(told, known, { before: 3, after: 9 }).map(({ event, at }) => [event.event_id, at])).toEqual([
    ['lost', 7 + 2 / 3],
    ['last', 7 + 4 / 3],
  ]);
});

test('a known one that stands before what was told before it is nobody’s neighbour', () => {
  const known = new Map([
    ['a', 5],
    ['late', 2],
  ]);
  expect(place(named('a', 'lost', 'late'), known, { before: 1, after: 9 })[0]?.at).toBe(7);
});

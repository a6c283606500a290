import { describe, expect, it } from 'vitest';
import { counted, whole } from '../../../bots/paged.ts';

/** A server with pages of two rows; `list` says what it holds when a page is asked for. */
function pages(list: (asked: number) => readonly string[], said: (page: number) => object = (page) => ({ page })) {
  let asked = 0;
  return whole(
    counted((page) => {
      const rows = list((asked += 1));
      return Promise.resolve({ total: rows.length, content: rows.slice(page * 2, page * 2 + 2), ...said(page) });
    }, 'a list'),
  );
}

describe('a list in pages', () => {
  it.each([
    [0, []],
    [1, ['a']],
    [2, ['a', 'b']],
    [5, ['a', 'b', 'c', 'd', 'e']],
  ])('of %i rows is read to its end', async (_, rows) => {
    expect(await pages(() => rows)).toEqual(rows);
  });

  it('says how many there are by any of three names, and need not say which page it is', async () => {
    for (const page of [
      { content: ['a'], totalElements: 1, number: 0, last: true },
      { content: ['a'], total: 1, size: 10, page: 0 },
      { data: ['a'], total: 1, pageSize: 10 },
    ])
      expect(await whole(counted(() => Promise.resolve(page), 'a list'))).toEqual(['a']);
  });

  it.each([
    ['grows meanwhile', (asked: number) => (asked === 1 ? ['a', 'b', 'c'] : ['a', 'b', 'c', 'd'])],
    ['loses one and gets another', (asked: number) => (asked === 1 ? ['a', 'b', 'c', 'd'] : ['b', 'c', 'd', 'e'])],
  ])('that %s is not taken for whole', async (_, list) => {
    await expect(pages(list)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('whose server gives the same page again is not taken for whole, whatever it says of itself', async () => {
    for (const number of [{}, { number: 0 }]) {
      const same = { content: ['a', 'b'], totalElements: 6, ...number };
      await expect(whole(counted(() => Promise.resolve(same), 'a list'))).rejects.toMatchObject({ code: 'unavailable' });
    }
  });

  it('that is no such list is said to be of another shape', async () => {
    for (const odd of [null, [], { content: 'a', total: 1 }, { content: [], totalElements: -1 }])
      await expect(whole(counted(() => Promise.resolve(odd), 'a list'))).rejects.toMatchObject({ code: 'invalid' });
  });
});

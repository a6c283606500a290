/** Lists whose pages, from 0 on, say how many rows there are in all. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { DeskError } from '#desk/errors.ts';
import { shaped } from './bot.ts';
import { LooseId } from './loose.ts';

const Rows = z.array(z.unknown());
const Total = z.int().nonnegative();
const At = z.int().nullish().catch(undefined);
/** Three shapes are about: Spring's, `{total, content, page}`, and `{total, data, page}` of older builds. */
const Page = z.union([
  z
    .object({ content: Rows, totalElements: Total, number: At })
    .transform(({ content, totalElements, number }) => ({ rows: content, total: totalElements, at: number })),
  z.object({ content: Rows, total: Total, page: At }).transform(({ content, total, page }) => ({ rows: content, total, at: page })),
  z.object({ data: Rows, total: Total, page: At }).transform(({ data, total, page }) => ({ rows: data, total, at: page })),
]);

/**
 * All rows, page after page; `what` names the list. One that grew, shrank or moved meanwhile may lack a row, and one whose
 * server gives another page than was asked, or rows twice, lacks many: these are `unavailable`, so that they close nothing.
 */
export async function* counted(read: (page: number) => Promise<unknown>, what: string): AsyncGenerator<readonly unknown[]> {
  const changed = () => new DeskError('unavailable', `${what}: the list changed while it was read`);
  const seen = new Set<string>();
  let [expected, first]: [number | undefined, readonly unknown[]] = [undefined, []];
  for (let page = 0; expected === undefined || seen.size < expected; page += 1) {
    const { rows, total, at } = shaped(Page, await read(page), what);
    const before = seen.size;
    for (const row of rows) seen.add(JSON.stringify(row));
    if ((expected ?? total) !== total || (at ?? page) !== page) throw changed();
    yield rows;
    if (seen.size === before && before < total) throw changed();
    if (page === 0) first = rows;
    expected = total;
  }
  // One row gone and one come between two pages leave the count as it was, and push a row past us.
  if (seen.size > first.length && !isDeepStrictEqual(shaped(Page, await read(0), what).rows, first)) throw changed();
}

/** Them all in one list, for a list that is useless in parts. */
export async function whole(pages: AsyncIterable<readonly unknown[]>): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const page of pages) rows.push(...page);
  return rows;
}

/** The same, or another list where the server has none of that name. */
export async function wholeOr(pages: AsyncIterable<readonly unknown[]>, otherwise: () => Promise<unknown[]>): Promise<unknown[]> {
  try {
    return await whole(pages);
  } catch (error) {
    if (error instanceof DeskError && error.code === 'not_found') return otherwise();
    throw error;
  }
}

const Row = z.looseObject({ id: LooseId });
type Pages = AsyncIterable<readonly unknown[]>;

/** What stands in the lists that each row of a first one has (the desks of tenants), with the id of that row. */
export async function wholeBelow(outer: Pages, inner: (id: string) => Pages): Promise<[id: string, row: z.infer<typeof Row>][]> {
  const found: [string, z.infer<typeof Row>][] = [];
  for (const { id } of (await whole(outer)).map((row) => shaped(Row, row, 'a row')))
    for (const row of await whole(inner(id))) found.push([id, shaped(Row, row, 'a row')]);
  return found;
}

/**
 * Several lists, one after the other. One that is refused (a desk that is not hers after all) keeps from no other; that it was
 * is said when all are read, and nothing is closed then.
 */
export async function* eachList<List, Row>(lists: readonly List[], read: (list: List) => AsyncIterable<Row>): AsyncGenerator<Row> {
  let refused: DeskError | undefined;
  for (const list of lists) {
    try {
      yield* read(list);
    } catch (error) {
      if (!(error instanceof DeskError && (error.code === 'denied' || error.code === 'not_found'))) throw error;
      refused = error;
    }
  }
  if (refused !== undefined) throw refused;
}

/** Lists whose pages, from 0 on, say how many rows there are in all. */
import { z } from 'zod';
import { DeskError } from '#desk/errors.ts';
import { shaped } from './bot.ts';

const Rows = z.array(z.unknown());
const Total = z.int().nonnegative();
/** Three shapes are about: Spring's, `{total, content}`, and `{total, data}` of older builds. */
const Page = z.union([
  z.object({ content: Rows, totalElements: Total }).transform(({ content, totalElements }) => ({ rows: content, total: totalElements })),
  z.object({ content: Rows, total: Total }).transform(({ content, total }) => ({ rows: content, total })),
  z.object({ data: Rows, total: Total }).transform(({ data, total }) => ({ rows: data, total })),
]);

/** All rows, page after page. A list that grew or shrank meanwhile may lack a row, and is `unavailable`; `what` names it. */
export async function* counted(read: (page: number) => Promise<unknown>, what: string): AsyncGenerator<readonly unknown[]> {
  let expected: number | undefined;
  for (let page = 0, count = 0; expected === undefined || count < expected; page += 1) {
    const { rows, total } = shaped(Page, await read(page), what);
    count += rows.length;
    if ((expected ?? total) !== total || (rows.length === 0 && count < total))
      throw new DeskError('unavailable', `${what}: the list changed while it was read`);
    expected = total;
    yield rows;
  }
}

/** Them all in one list, for a list that is useless in parts. */
export async function whole(pages: AsyncIterable<readonly unknown[]>): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const page of pages) rows.push(...page);
  return rows;
}

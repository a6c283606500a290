/** The one query there is, in a dialect's own signs. Names are quoted, values are never part of the text. */
import type { Select, Session } from './io-sql-session.ts';

export function selectText(
  { table, columns, order = [], from, most }: Select,
  { quote, sign, written }: Pick<Session, 'quote' | 'sign' | 'written'>,
): { text: string; values: string[] } {
  const values: string[] = [];
  const say: Say = (column, comparison, value) => `${quote(column)} ${comparison} ${sign(values.push(written(value)), column)}`;
  const where = from === undefined ? '' : ` WHERE ${fromPlace(order, from, say, quote)}`;
  const by = order.length === 0 ? '' : ` ORDER BY ${order.map(quote).join(', ')}`;
  const text = `SELECT ${columns.map(quote).join(', ')} FROM ${quote(table.schema)}.${quote(table.name)}${where}${by} LIMIT ${most}`;
  return { text, values };
}

type Say = (column: string, comparison: '>=' | '>' | '=', value: string) => string;

function fromPlace(
  order: readonly string[],
  { values, orNull = false }: NonNullable<Select['from']>,
  say: Say,
  quote: (name: string) => string,
): string {
  const [first = ''] = order;
  // The first alone once more: what an index of it can answer.
  const place = values.length > 1 ? `${say(first, '>=', values[0] ?? '')} AND (${after(order, values, say)})` : after(order, values, say);
  return orNull ? `(${place} OR ${quote(first)} IS NULL)` : place;
}

/** `(a, b) >= (x, y)`, spelled out: not every server uses an index for the short form. */
function after([name = '', ...names]: readonly string[], [value = '', ...values]: readonly string[], say: Say): string {
  if (values.length === 0) return say(name, '>=', value);
  return `${say(name, '>', value)} OR (${say(name, '=', value)} AND (${after(names, values, say)}))`;
}

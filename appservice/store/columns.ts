/**
 * Rows on their way into a prepared statement, as one text per column, which PostgreSQL takes apart quicker than JSON
 * (measured: 8 µs instead of 11 for a placement). JSON texts hold no line feed, and identifiers of the door no control character;
 * should one of a bot do, the values are kept apart by something longer.
 */
import { v7 as uuidv7 } from 'uuid';

export type Value = string | number | boolean | null | undefined;

const LINE_FEED = '\n';

/** The parameters of a statement that takes its rows from `rowsOf`: what keeps the values apart, then the columns. */
export function columnsOf<Row>(rows: readonly Row[], columns: readonly ((row: Row) => Value)[]): string[] {
  const values = columns.map((column) => rows.map((row) => String(column(row) ?? '')));
  const isApart = values.every((texts) => texts.every((text) => !text.includes(LINE_FEED)));
  const apart = isApart ? LINE_FEED : `${LINE_FEED}${uuidv7()}${LINE_FEED}`;
  return [apart, ...values.map((texts) => texts.join(apart))];
}

/**
 * Reads as rows, in SQL, what `columnsOf` made: `names` of the columns, all texts, null for '', and their `place` from 1;
 * `first` is its first parameter.
 */
export function rowsOf(names: readonly string[], first = 1): string {
  const arrays = names.map((_, index) => `string_to_array($${first + 1 + index}, $${first}, '')`);
  return `unnest(${arrays.join(', ')}) with ordinality as sent(${names.join(', ')}, place)`;
}

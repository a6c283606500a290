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
  const joined = columns.map((column) => join(rows, column));
  if (joined.every((text) => text !== undefined)) return [LINE_FEED, ...joined];
  const apart = `${LINE_FEED}${uuidv7()}${LINE_FEED}`;
  return [apart, ...columns.map((column) => rows.map((row) => String(column(row) ?? '')).join(apart))];
}

/** In one pass, because there are thirty of these for every event; undefined when a value holds a line feed itself. */
function join<Row>(rows: readonly Row[], column: (row: Row) => Value): string | undefined {
  let text = '';
  let isFirst = true;
  for (const row of rows) {
    const value = String(column(row) ?? '');
    if (value.includes(LINE_FEED)) return undefined;
    text += isFirst ? value : `${LINE_FEED}${value}`;
    isFirst = false;
  }
  return text;
}

/**
 * Reads as rows, in SQL, what `columnsOf` made: `names` of the columns, all texts, null for '', and their `place` from 1;
 * `first` is its first parameter.
 */
export function rowsOf(names: readonly string[], first = 1): string {
  const arrays = names.map((_, index) => `string_to_array($${first + 1 + index}, $${first}, '')`);
  return `unnest(${arrays.join(', ')}) with ordinality as sent(${names.join(', ')}, place)`;
}

/**
 * Rows on their way into a statement as JSON, in parts: 500 events for 200 people each are more than one string, and more
 * than one jsonb, can hold.
 */
const LARGEST_CHUNK = 8_000_000; // characters; far below both limits, far above an ordinary transaction

/** Hands over the rows as texts of JSON arrays, in order, none of them empty. */
export function* jsonChunks(rows: Iterable<unknown>): Generator<string> {
  let parts: string[] = [];
  let length = 0;
  for (const row of rows) {
    const text = JSON.stringify(row);
    if (parts.length > 0 && length + text.length > LARGEST_CHUNK) {
      yield `[${parts.join(',')}]`;
      parts = [];
      length = 0;
    }
    parts.push(text);
    length += text.length;
  }
  if (parts.length > 0) yield `[${parts.join(',')}]`;
}

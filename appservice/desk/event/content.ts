/**
 * Content that a homeserver takes: Matrix events hold whole numbers of ±(2^53−1) only, and well-formed text.
 */

type Fields = Record<string, unknown>;

/** The value as an object's fields; undefined for anything else. */
export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A copy without `undefined`, fractions (rounded), infinities and lone surrogates. */
export function matrixSafe(content: Fields): Fields {
  return Object.fromEntries(
    Object.entries(content).flatMap(([name, value]) => (value === undefined ? [] : [[name.toWellFormed(), safeValue(value)]])),
  );
}

function safeValue(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'number') return safeNumber(value);
  if (Array.isArray(value)) return value.map(safeValue);
  const fields = fieldsOf(value);
  return fields ? matrixSafe(fields) : value;
}

function safeNumber(value: number): number {
  if (Number.isSafeInteger(value)) return value + 0; // -0 is no whole number in canonical JSON
  if (Number.isNaN(value)) return 0;
  return Math.min(Math.max(Math.round(value), Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER) + 0;
}

/** What an event says it relates to. */
export function relationOf(content: Fields): { kind?: string | undefined; eventId?: string | undefined; key?: string | undefined } {
  const relation = fieldsOf(content['m.relates_to']);
  return { kind: textOf(relation?.['rel_type']), eventId: textOf(relation?.['event_id']), key: textOf(relation?.['key']) };
}

/** Only these are written or followed as links. */
export function isLink(url: string): boolean {
  return url.length <= 2000 && /^https?:\/\/[^\s\p{Cc}]+$/iu.test(url);
}

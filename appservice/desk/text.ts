/**
 * Text that came from outside, made harmless: everything here is plain text, counted in code points (HOOKS.md, fine print).
 */

/** Tabs and everything Unicode calls a line end: they become one space, so that words do not grow together. */
const LINE_ENDS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;

/** Controls (Cc) and the marks that turn the direction of the text after them (UAX #9): what is read must be what is written. */
const HIDDEN = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const ALL_HIDDEN = new RegExp(HIDDEN, 'gu');

/** Says whether an identifier holds a control or bidirectional character: such a one is refused, never changed. */
export function hasControl(text: string): boolean {
  return HIDDEN.test(text);
}

/** What `cleanText` may have to change: found in few texts, and in one pass. */
const UNCLEAN = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]|^\s|\s$/;

/** Takes out what cannot be seen, turns line ends and tabs into one space, trims the ends. Lone surrogates become U+FFFD. */
export function cleanText(text: string): string {
  if (!UNCLEAN.test(text)) return text;
  return text.toWellFormed().replace(LINE_ENDS, ' ').replace(ALL_HIDDEN, '').trim();
}

const LINE_END = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/;

/** The same for what a person writes for herself: her lines stay, with at most one empty one between them. */
export function cleanLines(text: string): string {
  const lines = text.split(LINE_END).map(cleanText).join('\n');
  return lines.replace(/\n{3,}/g, '\n\n').trim();
}

/** At most `max` code points, the « … » of a shortened text included. */
export function shorten(text: string, max: number): string {
  if (text.length <= max) return text; // UTF-16 units are never fewer than code points
  const kept: string[] = [];
  for (const point of text) {
    if (kept.length === max)
      return `${kept
        .slice(0, max - 1)
        .join('')
        .trimEnd()}…`;
    kept.push(point);
  }
  return text;
}

/** Prose as it may be shown: cleaned, then at most `max` code points. Empty when nothing readable was in it. */
export function cleanProse(text: string, max: number): string {
  return shorten(cleanText(text), max);
}

/** Length in code points. */
export function countPoints(text: string): number {
  return Array.from(text).length;
}

/** Bytes of a value as canonical JSON: Matrix counts the size of events so (spec, « Size limits »). */
export function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

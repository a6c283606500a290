/**
 * The homeserver's clock, by which it is judged how long ago something was asked: a station's own may be an hour off, and what
 * she asks now would be refused as old.
 */
const SLACK_MS = 30_000; // a `Date` has whole seconds, and its answer was on its way for some

let aheadMs = 0;

/** The `Date` of an answer that has just come. */
export function hearDate(date: string | null): void {
  const ahead = Date.parse(date ?? '') - Date.now();
  if (!Number.isNaN(ahead)) aheadMs = Math.abs(ahead) < SLACK_MS ? 0 : ahead;
}

/** ms */
export const homeserverNow = (): number => Date.now() + aheadMs;

/**
 * The homeserver's clock, by which it is judged how long ago something was asked: a station's own may be an hour off, and what
 * she asks now would be refused as old.
 */
import { readAhead } from '#desk/clock.ts';

let aheadMs = 0;

/** The `Date` of an answer that has just come. */
export function hearDate(date: string | null): void {
  aheadMs = readAhead(date, Date.now()) ?? aheadMs;
}

/** ms */
export const homeserverNow = (): number => Date.now() + aheadMs;

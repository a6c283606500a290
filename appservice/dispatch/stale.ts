/**
 * Requests that come too late to be run at a tool: made while we were down, or held back by a phone without a network.
 * Triage is never too late: it folds in room order.
 */
import { HOUR_MS } from '#desk/zone.ts';

const LONGEST_MS = HOUR_MS / 4; // DESIGN §3 *Acting*: what she saw then may not be what is there now

/**
 * `now` is by the homeserver's clock, which also wrote `at`: ours may be an hour off. A time of her own that lies in
 * the future makes nothing younger; one in the past is believed, since a device may send late what was asked long ago.
 */
export function isStale({ askedAt, at }: { askedAt: number; at: number }, now: number): boolean {
  return now - Math.min(askedAt, at) > LONGEST_MS;
}

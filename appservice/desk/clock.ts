/** How far another's clock is ahead of ours, as the `Date` of its answers tells (RFC 9110 §6.6.1). */
const NEAR_MS = 5000; // the header knows only seconds, and an answer takes its time

/** In ms; 0 when they agree about well enough, undefined when the header says nothing. */
export function readAhead(date: string | null, now: number): number | undefined {
  const ahead = Date.parse(date ?? '') - now;
  if (Number.isNaN(ahead)) return undefined;
  return Math.abs(ahead) < NEAR_MS ? 0 : ahead;
}

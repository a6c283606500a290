/** When an account is swept next, and what that says of its connection. Pure but for the dice it is given. */
import type { DeskError } from '#desk/errors.ts';
import type { HealthWord } from '#desk/event.ts';

const JITTER = 0.1; // only shorter: a change is on the desk within the interval
const LONGEST_MS = 900_000;
const STUCK_MS = 900_000; // somebody has to look: asked now and then whether she did

export function nextSweepMs(everyMs: number, random: () => number): number {
  return Math.round(everyMs * (1 - JITTER * random()));
}

/** `isHers`: it was refused, and known to be her account alone. */
type Pacing = { failures: number; everyMs: number; isAccount: boolean; isHers?: boolean; random: () => number };

/** After a failure; `failures` counts this one. `Retry-After` is honoured. Undefined: the account rests until it is linked again. */
export function retryMs(error: DeskError, { failures, everyMs, isAccount, isHers = false, random }: Pacing): number | undefined {
  if (error.code === 'auth' && isHers) return undefined;
  if ((error.code === 'auth' && !isAccount) || error.code === 'config') return Math.max(STUCK_MS, error.retryAfterMs ?? 0);
  // What is refused to one account is no trouble of the tool, and the rest of what she has there goes on.
  const doublings = error.code === 'denied' && isAccount ? 0 : Math.min(failures - 1, 10);
  const backOff = Math.min(everyMs * 2 ** doublings, Math.max(LONGEST_MS, everyMs));
  return Math.max(Math.round(backOff * (1 - JITTER * random())), error.retryAfterMs ?? 0);
}

/** What a failed sweep says of the whole connection. `isOwn`: it may be one agent's account alone, which says nothing. */
export function wordFor({ code }: DeskError, { isOwn }: { isOwn: boolean }): HealthWord | undefined {
  if (code === 'unavailable' || code === 'rate_limited') return 'retrying';
  if (code === 'config') return 'misconfigured';
  if (isOwn) return undefined;
  return code === 'auth' || code === 'denied' ? 'bad_credentials' : 'misconfigured';
}

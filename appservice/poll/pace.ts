/** When an account is swept next, and what that says of its connection. Pure but for the dice it is given. */
import type { DeskError } from '#desk/errors.ts';
import type { HealthWord } from '#desk/event.ts';

const JITTER = 0.1; // only shorter: a change is on the desk within the interval
const LONGEST_MS = 900_000;
const STUCK_MS = 900_000; // somebody has to look: asked now and then whether she did

export function nextSweepMs(everyMs: number, random: () => number): number {
  return Math.round(everyMs * (1 - JITTER * random()));
}

/** After a failure; `failures` counts this one. `Retry-After` is honoured. Undefined: the account rests until it is linked again. */
export function retryMs(
  error: DeskError,
  { failures, everyMs, isAccount, random }: { failures: number; everyMs: number; isAccount: boolean; random: () => number },
): number | undefined {
  if (error.code === 'auth' && isAccount) return undefined;
  if (error.code === 'auth' || error.code === 'config') return Math.max(STUCK_MS, error.retryAfterMs ?? 0);
  const backOff = Math.min(everyMs * 2 ** Math.min(failures - 1, 10), Math.max(LONGEST_MS, everyMs));
  return Math.max(Math.round(backOff * (1 - JITTER * random())), error.retryAfterMs ?? 0);
}

/** What a failed sweep says of the whole connection: of one agent's account alone, nothing. */
export function wordFor(error: DeskError, { isAccount }: { isAccount: boolean }): HealthWord | undefined {
  if (error.code === 'auth' || error.code === 'denied') return isAccount ? undefined : 'bad_credentials';
  if (error.code === 'config' || error.code === 'bug' || error.code === 'invalid' || error.code === 'not_found')
    return isAccount && error.code !== 'config' ? undefined : 'misconfigured';
  return 'retrying';
}

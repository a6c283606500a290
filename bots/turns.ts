/** Much to read of one tool, in the process that reads all of them. */
import { setImmediate as turn } from 'node:timers/promises';
import { DeskError } from '#desk/errors.ts';

const [TURN_MS, MOST_MS] = [20, 60_000]; // without a break, and in all

/** Whoever publishes says how much work it is: others have their turn meanwhile, and it comes to an end (`unavailable`). */
export async function inTurns<Of>(all: readonly Of[], read: (one: Of) => void): Promise<void> {
  const began = performance.now();
  let since = began;
  for (const one of all) {
    read(one);
    const now = performance.now();
    if (now - began > MOST_MS) throw new DeskError('unavailable', 'It takes too long to read');
    if (now - since < TURN_MS) continue;
    await turn();
    since = performance.now();
  }
}

/**
 * `memory`: what the appservice holds with 5,000 agents after a burst of 20,000 events, once it has gone quiet; and the most it
 * ever held. The homeserver only counts.
 */
import { drain, post, startReady } from './support/bed.ts';
import { memoryMB, startCounting } from './support/counting-bed.ts';
import type { Found } from './found.ts';

const AGENTS = 5000;
const EVENTS = 20_000;
const DRAIN_MS = 420_000;
const QUIET_MS = 15_000; // it looks every five seconds whether there is something to give back

export async function memory(say: (line: string) => void): Promise<Found> {
  const bed = await startCounting('memory', { agents: AGENTS });
  const appservice = await startReady(bed);
  try {
    const pid = appservice.process.pid ?? 0;
    const started = await memoryMB(pid);
    const at = Date.now();
    const fired = await post(
      bed,
      Array.from({ length: EVENTS }, (_, index) => ({ id: `rafale-${String(index)}`, agent: index % AGENTS, at })),
    );
    say(`${String(EVENTS)} events accepted in ${(fired.ms / 1000).toFixed(1)} s`);
    await drain(bed, { withinMs: DRAIN_MS, say });
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    const { now, most } = await memoryMB(pid);
    return { ours: { rssMB: now, mostMB: most, atStartMB: started.now }, floor: {}, ratio: {}, runs: 1 };
  } finally {
    await appservice.stop();
    await bed.stop();
  }
}

/**
 * The load generator's own process: makes its signed requests, says so, waits for the word, fires them and tells what came
 * of them. `node load.ts '<Load as JSON>'` with an IPC channel.
 */
import { z } from 'zod';
import { HOOK_PATH, toolEvent } from './tools.ts';
import { fire, signedRequest } from './wire.ts';

const Load = z.object({
  port: z.number(),
  secret: z.string(),
  /** Sets the ids of one load apart from those of another. */
  name: z.string(),
  events: z.number(),
  /** Events per request; 1 is a request without a batch. */
  each: z.number(),
  connections: z.number(),
  agents: z.number(),
  perSecond: z.number().optional(),
});
export type Load = z.infer<typeof Load>;

const load = Load.parse(JSON.parse(process.argv[2] ?? '{}'));
const at = Date.now();
const requests: Buffer[] = [];
for (let first = 0; first < load.events; first += load.each) {
  const events = Array.from({ length: Math.min(load.each, load.events - first) }, (_, offset) => {
    const index = first + offset;
    return toolEvent({ id: `${load.name}-${String(index)}`, agent: index % load.agents, at });
  });
  const [only] = events;
  requests.push(
    signedRequest({
      path: HOOK_PATH,
      secret: load.secret,
      id: `msg-${load.name}-${String(first)}`,
      events: load.each === 1 && only ? only : events,
    }),
  );
}
process.once('message', () => {
  void fire(load.port, requests, load).then(({ ms, latencies, refused }) => {
    const at = (share: number): number => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? Number.NaN;
    process.send?.({ ms, refused, p50: at(0.5), p99: at(0.99) });
  });
});
process.on('disconnect', () => {
  process.exit();
});
process.send?.({ prepared: requests.length });

/**
 * The load generator's own process: makes its signed requests, says so, waits for the word, fires them and tells what came
 * of them. `node load.ts '<Load as JSON>'` with an IPC channel.
 */
import { z } from 'zod';
import { percentile } from './figures.ts';
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
const lanes = Array.from({ length: load.connections }, (): Buffer[] => []);
for (let first = 0; first < load.events; first += load.each) {
  const events = Array.from({ length: Math.min(load.each, load.events - first) }, (_, offset) => {
    const index = first + offset;
    return toolEvent({ id: `${load.name}-${String(index)}`, agent: index % load.agents, at });
  });
  const [only] = events;
  const posted = load.each === 1 && only ? only : events;
  const request = signedRequest({ path: HOOK_PATH, secret: load.secret, id: `msg-${load.name}-${String(first)}`, events: posted });
  lanes[(first / load.each) % load.connections]?.push(request);
}
process.once('message', () => {
  const how = load.perSecond === undefined ? {} : { perSecond: load.perSecond };
  void fire(load.port, lanes, how).then(({ ms, latencies, refused }) => {
    process.send?.({ ms, refused, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) });
  });
});
process.on('disconnect', () => {
  process.exit();
});
process.send?.('prepared');

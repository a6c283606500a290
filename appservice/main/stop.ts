/** How a process ends: what is going on is drained for a few seconds, the store keeps the rest for the next start. */
import type { Listener } from '../http/server.ts';
import type { Parts } from './assemble.ts';

const DRAIN_MS = 4000;
const LAST_MS = 5000; // then the process ends whatever is still going on; the store keeps the rest

export type Phase = 'starting' | 'serving' | 'stopping';

/** SIGTERM and SIGINT drain what is going on for a few seconds; the store keeps the rest for the next start. */
export function stopOnSignal(parts: Parts, life: { phase: Phase; listeners: Listener[] }): void {
  const stop = async (): Promise<void> => {
    if (life.phase === 'stopping') return;
    life.phase = 'stopping';
    setTimeout(() => process.exit(0), LAST_MS).unref();
    parts.pinger.stop();
    parts.rebuild.stop();
    parts.directory.stop();
    const listeners = life.listeners.map((listener) => listener.close(DRAIN_MS));
    await Promise.allSettled([
      ...listeners,
      parts.relay.stop(),
      parts.dispatch.stop(),
      parts.schedule.stop(),
      parts.poller.stop(),
      parts.accounts.stop(),
      parts.actor.stop(),
    ]);
    await parts.tools.close();
    await parts.matrix.close();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
  // Whoever started us is gone: nobody would end us any more.
  if (process.send !== undefined) process.on('disconnect', () => process.exit());
}

/**
 * Gives memory back once a storm is over: V8 collects when it allocates, so a process that has gone quiet would keep for hours
 * what its busiest minute needed. Asked of the inspector inside the process: Node has no other way without a flag.
 */
import { Session } from 'node:inspector/promises';
import { getHeapStatistics } from 'node:v8';

const LOOK_MS = 5000;
const QUIET_US = 0.1 * LOOK_MS * 1000; // of the processor between two looks
const WORTH = 8 * 2 ** 20; // bytes that the heap has grown by: less is not worth standing still for

/** Looks every few seconds for as long as the process runs; does not keep it running. */
export function tidyWhenQuiet(): void {
  let before = process.cpuUsage();
  let kept = 0;
  setInterval(() => {
    const { user, system } = process.cpuUsage(before);
    before = process.cpuUsage();
    if (user + system > QUIET_US || getHeapStatistics().total_physical_size - kept < WORTH) return;
    // Where it cannot be asked (someone debugs), memory stays as it is: nothing else depends on it.
    void collect()
      .catch(() => undefined)
      .finally(() => (kept = getHeapStatistics().total_physical_size));
  }, LOOK_MS).unref();
}

async function collect(): Promise<void> {
  const session = new Session();
  session.connect();
  try {
    await session.post('HeapProfiler.enable');
    await session.post('HeapProfiler.collectGarbage');
  } finally {
    session.disconnect();
  }
}

/** A bed whose homeserver only counts: what is measured is the appservice, not Synapse. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../support/trial/ports.ts';
import { type BenchBed, startBench } from './bed.ts';
import { Child } from './child.ts';
import type { Counted } from './counting.ts';

const COUNTING = fileURLToPath(new URL('./counting.ts', import.meta.url));

export type CountingBed = BenchBed & { count: () => Promise<Counted> };

export async function startCounting(name: string, { agents }: { agents: number }): Promise<CountingBed> {
  const port = await freePort();
  const url = `http://127.0.0.1:${String(port)}`;
  const homeserver = new Child(COUNTING, { port });
  await homeserver.hear();
  const bed = await startBench(name, { agents, homeserver: url });
  const { hsToken, url: door } = bed.config.appservice;
  await fetch(`${url}/appservice`, { method: 'POST', body: JSON.stringify({ url: door, hsToken }) });
  await bed.killSynapse();
  return {
    ...bed,
    count: async () => (await (await fetch(`${url}/count`)).json()) as Counted,
    async stop() {
      await bed.stop();
      await homeserver.end();
    },
  };
}

const HERTZ = 100; // USER_HZ of Linux, whatever the machine

/** Seconds of CPU a process has used. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) / HERTZ;
}

/** Memory a process holds now, and the most it ever held, in MB of 2^20 bytes. */
export async function memoryMB(pid: number): Promise<{ now: number; most: number }> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  const read = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? Number.NaN) / 1024;
  return { now: read('VmRSS'), most: read('VmHWM') };
}

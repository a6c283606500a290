/** The floor of sweeping: the same calls at the same pace, made bare. `node bare-calls.ts '{"ports": […], "agents": N, "everyMs": …}'`. */
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { z } from 'zod';
import { agentName } from './tools.ts';

const Settings = z.object({ ports: z.array(z.number()), agents: z.number(), everyMs: z.number() });
const { ports, agents, everyMs } = Settings.parse(JSON.parse(process.argv[2] ?? '{}'));

async function sweepForEver(pool: Pool, port: number, agent: string): Promise<never> {
  await pause(Math.random() * everyMs);
  for (;;) {
    const due = pause(everyMs);
    const desk = `/api/standard/v1/tenant/t/desk/bureau-${agent}`;
    for (const path of ['/api/v1/currentUser/desks', `${desk}/PENDING`, `/api/v1/tenant/t/folder/${port}-${agent}`]) {
      const { body } = await pool.request({ method: 'GET', path, headers: { authorization: `Bearer ${agent}` } });
      await body.json();
    }
    await due;
  }
}

for (const port of ports) {
  const pool = new Pool(`http://127.0.0.1:${String(port)}`, { connections: 16 });
  for (let agent = 0; agent < agents; agent += 1)
    sweepForEver(pool, port, agentName(agent)).catch((error: unknown) => {
      console.error(error);
      process.exit(1);
    });
}
process.on('disconnect', () => process.exit());
process.send?.('calling');

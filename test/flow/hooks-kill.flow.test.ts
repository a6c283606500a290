import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONNECTIONS, event, HooksBed } from '../support/hooks-bed.ts';

let bed: HooksBed;
beforeAll(async () => {
  bed = await HooksBed.start();
  await bed.addMember('claire.morel', { mail: 'claire.morel@ville-claire.example' });
});
afterAll(() => bed.stop());

const PROGRAM = fileURLToPath(new URL('../support/mortal-door.ts', import.meta.url));

/** Starts a door that dies at this step; answers its port and when it is dead, by which signal. */
async function startMortal(step: string): Promise<{ port: number; death: Promise<unknown[]> }> {
  const env = { ...process.env, DOOR_CONNECTIONS: JSON.stringify(CONNECTIONS) };
  const child = fork(PROGRAM, [bed.url, step], { env, execArgv: [], stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const death = once(child, 'exit');
  const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  return { port: Number(line.toString()), death };
}

async function stored(id: string): Promise<Record<string, number>> {
  const key = `gta:gta:${id}`;
  const [deliveries, items, placements, rows] = await Promise.all([
    bed.store.selectFrom('work.deliveries').select('id').where('id', '=', id).execute(),
    bed.store.selectFrom('work.items').select('key').where('key', '=', key).execute(),
    bed.store.selectFrom('work.placements').select('key').where('key', '=', key).execute(),
    bed.store.selectFrom('work.outbox').select('id').where('subject', '=', key).execute(),
  ]);
  return { deliveries: deliveries.length, items: items.length, placements: placements.length, rows: rows.length };
}

describe('an appservice killed while it accepts', () => {
  it.each([
    { step: 'ingest.before-commit', before: 0, answer: { accepted: 1, duplicates: 0 } },
    { step: 'ingest.after-commit', before: 1, answer: { accepted: 0, duplicates: 1 } },
  ])('at $step has kept all of a delivery or nothing, and the repetition ends with it once', async ({ step, before, answer }) => {
    const { port, death } = await startMortal(step);
    const id = `killed-${step}`;
    const sent = event({ id, item: { key: id } });
    await expect(bed.post('gta', sent, { port })).rejects.toThrow();
    expect((await death)[1]).toBe('SIGKILL');
    expect(await stored(id)).toEqual({ deliveries: before, items: before, placements: before, rows: before });
    expect(await bed.post('gta', sent)).toMatchObject({ status: 202, json: answer });
    expect(await stored(id)).toEqual({ deliveries: 1, items: 1, placements: 1, rows: 1 });
  });
});

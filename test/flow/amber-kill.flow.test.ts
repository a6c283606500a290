/** kill -9 around an amber action: whenever it comes, the tool is asked at most once, and what came of it is always said. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AmberBed } from '../support/amber-bed.ts';
import { pause, until } from '../support/guarded.ts';

let bed: AmberBed;
beforeAll(async () => {
  bed = await AmberBed.start('amber-kill');
});
afterAll(() => bed.stop());

const ENDS = ['confirmed', 'refused', 'failed', 'unknown'] as const;

describe('killed', () => {
  test('within the window and back before its end, it runs once when it ends', async () => {
    const folder = await bed.folder('Dans la fenêtre');
    await bed.choose(20);
    const before = bed.tool.acted();
    const request = await bed.ask(folder, 'viser');
    const { until: end = 0 } = await bed.outcome(request, 'waiting');
    await bed.appservice.kill();
    await bed.restart();
    expect(Date.now()).toBeLessThan(end);
    expect(bed.tool.acted()).toBe(before);
    await ended(request);
    expect(Date.now()).toBeGreaterThanOrEqual(end);
    expect((await bed.outcomes(request)).map(({ outcome }) => outcome)).toEqual(['waiting', 'sent', 'confirmed']);
    expect(bed.tool.acted()).toBe(before + 1);
    await bed.choose(5);
  });

  test('within the window and down at its end, it does not run and says that it has to be asked again', async () => {
    const folder = await bed.folder('Endormi');
    const before = bed.tool.acted();
    const request = await bed.ask(folder, 'viser');
    const { until: end = 0 } = await bed.outcome(request, 'waiting');
    await bed.appservice.kill();
    await pause(Math.max(0, end - Date.now()) + 500);
    await bed.restart();
    expect(await bed.said(request)).toContain('le bureau était arrêté quand le délai d’annulation a pris fin');
    expect(bed.tool.acted()).toBe(before);
    const again = await bed.ask(folder, 'viser');
    await ended(again);
    expect(bed.tool.acted()).toBe(before + 1);
  });

  test('with the store that ends while the tool is asked how its object stands, it runs once the store is back', async () => {
    const folder = await bed.folder('Panne de la base');
    await bed.choose('twice');
    const [before, calls] = [bed.tool.acted(), bed.tool.calls.length];
    bed.tool.fail({ kind: 'slow', ms: 3000 });
    const request = await bed.ask(folder, 'viser');
    const isAsked = () => bed.tool.calls.slice(calls).some(({ path }) => path.includes(folder.key));
    expect(await until(() => Promise.resolve(isAsked() ? true : undefined), { everyMs: 20 })).toBe(true);
    await bed.matrix.killPostgres();
    await pause(4000);
    bed.tool.fail();
    await bed.matrix.restartPostgres();
    await bed.outcome(request, 'confirmed');
    expect(bed.tool.acted()).toBe(before + 1);
    await bed.choose(5);
  });

  test('taken back while it was down, it does not run', async () => {
    await bed.choose(20);
    const folder = await bed.folder('Repris pendant l’arrêt');
    const before = bed.tool.acted();
    const request = await bed.ask(folder, 'viser');
    const { until: end = 0 } = await bed.outcome(request, 'waiting');
    await bed.appservice.kill();
    await bed.redact(request);
    await bed.restart();
    await bed.outcome(request, 'refused');
    await pause(Math.max(0, end - Date.now()) + 1500);
    expect(bed.tool.acted()).toBe(before);
    bed.tool.settle(folder.key);
    await bed.choose(5);
  });

  test.each(['act.waiting', 'act.sent', 'act.answered'])('at %s, it is never done twice and always told', async (step) => {
    await bed.choose('twice'); // so that a long restart does not outlast the window
    if (step === 'act.waiting') await bed.choose(20);
    const folder = await bed.folder(`Tué à ${step}`);
    await bed.restart(step);
    const before = bed.tool.acted();
    const request = await bed.ask(folder, 'viser');
    expect(await bed.appservice.ended()).toBe('SIGKILL');
    await bed.restart();
    // A claim that a kill left lapses by itself (green-kill.flow); the test need not wait for it.
    const lapse = bed.matrix.store.updateTable('record.acts').set({ lease_until: null }).where('request', '=', request);
    await lapse.where('settled_at', 'is', null).execute();
    const outcome = await ended(request);
    expect(bed.tool.acted() - before).toBeLessThanOrEqual(1);
    if (outcome === 'confirmed') expect(bed.tool.acted() - before).toBe(1);
    expect((await bed.outcomes(request)).filter(({ outcome: one }) => one === outcome)).toHaveLength(1);
    bed.tool.settle(folder.key);
  });
});

/** How a request ended, as the room says it. */
async function ended(request: string): Promise<string> {
  const find = async () => (await bed.outcomes(request)).find(({ outcome }) => ENDS.some((end) => end === outcome))?.outcome;
  const found = await until(find, { everyMs: 100 });
  if (found === undefined) throw new Error(`nothing came of it: ${JSON.stringify(await bed.outcomes(request))}`);
  return found;
}

/** A file of its own: it waits for minutes and does next to nothing meanwhile, so that others run beside it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AmberBed } from '../support/amber-bed.ts';
import { until } from '../support/guarded.ts';

let bed: AmberBed;
beforeAll(async () => {
  bed = await AmberBed.start('amber-slow');
});
afterAll(() => bed.stop());

test(
  'an amber action of a tool that is slow for 70 s is asked once, and never said to be done without its word',
  { timeout: 360_000 },
  async () => {
    const folder = await bed.folder('Lenteur');
    await bed.choose('twice');
    const before = bed.tool.acted();
    // Reading the folder and its desk is quick; the visa itself is done, and answered long after.
    bed.tool.fail({ kind: 'slow', ms: 70_000, from: 5 });
    const request = await bed.ask(folder, 'viser');
    const end = await until(
      async () => (await bed.outcomes(request)).find(({ outcome }) => ['confirmed', 'refused', 'failed', 'unknown'].includes(outcome)),
      { withinMs: 220_000, everyMs: 500 },
    );
    bed.tool.fail();
    expect(['confirmed', 'unknown']).toContain(end?.outcome);
    expect(bed.tool.acted()).toBe(before + 1);
    const isShown = async (): Promise<true | undefined> => ((await bed.row(folder.key))?.state === 'done' ? true : undefined);
    expect(await until(isShown, { withinMs: 120_000, everyMs: 100 })).toBe(true); // a sweep was in it, too
  },
);

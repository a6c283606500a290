/** A file of its own: it waits for more than a minute and does next to nothing meanwhile, so that others run beside it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AmberBed } from '../support/amber-bed.ts';
import { until } from '../support/guarded.ts';

let bed: AmberBed;
beforeAll(async () => {
  bed = await AmberBed.start('amber-slow');
});
afterAll(() => bed.stop());

test('an amber action of a tool that is slow for 70 s is asked once, and never said to be done without its word', async () => {
  const folder = await bed.folder('Lenteur');
  await bed.choose('twice');
  const before = bed.tool.acted();
  // The visa is done, and answered long after. What is slow whatever it is asked: slow-tools.flow, in a fiftieth of the time.
  bed.tool.fail({ kind: 'slow', ms: 70_000, only: ({ method }) => method === 'PUT' });
  const request = await bed.ask(folder, 'viser');
  await bed.outcome(request, 'sent');
  expect(await until(() => Promise.resolve(bed.tool.acted() > before ? true : undefined))).toBe(true);
  expect((await bed.outcomes(request)).map(({ outcome }) => outcome)).toEqual(['sent']);
  const ends = async () =>
    (await bed.outcomes(request)).find(({ outcome }) => ['confirmed', 'refused', 'failed', 'unknown'].includes(outcome));
  const end = await until(ends, { withinMs: 150_000, everyMs: 500 });
  expect(['confirmed', 'unknown']).toContain(end?.outcome);
  expect(bed.tool.acted()).toBe(before + 1);
  const isShown = async (): Promise<true | undefined> => ((await bed.row(folder.key))?.state === 'done' ? true : undefined);
  expect(await until(isShown)).toBe(true);
});

/** kill -9 around a green action of a bot: its tool is asked at most once, or once more where that is as once; what was left unknown is settled by the sweeps. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { twin } from '../../bots/nextcloud/twin.ts';
import type { RunningTwin } from '../../bots/twin.ts';
import { AmberBed, type Folder } from '../support/amber-bed.ts';
import { until } from '../support/guarded.ts';

let bed: AmberBed<RunningTwin>;
beforeAll(async () => {
  bed = await AmberBed.beside('green-kill', { bot: 'nextcloud', tool: await twin.start() });
});
afterAll(() => bed.stop());

const ENDS = ['confirmed', 'refused', 'failed', 'unknown'];
let count = 0;

/** One after the other the twin's notifications offer other things. */
async function offering(action: string): Promise<Folder> {
  for (let tries = 0; tries < 8; tries += 1) {
    const folder = await bed.folder(`Note ${String((count += 1))}.odt`);
    if ((await bed.row(folder.key))?.content.actions.some(({ id, risk }) => id === action && risk === 'green') === true) return folder;
  }
  throw new Error(`no notification offers ${action}`);
}

async function ended(request: string, ...ends: readonly string[]): Promise<string> {
  const find = async () => (await bed.outcomes(request)).map(({ outcome }) => outcome).find((one) => ends.includes(one));
  return (await until(find, { everyMs: 100 })) ?? 'nothing';
}

test.each([
  { action: 'accepter', step: 'act.sent', end: 'unknown', calls: 0 },
  { action: 'accepter', step: 'act.answered', end: 'confirmed', calls: 1 },
  { action: 'marquer-lu', step: 'act.sent', end: 'confirmed', calls: 1 },
  { action: 'marquer-lu', step: 'act.answered', end: 'confirmed', calls: 1 },
])('killed at $step, « $action » is $end after $calls calls', async ({ action, step, end, calls }) => {
  const notification = await offering(action);
  await bed.restart(step);
  const before = bed.tool.acted();
  const request = await bed.ask(notification, action);
  expect(await bed.appservice.ended()).toBe('SIGKILL');
  await bed.restart();
  expect(await ended(request, ...ENDS)).toBe(end);
  expect(bed.tool.acted() - before).toBe(calls);
  if (end !== 'unknown') return;
  // She looks there, as she was told, and does it: the next sweep sees that it is done.
  bed.tool.settle(notification.key);
  expect(await ended(request, 'confirmed')).toBe('confirmed');
  expect(bed.tool.acted() - before).toBe(calls);
});

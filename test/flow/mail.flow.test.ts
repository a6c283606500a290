import { afterAll, beforeAll, expect, test } from 'vitest';
import { mail } from '../../bots/mail/index.ts';
import { twin as mailTwin } from '../../bots/mail/twin.ts';
import type { RunningTwin } from '../../bots/twin.ts';
import { until } from '../support/guarded.ts';
import { ToolsBed } from '../support/tools-bed.ts';

let twin: RunningTwin;
let bed: ToolsBed;
let claire: string;

beforeAll(async () => {
  twin = await mailTwin.start();
  bed = await ToolsBed.start([{ id: 'alertes', bot: mail, twin, every: 600 }]);
  claire = await bed.addMember('claire');
  await bed.poller.start();
  await until(async () => (twin.calls.some(({ method }) => method === 'IDLE') ? true : await Promise.resolve(undefined)));
});
afterAll(async () => {
  await bed.stop();
  await twin.stop();
});

test('a mail is on the desk as the mailbox tells of it, long before the next look, and closed there by the mail that says so', async () => {
  const [one, two] = [twin.add([claire]), twin.add([claire])];
  expect(await bed.shows('claire', [one, two])).toEqual([one, two]);
  twin.settle(one);
  expect(await bed.shows('claire', [two])).toEqual([two]);
});

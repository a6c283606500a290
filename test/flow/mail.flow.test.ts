import { afterAll, beforeAll, expect, test } from 'vitest';
import { mail } from '../../bots/mail/index.ts';
import { twin as mailTwin } from '../../bots/mail/twin.ts';
import type { RunningTwin } from '../../bots/twin.ts';
import { until } from '../support/guarded.ts';
import { ToolsBed } from '../support/tools-bed.ts';

let twin: RunningTwin;
let early: RunningTwin;
let bed: ToolsBed;
let claire: string;
let paul: string;
let between: string | undefined;

/** A mail comes after the first look, and before the mailbox is listened to. */
const beaten: typeof mail = {
  ...mail,
  watch: async (ctx, on) => {
    between ??= early.add([paul]);
    return (await mail.watch?.(ctx, on)) ?? (() => undefined);
  },
};

beforeAll(async () => {
  [twin, early] = [await mailTwin.start(), await mailTwin.start()];
  bed = await ToolsBed.start([
    { id: 'alertes', bot: mail, twin, every: 600 },
    { id: 'courrier', bot: beaten, twin: early, every: 600 },
  ]);
  claire = await bed.addMember('claire');
  paul = await bed.addMember('paul');
  await bed.poller.start();
  await until(async () => (twin.calls.some(({ method }) => method === 'IDLE') ? true : await Promise.resolve(undefined)));
});
afterAll(async () => {
  await bed.stop();
  await Promise.all([twin.stop(), early.stop()]);
});

test('a mail is on the desk as the mailbox tells of it, long before the next look, and closed there by the mail that says so', async () => {
  const [one, two] = [twin.add([claire]), twin.add([claire])];
  expect(await bed.shows('claire', [one, two])).toEqual([one, two]);
  twin.settle(one);
  expect(await bed.shows('claire', [two])).toEqual([two]);
});

test('a mail that came between the first look and the listening does not wait for the next look', async () => {
  expect(await bed.shows('paul', ['D-1'])).toEqual([between]);
});

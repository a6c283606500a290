/** The pushes of tools that are watched by an agent's own account: they end with it, whichever replica ended or replaced it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dropAccount, keepAccount } from '../../appservice/store/accounts.ts';
import { nextcloud } from '../../bots/nextcloud/index.ts';
import { type CloudTwin, twin as cloudTwin } from '../../bots/nextcloud/twin.ts';
import { until } from '../support/guarded.ts';
import { ACCOUNT_KEYS, ToolsBed } from '../support/tools-bed.ts';

const HERS = { connection: 'nuage', localpart: 'claire' };

/** Stands still for the poller: it looks for forgotten ones each half minute, and that is not what ends them here. */
const began = Date.now();

let cloud: CloudTwin;
let bed: ToolsBed;
let claire: string;

beforeAll(async () => {
  cloud = await cloudTwin.start();
  bed = await ToolsBed.start([{ id: 'nuage', bot: nextcloud, twin: cloud, every: 3600 }], [], { clock: () => began });
  claire = await bed.addMember('claire');
  await bed.poller.start();
});
afterAll(async () => {
  await bed.stop();
  await cloud.stop();
});

const listening = (agent: string, count: number): Promise<true | undefined> =>
  until(() => Promise.resolve(cloud.listening(agent) === count ? true : undefined), { everyMs: 40 });

test('a change is there although the next look is in an hour', async () => {
  await keepAccount(bed.store, ACCOUNT_KEYS, HERS, cloud.account?.(claire));
  expect(await listening(claire, 1)).toBe(true);
  const key = cloud.add([claire]);
  expect(await bed.shows('claire', [key])).toEqual([key]);
});

test('linked anew as somebody else, the account before is listened for no more', async () => {
  await keepAccount(bed.store, ACCOUNT_KEYS, HERS, cloud.account?.('claire.bis'));
  expect(await listening('claire.bis', 1)).toBe(true);
  expect(await listening(claire, 0)).toBe(true);
});

test('unlinked by another replica, it is listened for no more', async () => {
  await dropAccount(bed.store, HERS);
  expect(await listening('claire.bis', 0)).toBe(true);
});

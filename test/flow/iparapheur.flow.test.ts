import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepAccount } from '../../appservice/store/accounts.ts';
import { iparapheur } from '../../bots/iparapheur/index.ts';
import { type ParapheurTwin, twin } from '../../bots/iparapheur/twin.ts';
import { ACCOUNT_KEYS, ToolsBed } from '../support/tools-bed.ts';

let parapheur: ParapheurTwin;
let bed: ToolsBed;
let claire: string;

beforeAll(async () => {
  parapheur = await twin.start();
  bed = await ToolsBed.start([{ id: 'parapheur', bot: iparapheur, twin: parapheur }]);
  claire = await bed.addMember('claire');
  await keepAccount(bed.store, ACCOUNT_KEYS, { connection: 'parapheur', localpart: 'claire' }, parapheur.account?.(claire));
  await bed.poller.start();
  bed.actor.start();
});
afterAll(async () => {
  await bed.stop();
  await parapheur.stop();
});

test('a folder comes to the desk, is signed off from there once, and the next one comes; what is signed elsewhere goes', async () => {
  parapheur.next('VISA');
  const [first, other] = [parapheur.add([claire]), parapheur.add([claire], 'Arrêté de circulation')];
  expect(await bed.shows('claire', [first, other])).toHaveLength(2);
  const request = await bed.ask('claire', first, { action: 'viser', input: { annotation: 'Vu' } });
  expect(await bed.ended(request)).toMatchObject({ state: 'confirmed' });
  const next = parapheur.add([claire], 'Délibération');
  expect(await bed.shows('claire', [other, next])).toEqual([other, next].sort());
  parapheur.settle(other);
  expect(await bed.shows('claire', [next])).toEqual([next]);
  expect(parapheur.acted()).toBe(1);
  expect(parapheur.readBy(first)).toEqual([]);
});

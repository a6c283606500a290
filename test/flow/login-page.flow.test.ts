/** A portal that shows its log-in page to everybody, against one agent whose account really is refused. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepAccount } from '../../appservice/store/accounts.ts';
import { nextcloud } from '../../bots/nextcloud/index.ts';
import { twin as nextcloudTwin } from '../../bots/nextcloud/twin.ts';
import type { Fault, RunningTwin } from '../../bots/twin.ts';
import { until } from '../support/guarded.ts';
import { ACCOUNT_KEYS, ToolsBed } from '../support/tools-bed.ts';

const AGENTS = { petit: 2, grand: 8 };
type Place = keyof typeof AGENTS;

const twins = new Map<string, RunningTwin>();
let bed: ToolsBed;
const agentsOf = (place: Place): string[] => Array.from({ length: AGENTS[place] }, (_, n) => `${place}-${String(n)}`);
const mailOf = (localpart: string): string => `${localpart}@ville-claire.example`;

beforeAll(async () => {
  for (const place of ['petit', 'grand']) twins.set(place, await nextcloudTwin.start());
  bed = await ToolsBed.start([...twins].map(([id, twin]) => ({ id, bot: nextcloud, twin })));
  for (const place of ['petit', 'grand'] as const)
    for (const localpart of agentsOf(place)) {
      await bed.addMember(localpart);
      await keepAccount(bed.store, ACCOUNT_KEYS, { connection: place, localpart }, twins.get(place)?.account?.(mailOf(localpart)));
    }
  await bed.poller.start();
});
afterAll(async () => {
  await bed.stop();
  await Promise.all([...twins.values()].map((twin) => twin.stop()));
});

const refused = async (place: Place): Promise<string[]> =>
  (
    await bed.store
      .selectFrom('record.accounts')
      .select('localpart')
      .where('connection', '=', place)
      .where('state', '=', 'refused')
      .execute()
  ).map(({ localpart }) => localpart);
/** Who was ever asked by her desk to link it again. */
const asked = async (): Promise<string[]> =>
  (await bed.store.selectFrom('work.placements').select('agent').where('connection', '=', 'tache').execute()).map(({ agent }) => agent);
const becomes = (place: Place, word: string): Promise<true | undefined> =>
  until(() => Promise.resolve(bed.healths.filter(([id]) => id === place).at(-1)?.[1] === word ? true : undefined));

/** Everybody is told of something new, and reads it. */
async function allRead(place: Place): Promise<void> {
  const news = agentsOf(place).map((localpart) => [localpart, twins.get(place)?.add([mailOf(localpart)]) ?? ''] as const);
  for (const [localpart, key] of news)
    expect(await until(async () => ((await bed.open(localpart, place)).includes(key) ? true : undefined))).toBe(true);
}

test.each<[Place, Fault]>([
  ['petit', { kind: 'login-page' }],
  ['grand', { kind: 'login-page' }],
  ['grand', { kind: 'login-redirect' }],
])('%s: shown to everybody, it pauses nobody’s account and asks nobody for hers, whom it met first neither: %o', async (place, fault) => {
  await allRead(place);
  twins.get(place)?.fail(fault);
  expect(await becomes(place, 'bad_credentials')).toBe(true);
  await pause(4000);
  expect(await refused(place)).toEqual([]);
  twins.get(place)?.fail();
  expect(await becomes(place, 'connected')).toBe(true);
  await allRead(place);
  expect(await refused(place)).toEqual([]);
  expect(await asked()).toEqual([]);
});

test.each<Place>(['petit', 'grand'])('%s: one agent’s own account that is refused rests, and nobody else’s', async (place) => {
  const [hers = '', ...others] = agentsOf(place);
  twins.get(place)?.revoke(mailOf(hers));
  expect(await until(async () => ((await refused(place)).length > 0 ? true : undefined))).toBe(true);
  const news = others.map((localpart) => [localpart, twins.get(place)?.add([mailOf(localpart)]) ?? ''] as const);
  for (const [localpart, key] of news)
    expect(await until(async () => ((await bed.open(localpart, place)).includes(key) ? true : undefined))).toBe(true);
  expect(await refused(place)).toEqual([hers]);
  expect(await asked()).toContain(hers);
});

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { keepAccount } from '../../appservice/store/accounts.ts';
import { BOTS } from '../../bots/list.ts';
import { twin as nextcloudTwin } from '../../bots/nextcloud/twin.ts';
import type { RunningTwin } from '../../bots/twin.ts';
import { until } from '../support/guarded.ts';
import { ACCOUNT_KEYS, ToolsBed } from '../support/tools-bed.ts';

let twin: RunningTwin;
let bed: ToolsBed;
let claire: string;
let marc: string;

beforeAll(async () => {
  const bot = BOTS.find(({ manifest }) => manifest.id === 'nextcloud');
  if (bot === undefined) throw new Error('nextcloud is no bot of the list');
  twin = await nextcloudTwin.start();
  bed = await ToolsBed.start([{ id: 'nuage', bot, twin }]);
  [claire, marc] = [await bed.addMember('claire'), await bed.addMember('marc')];
  for (const [localpart, mail] of [
    ['claire', claire],
    ['marc', marc],
  ] as const)
    await keepAccount(bed.store, ACCOUNT_KEYS, { connection: 'nuage', localpart }, twin.account?.(mail));
  await bed.poller.start();
  bed.actor.start();
});
afterAll(async () => {
  await bed.stop();
  await twin.stop();
});
beforeEach(() => twin.fail());

/** The twin's objects come in turn: a remote share, an announcement, a mention, a share. */
const addFour = (agent: string): string[] => Array.from({ length: 4 }, (_, n) => twin.add([agent], `Note ${n}`));

describe('Nextcloud on the desk', () => {
  test('keeps what fell out of the list of 25, and closes what was handled there', async () => {
    const keys = Array.from({ length: 24 }, (_, n) => twin.add([claire], `Note ${n}`));
    expect(await bed.shows('claire', keys)).toEqual([...keys].sort());
    const more = Array.from({ length: 4 }, (_, n) => twin.add([claire], `Suite ${n}`));
    const [oldest = '', second = ''] = keys;
    twin.settle(second);
    const open = [oldest, ...keys.slice(2), ...more];
    expect(await bed.shows('claire', open)).toEqual([...open].sort());
    expect(await bed.open('marc')).toEqual([]);
    open.forEach((key) => twin.settle(key));
    expect(await bed.shows('claire', [])).toEqual([]);
  });

  test('a share is accepted from the desk, once, and is over; a mention is marked as read', async () => {
    const keys = addFour(marc);
    await bed.shows('marc', keys);
    const shown = await bed.store
      .selectFrom('work.placements')
      .selectAll()
      .where('agent', '=', 'marc')
      .where('state', '=', 'todo')
      .execute();
    const share = shown.find(({ content }) => content.kind === 'partage');
    const mention = shown.find(({ content }) => content.kind === 'mention');
    const [shareKey = '', mentionKey = ''] = [share, mention].map((row) => row?.key.split(':')[2] ?? '');
    const before = twin.acted();
    const requests = [await bed.ask('marc', shareKey, { action: 'accepter' }), await bed.ask('marc', mentionKey, { action: 'marquer-lu' })];
    const ended = await Promise.all(requests.map((request) => bed.ended(request)));
    expect(ended.map((row) => row?.state)).toEqual(['confirmed', 'confirmed']);
    expect(twin.acted() - before).toBe(2);
    const left = keys.filter((key) => key !== shareKey && key !== mentionKey);
    expect(await bed.shows('marc', left)).toEqual([...left].sort());
  });

  test('a revoked app password rests that account and nobody else’s', async () => {
    const kept = twin.add([claire]);
    await bed.shows('claire', [kept]);
    twin.revoke(claire);
    const refused = () => bed.store.selectFrom('record.accounts').select('localpart').where('state', '=', 'refused').execute();
    await until(async () => ((await refused()).length > 0 ? true : undefined), { everyMs: 40 });
    expect(await refused()).toEqual([{ localpart: 'claire' }]);
    expect(await bed.open('claire', 'nuage')).toEqual([kept]);
    const before = await bed.open('marc');
    const his = twin.add([marc]);
    expect(await bed.shows('marc', [...before, his])).toEqual([...before, his].sort());
    expect(bed.healths.map(([, word]) => word)).not.toContain('bad_credentials');
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { keepAccount } from '../../appservice/store/accounts.ts';
import { claimPolls } from '../../appservice/store/polls.ts';
import { template } from '../../bots/_template/index.ts';
import type { Config } from '../../bots/_template/config.ts';
import { twin as templateTwin } from '../../bots/_template/twin.ts';
import { type Bot, defineBot } from '../../bots/bot.ts';
import type { RunningTwin } from '../../bots/twin.ts';
import { z } from 'zod';
import { pause, until } from '../support/guarded.ts';
import { ToolsBed } from '../support/tools-bed.ts';

/** The template's tool, read by one account per agent: each sees what names her. */
const personal: Bot = defineBot<Config, { mail: string; token: string }>({
  ...template,
  manifest: { ...template.manifest, id: 'personnel' },
  account: z.strictObject({ mail: z.string(), token: z.string() }),
  check: () => Promise.resolve(),
  poll: async (ctx) => {
    const { secret } = ctx.account ?? { secret: { mail: '', token: '' } };
    const answer = await ctx.io.http('/api/requests', { headers: { authorization: `Bearer ${secret.token}` } });
    const { requests, next } = answer.json() as { requests: { validators: string[] }[]; next: string | null };
    return { payloads: requests.filter(({ validators }) => validators.includes(secret.mail)), complete: next === null };
  },
  actions: {},
});

let twin: RunningTwin;
let other: RunningTwin;
let own: RunningTwin;
let bed: ToolsBed;
let claire: string;
let marc: string;

beforeAll(async () => {
  [twin, other, own] = await Promise.all([templateTwin.start(), templateTwin.start(), templateTwin.start()]);
  bed = await ToolsBed.start([
    { id: 'guichet', bot: template, twin },
    { id: 'guichet-rivebelle', bot: template, twin: other, organisation: 'rivebelle' },
    { id: 'personnel', bot: personal, twin: own },
  ]);
  claire = await bed.addMember('claire');
  marc = await bed.addMember('marc');
  await bed.addMember('zoe', 'rivebelle');
  await bed.poller.start();
});
afterAll(async () => {
  await bed.stop();
  await Promise.all([twin.stop(), other.stop(), own.stop()]);
});
beforeEach(() => twin.fail());

describe('a tool that is swept', () => {
  test('shows what it asks to whom it asks, and nobody else; settled there, it is closed here', async () => {
    const [hers, his] = [twin.add([claire]), twin.add([marc])];
    expect(await bed.shows('claire', [hers])).toEqual([hers]);
    expect(await bed.shows('marc', [his])).toEqual([his]);
    twin.settle(hers);
    expect(await bed.shows('claire', [])).toEqual([]);
    expect(await bed.open('marc')).toEqual([his]);
    twin.settle(his);
    await bed.shows('marc', []);
  });

  test('says a change once, and without one writes nothing', async () => {
    const key = twin.add([claire]);
    await bed.shows('claire', [key]);
    const count = async () => (await bed.store.selectFrom('work.deliveries').select('id').execute()).length;
    const before = await count();
    await pause(2500);
    expect(await count()).toBe(before);
    twin.change(key);
    const title = async () =>
      (
        await bed.store
          .selectFrom('work.placements')
          .select('content')
          .where('key', 'like', `%:${key}`)
          .where('connection', '=', 'guichet')
          .execute()
      ).at(-1)?.content.title;
    expect(await until(async () => ((await title())?.includes('modifiée') === true ? true : undefined))).toBe(true);
    expect(await count()).toBe(before + 1);
    twin.settle(key);
    await bed.shows('claire', []);
  });

  test('a list that breaks half-way closes nothing', async () => {
    const failures = async () =>
      (await bed.store.selectFrom('work.polls').select('failures').where('connection', '=', 'guichet').executeTakeFirstOrThrow()).failures;
    const keys = Array.from({ length: 5 }, () => twin.add([claire]));
    await bed.shows('claire', keys);
    twin.settle(keys[0] ?? '');
    for (const from of [1, 2, 3]) {
      twin.fail({ kind: 'status', status: 500, from });
      const tries = await failures();
      expect(await until(async () => ((await failures()) > tries ? true : undefined))).toBe(true);
      expect((await bed.open('claire')).filter((key) => keys.slice(1).includes(key)).length).toBe(4);
    }
    twin.fail();
    expect(await bed.shows('claire', keys.slice(1))).toEqual(keys.slice(1).sort());
    for (const key of keys) twin.settle(key);
    await bed.shows('claire', []);
    expect(await bed.becomes('guichet', 'connected')).toBe(true);
  });

  test('what it posts itself is there at once, and only when it is genuine', async () => {
    const key = twin.add([claire]);
    const pushed = twin.push?.(key) ?? { headers: {}, body: Buffer.from('') };
    await bed.poller.receive('guichet', { ...pushed, now: Date.now() });
    expect(await bed.open('claire')).toContain(key);
    await expect(bed.poller.receive('guichet', { ...pushed, headers: {}, now: Date.now() })).rejects.toMatchObject({ code: 'auth' });
    twin.settle(key);
    await bed.shows('claire', []);
  });

  test('of another organisation reaches nobody here', async () => {
    other.add([claire]);
    const waiting = () => bed.store.selectFrom('record.waiting').select('organisation').execute();
    expect(await until(async () => ((await waiting()).length > 0 ? waiting() : undefined))).toEqual([{ organisation: 'rivebelle' }]);
    expect(await bed.open('claire', 'guichet-rivebelle')).toEqual([]);
  });
});

describe('what is being swept', () => {
  const leaseOf = async (connection: string): Promise<number | undefined> => {
    const { lease_until } = await bed.store
      .selectFrom('work.polls')
      .select('lease_until')
      .where('connection', '=', connection)
      .executeTakeFirstOrThrow();
    return lease_until?.getTime();
  };

  test('by a replica that is no more, it is swept by another soon after', async () => {
    const killed = await until(async () => (await claimPolls(bed.store, new Map([['guichet-rivebelle', 1]]), 1))[0]);
    expect(killed?.connection).toBe('guichet-rivebelle');
    const key = other.add(['zoe@rivebelle.example']);
    expect(await bed.shows('zoe', [key])).toEqual([key]);
  });

  test('stays with who is at it, however long the tool takes', async () => {
    twin.fail({ kind: 'slow', ms: 7_000 });
    const first = await until(() => leaseOf('guichet'));
    expect(await until(async () => (((await leaseOf('guichet')) ?? 0) > (first ?? 0) + 3_000 ? true : undefined))).toBe(true);
  });
});

describe('agents’ own accounts', () => {
  test('each sees hers; one that is refused rests alone, and its agent is told once', async () => {
    const token = String(own.config['token']);
    const shared = own.add([claire, marc]);
    await keepAccount(bed.store, [Buffer.alloc(32, 2)], { connection: 'personnel', localpart: 'claire' }, { mail: claire, token });
    await keepAccount(bed.store, [Buffer.alloc(32, 1)], { connection: 'personnel', localpart: 'marc' }, { mail: marc, token });
    await until(async () =>
      (await bed.open('claire', 'personnel')).length === 1 && (await bed.open('marc', 'personnel')).length === 1 ? true : undefined,
    );
    expect(await bed.open('claire', 'personnel')).toEqual([shared]);
    await keepAccount(
      bed.store,
      [Buffer.alloc(32, 1)],
      { connection: 'personnel', localpart: 'claire' },
      { mail: claire, token: 'révoqué' },
    );
    const refused = async () =>
      (await bed.store.selectFrom('record.accounts').select('localpart').where('state', '=', 'refused').execute()).map(
        ({ localpart }) => localpart,
      );
    await until(async () => ((await refused()).length > 0 ? true : undefined));
    expect(await refused()).toEqual(['claire']);
    // Nothing of hers was closed by that, and his goes on.
    expect(await bed.open('claire', 'personnel')).toEqual([shared]);
    const his = own.add([marc]);
    expect(await bed.shows('marc', [shared, his])).toEqual([shared, his].sort());
    const asked = await bed.store
      .selectFrom('work.placements')
      .select('content')
      .where('agent', '=', 'claire')
      .where('connection', '=', 'tache')
      .execute();
    expect(asked.map(({ content }) => [content.title, content.state])).toEqual([['Relier de nouveau votre compte personnel', 'todo']]);
    expect(asked[0]?.content.summary).toContain('n’accepte plus votre compte');
    expect(asked[0]?.content.url).toBe('https://bureau.example/outils#personnel');
    expect(bed.healths.filter(([id, word]) => id === 'personnel' && word !== 'connected')).toEqual([]);
    const calls = own.calls.filter(({ headers }) => headers.authorization === 'Bearer révoqué').length;
    expect(calls).toBeLessThanOrEqual(1);
  });
});

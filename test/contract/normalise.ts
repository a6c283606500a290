/** Rules about payload → items. */
import { expect } from 'vitest';
import { type At, ItemDraft, type Normalised } from '../../bots/bot.ts';
import { originsOf, TIME_ZONE, BotBed, CLAIRE } from './bed.ts';
import type { Rule, Subject } from './rule.ts';
import { fixturesOf, mutations } from './fixtures.ts';

/** Where the recorded payloads of all folders come from. */
const BASE_URL = 'https://tool.example';

export function normaliseRules({ bot, twin, folder }: Subject): Rule[] {
  const fixtures = fixturesOf(folder);
  const at = async (): Promise<At<unknown>> => {
    const running = await twin.start();
    await running.stop();
    const config = bot.config.parse(running.config);
    return { baseUrl: originsOf(bot, config).length === 0 ? '' : BASE_URL, timeZone: TIME_ZONE, config };
  };
  const offered = (items: Normalised['items']): string[] => items.flatMap(({ actions = [] }) => actions.map(({ id }) => id));
  return [
    {
      rule: 'normalise: each recorded payload gives its items, twice the same',
      holds: async () => {
        const here = await at();
        expect(fixtures.filter(({ name }) => !name.startsWith('unknown')).length).toBeGreaterThan(0);
        for (const { name, payload, items } of fixtures) {
          const given = bot.normalise(payload, here);
          expect(JSON.parse(JSON.stringify(given.items)), name).toEqual(items);
          expect(bot.normalise(payload, here), name).toEqual(given);
          for (const item of given.items) expect(ItemDraft.safeParse(item).error?.issues, name).toBeUndefined();
          if (name.startsWith('unknown')) expect(given.rejected, name).toEqual([]);
        }
      },
    },
    {
      rule: 'normalise: kinds and actions of items are those the bot declares',
      holds: async () => {
        const here = await at();
        const items = fixtures.flatMap(({ payload }) => bot.normalise(payload, here).items);
        const kinds = bot.manifest.kinds.map(({ id }) => id);
        expect(items.map(({ kind }) => kind ?? 'autre').filter((kind) => kind !== 'autre' && !kinds.includes(kind))).toEqual([]);
        expect(offered(items).filter((id) => !Object.hasOwn(bot.actions, id))).toEqual([]);
      },
    },
    {
      rule: 'normalise: whatever comes, it never throws and never invents',
      holds: async () => {
        const here = await at();
        for (const { name, payload } of [...fixtures, { name: 'nothing', payload: null }]) {
          for (const odd of mutations(payload)) {
            const given = bot.normalise(odd, here);
            for (const item of given.items)
              expect(ItemDraft.safeParse(item).error?.issues, `${name}: ${JSON.stringify(odd)}`).toBeUndefined();
            for (const { reason } of given.rejected) expect(reason).not.toBe('');
          }
        }
      },
    },
    {
      rule: 'identity over time: one object keeps its key, a later revision is greater, two objects have two keys',
      holds: () => overTime({ bot, twin, folder }),
    },
  ];
}

async function overTime({ bot, twin }: Subject): Promise<void> {
  if (bot.poll === undefined) return;
  const bed = await BotBed.start(bot, twin);
  try {
    const [one, two] = [bed.twin.add([CLAIRE], 'Première'), bed.twin.add([CLAIRE], 'Seconde')];
    expect(one).not.toBe(two);
    const read = async () => {
      const { payloads } = (await bot.poll?.(bed.ctx())) ?? { payloads: [] };
      return payloads.flatMap((payload) => bed.normalise(payload).items);
    };
    const before = (await read()).find(({ key }) => key === one);
    bed.twin.change(one);
    const after = (await read()).find(({ key }) => key === one);
    expect(before).toBeDefined();
    expect(after).toBeDefined();
    expect(after).not.toEqual(before);
    if (before?.revision !== undefined) expect(after?.revision ?? -1).toBeGreaterThan(before.revision);
  } finally {
    await bed.stop();
  }
}

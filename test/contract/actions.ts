/** Rules about acting at the tool, tried with the very code that acts: bounded, counted, never twice. */
import { expect } from 'vitest';
import { recover, runOnce, type Running } from '../../appservice/act/run.ts';
import { Item } from '../../appservice/desk/item.ts';
import type { Fault } from '../../bots/twin.ts';
import { BotBed, CLAIRE, SLOW } from './bed.ts';
import type { Rule, Subject } from './rule.ts';

export function actionRules({ bot, twin }: Subject): Rule[] {
  const bounded: Rule = {
    rule: 'actions: every input is bounded',
    holds: () => {
      const fields = Object.values(bot.actions).flatMap(({ input = {} }) => Object.entries(input));
      const unbounded = fields.filter(
        ([, { type, maxLength, enum: choices }]) => type === 'string' && maxLength === undefined && choices === undefined,
      );
      expect(unbounded.map(([name]) => name)).toEqual([]);
    },
  };
  if (!Object.values(bot.actions).some(({ risk }) => risk !== 'red')) return [bounded];
  const beside = (check: (bed: BotBed, running: Running) => Promise<void>) => async (): Promise<void> => {
    const bed = await BotBed.start(bot, twin);
    try {
      await check(bed, await prepare(bed));
    } finally {
      await bed.stop();
    }
  };
  const ends = (fault: Fault, states: readonly string[]) =>
    beside(async (bed, running) => {
      bed.twin.fail(fault);
      expect(states).toContain((await runOnce(running)).state);
      expect(bed.twin.acted()).toBe(0);
    });
  return [
    bounded,
    {
      rule: 'actions: one that goes well is done once, and confirmed',
      holds: beside(async (bed, running) => {
        expect((await runOnce(running)).state).toBe('confirmed');
        expect(bed.twin.acted()).toBe(1);
      }),
    },
    ...[401, 403, 404, 409].map((status) => ({
      rule: `actions: ${status} is a refusal, and nothing is done`,
      holds: ends({ kind: 'status', status }, ['refused']),
    })),
    { rule: 'actions: 429 was not done', holds: ends({ kind: 'status', status: 429 }, ['failed']) },
    { rule: 'actions: a log-in page with 200 was not done', holds: ends({ kind: 'login-page' }, ['refused']) },
    { rule: 'actions: 500 is never said to be done', holds: ends({ kind: 'status', status: 500 }, ['unknown', 'failed']) },
    {
      rule: 'actions: slow beyond patience, or its answer lost, it is never called a second time',
      holds: async () => {
        for (const fault of [SLOW, { kind: 'hang-up' }] as const)
          await beside(async (bed, running) => {
            bed.fail(fault);
            expect(['confirmed', 'unknown', 'failed']).toContain((await runOnce(running)).state);
            expect(bed.twin.acted()).toBeLessThanOrEqual(1);
          })();
      },
    },
    {
      rule: 'actions: after a kill, moved there is confirmed and unmoved is unknown, without a call',
      holds: beside(async (bed, running) => {
        expect((await recover(running, { mayRepeat: false })).state).toBe('unknown');
        bed.twin.settle(running.on.key);
        if (bot.reread !== undefined) expect((await recover(running, { mayRepeat: false })).state).toBe('confirmed');
        expect(bed.twin.acted()).toBe(0);
      }),
    },
  ];
}

/** The first thing that an item of the twin offers, with an input that fits. */
async function prepare(bed: BotBed): Promise<Running> {
  const key = bed.twin.add([CLAIRE]);
  const { payloads } = (await bed.bot.poll?.(bed.ctx())) ?? { payloads: [] };
  const draft = payloads.flatMap((payload) => bed.normalise(payload).items).find((one) => one.key === key);
  const id = draft?.actions?.map((one) => one.id).find((one) => bed.bot.actions[one]?.risk !== 'red') ?? '';
  const action = bed.bot.actions[id];
  if (draft === undefined || action === undefined || action.risk === 'red') throw new Error('the twin’s item offers an action');
  const fields = Object.entries(action.input ?? {}).filter(([, { required }]) => required === true);
  const input = Object.fromEntries(
    fields.map(([name, { type }]) => [name, type === 'string' ? 'pièce manquante' : type === 'integer' ? 1 : true]),
  );
  const known = { revision: 1, updatedAt: '2026-11-26T09:00:00Z', ...draft, actions: [], key: `${bed.bot.manifest.id}:essai:${key}` };
  const isOpen = (payload: unknown): boolean =>
    bed.normalise(payload).items.some((one) => one.key === key && (one.state ?? 'todo') === 'todo' && one.revision === draft.revision);
  return {
    bot: bed.bot,
    action,
    on: { key, item: Item.parse(known), input },
    open: () => Promise.resolve(bed.ctx()),
    hasMoved: (payload) => payload === undefined || !isOpen(payload),
  };
}

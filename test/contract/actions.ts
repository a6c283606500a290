/** Rules about acting at the tool: bounded, counted, never twice. */
import { expect } from 'vitest';
import type { Rule, Subject } from './bot.contract.ts';

export function actionRules({ bot }: Subject): Rule[] {
  return [
    {
      rule: 'actions: every input is bounded',
      holds: () => {
        const fields = Object.values(bot.actions).flatMap(({ input = {} }) => Object.entries(input));
        const unbounded = fields.filter(
          ([, { type, maxLength, enum: choices }]) => type === 'string' && maxLength === undefined && choices === undefined,
        );
        expect(unbounded.map(([name]) => name)).toEqual([]);
      },
    },
  ];
}

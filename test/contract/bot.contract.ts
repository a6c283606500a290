/**
 * The suite that every bot passes (bots/README.md). A rule that cannot hold for a tool is left out with its reason, which
 * stands in the folder's own `twin.ts`; a rule that nobody knows is an error.
 */
import { describe, expect, it } from 'vitest';
import type { Bot } from '../../bots/bot.ts';
import type { Twin } from '../../bots/twin.ts';
import { actionRules } from './actions.ts';
import { badInputRules } from './bad-input.ts';
import { configRules, identityRules, shapeRules } from './folder.ts';
import { normaliseRules } from './normalise.ts';
import { pollRules } from './poll.ts';
import { readRules } from './read.ts';
import type { Rule, Skip, Subject } from './rule.ts';

const FAMILIES: readonly ((subject: Subject) => Rule[])[] = [
  identityRules,
  configRules,
  normaliseRules,
  readRules,
  pollRules,
  badInputRules,
  actionRules,
  shapeRules,
];

type Of = { skip?: readonly Skip[]; folder: string; /** The way by which the tool is reached, of several. */ by?: string };

export function describeBot(bot: Bot, twin: Twin, { skip = [], folder, by }: Of): void {
  describe(`the bot ${bot.manifest.id}${by === undefined ? '' : ` by ${by}`}`, () => {
    const rules = FAMILIES.flatMap((family) => family({ bot, twin, folder }));
    it('leaves out only rules that there are, and says why', () => {
      const known = rules.map(({ rule }) => rule);
      expect(skip.filter(({ rule, reason }) => !known.includes(rule) || reason.length < 10)).toEqual([]);
    });
    for (const { rule, holds } of rules.filter((one) => !skip.some(({ rule: skipped }) => skipped === one.rule))) it(rule, holds);
  });
}

/** Rules about what a tool sends by itself: genuine, or refused. */
import { expect } from 'vitest';
import type { RawRequest } from '../../bots/bot.ts';
import { BotBed, CLAIRE } from './bed.ts';
import type { Rule, Subject } from './rule.ts';

export function readRules({ bot, twin }: Subject): Rule[] {
  if (bot.read === undefined) return [];
  const withPush = async (
    check: (at: { genuine: RawRequest; read: (request: RawRequest) => readonly unknown[] }) => void,
  ): Promise<void> => {
    const bed = await BotBed.start(bot, twin);
    try {
      const key = bed.twin.add([CLAIRE]);
      const pushed = bed.twin.push?.(key);
      if (pushed === undefined) throw new Error('the twin of a bot with read has push');
      const genuine = { ...pushed, secrets: bed.twin.secrets ?? [], now: Date.now() };
      check({ genuine, read: (request) => bot.read?.(request, bed.config) ?? [] });
    } finally {
      await bed.stop();
    }
  };
  const refuses = (change: (genuine: RawRequest) => RawRequest) => () =>
    withPush(({ genuine, read }) => expect(() => read(change(genuine))).toThrow(expect.objectContaining({ code: 'auth' })));
  return [
    {
      rule: 'read: a genuine request is accepted',
      holds: () => withPush(({ genuine, read }) => expect(() => read(genuine)).not.toThrow()),
    },
    { rule: 'read: without its headers it is refused', holds: refuses((genuine) => ({ ...genuine, headers: {} })) },
    { rule: 'read: without any secret everything is refused', holds: refuses((genuine) => ({ ...genuine, secrets: [] })) },
    {
      rule: 'read: under another secret it is refused',
      holds: refuses((genuine) => ({ ...genuine, secrets: ['un secret d’un autre outil'] })),
    },
    {
      rule: 'read: with one byte changed it is refused',
      holds: refuses((genuine) => {
        const body = Buffer.from(genuine.body);
        body[body.length - 1] = (body.at(-1) ?? 0) ^ 1;
        return { ...genuine, body };
      }),
    },
  ];
}

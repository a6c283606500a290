/** Rules about sweeping, from the twin with all the ways a server goes wrong. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { DeskError } from '../../appservice/desk/errors.ts';
import type { Fault } from '../../bots/twin.ts';
import { BotBed, CLAIRE, MARC, SLOW } from './bed.ts';
import type { Rule, Subject } from './rule.ts';

const SETTLED_MS = 500;
const TRIES = 10;
const MANY = 23; // objects: several pages of most tools

export function pollRules({ bot, twin }: Subject): Rule[] {
  if (bot.poll === undefined) return [];
  const beside = (check: (bed: BotBed) => Promise<void>) => async (): Promise<void> => {
    const bed = await BotBed.start(bot, twin);
    try {
      await check(bed);
    } finally {
      await bed.stop();
    }
  };
  /** The code by which a sweep fails, or whether it was said to be complete. */
  const outcome = async (bed: BotBed): Promise<string> => {
    try {
      return (await bed.sweep()).complete ? 'complete' : 'incomplete';
    } catch (error) {
      return error instanceof DeskError ? error.code : `not a DeskError: ${String(error)}`;
    }
  };
  const fails = (fault: Fault, codes: readonly string[]) =>
    beside(async (bed) => {
      bed.twin.add([CLAIRE]);
      bed.fail(fault);
      expect(codes).toContain(await outcome(bed));
      bed.fail();
      expect((await bed.sweep()).keys.length).toBe(1);
    });
  return [
    ...watchRules({ bot, beside }),
    {
      rule: 'check: passes when all is well, and changes nothing',
      holds: beside(async (bed) => {
        await bot.check(bed.ctx());
        expect(bed.twin.acted()).toBe(0);
      }),
    },
    {
      rule: 'check: refused credentials are said as auth',
      holds: beside(async (bed) => {
        bed.twin.revoke();
        await expect(bot.check(bed.ctx())).rejects.toMatchObject({ code: 'auth' });
      }),
    },
    {
      rule: 'poll: an empty tool is swept completely',
      holds: beside(async (bed) => {
        expect(await bed.sweep()).toMatchObject({ keys: [], complete: true });
      }),
    },
    {
      rule: 'poll: all pages to the end; the same cursor twice gives the same',
      holds: beside(async (bed) => {
        const keys = Array.from({ length: MANY }, (_, n) => bed.twin.add([CLAIRE], `Objet ${n}`)).sort();
        const first = await bed.sweep();
        expect(first.keys).toEqual(keys);
        expect((await bed.sweep(CLAIRE, first.cursor)).keys).toEqual((await bed.sweep(CLAIRE, first.cursor)).keys);
      }),
    },
    {
      rule: 'poll: what is no longer asked is no longer listed',
      holds: beside(async (bed) => {
        const [one, two] = [bed.twin.add([CLAIRE]), bed.twin.add([CLAIRE])];
        bed.twin.settle(one);
        const { keys, closed, complete } = await bed.sweep(CLAIRE, undefined, [one, two]);
        expect(keys).toEqual([two]);
        // Where a list proves nothing, what is over is said by itself.
        expect(complete ? [one] : closed).toEqual([one]);
      }),
    },
    {
      rule: 'poll: a page that fails half-way is never a complete sweep',
      holds: beside(async (bed) => {
        for (let n = 0; n < MANY; n += 1) bed.twin.add([CLAIRE], `Objet ${n}`);
        await bed.sweep(); // a first one may open a session besides
        const before = bed.twin.calls.length;
        await bed.sweep();
        const calls = bed.twin.calls.length - before;
        for (let from = 1; from <= calls; from += 1) {
          bed.twin.fail({ kind: 'status', status: 500, from });
          expect(['incomplete', 'unavailable']).toContain(await outcome(bed));
        }
      }),
    },
    { rule: 'poll: 401 is auth', holds: fails({ kind: 'status', status: 401 }, ['auth']) },
    { rule: 'poll: a log-in page with 200 is auth', holds: fails({ kind: 'login-page' }, ['auth']) },
    { rule: 'poll: a redirect to a log-in page is auth', holds: fails({ kind: 'login-redirect' }, ['auth']) },
    {
      rule: 'poll: a redirect to another host is not followed',
      holds: fails({ kind: 'elsewhere', location: 'http://127.0.0.1:9/elsewhere' }, ['config']),
    },
    {
      rule: 'poll: 429 and 503 say when to come again',
      holds: beside(async (bed) => {
        bed.twin.fail({ kind: 'status', status: 429, headers: { 'retry-after': '7' } });
        await expect(bed.sweep()).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 7000 });
        bed.twin.fail({ kind: 'status', status: 503, headers: { 'retry-after': '9' } });
        await expect(bed.sweep()).rejects.toMatchObject({ code: 'unavailable', retryAfterMs: 9000 });
        // As a date it is one of the tool's own clock, here an hour ahead of ours.
        const [date, again] = [3_600_000, 3_620_000].map((ms) => new Date(Date.now() + ms).toUTCString());
        bed.twin.fail({ kind: 'status', status: 503, headers: { date: date ?? '', 'retry-after': again ?? '' } });
        await expect(bed.sweep()).rejects.toMatchObject({ code: 'unavailable', retryAfterMs: 20_000 });
      }),
    },
    {
      rule: 'poll: 500, half an answer and a server that is slow or hangs up are unavailable',
      holds: async () => {
        for (const fault of [{ kind: 'status', status: 500 }, { kind: 'truncated' }, SLOW, { kind: 'hang-up' }] as const)
          await fails(fault, ['unavailable'])();
      },
    },
    {
      rule: 'people: what concerns one agent is not read for another',
      holds: beside(async (bed) => {
        const [hers, his] = [bed.twin.add([CLAIRE], 'Pour Claire'), bed.twin.add([MARC], 'Pour Marc')];
        if (bot.account !== undefined) {
          expect((await bed.sweep(CLAIRE)).keys).toEqual([hers]);
          expect((await bed.sweep(MARC)).keys).toEqual([his]);
          return;
        }
        const { payloads } = (await bot.poll?.(bed.ctx())) ?? { payloads: [] };
        const items = payloads.flatMap((payload) => bed.normalise(payload).items);
        for (const [key, agent] of [
          [hers, CLAIRE],
          [his, MARC],
        ] as const) {
          const people = items.find((item) => item.key === key)?.people ?? [];
          const named = people.filter(({ role }) => role === 'for').map(({ mail, uid }) => mail ?? uid);
          expect(named).toEqual([expect.stringMatching(new RegExp(`^${agent.split('@')[0] ?? ''}`))]);
        }
      }),
    },
    {
      rule: 'people: one agent whose account is refused does not keep another from hers',
      holds: beside(async (bed) => {
        if (bot.account === undefined) return;
        const his = bed.twin.add([MARC]);
        bed.twin.revoke(CLAIRE);
        await expect(bed.sweep(CLAIRE)).rejects.toMatchObject({ code: 'auth' });
        expect((await bed.sweep(MARC)).keys).toEqual([his]);
      }),
    },
    {
      rule: 'manners: a sweep changes nothing, and its log holds the request and no secret',
      holds: beside(async (bed) => {
        bed.twin.add([CLAIRE], 'Objet très particulier');
        await bed.sweep();
        expect(bed.twin.acted()).toBe(0);
        const log = bed.lines.join('\n');
        if (bed.twin.calls.length > 0) expect(log).toContain('requestId');
        const secrets = [bed.twin.config, bed.twin.account?.(CLAIRE) ?? {}]
          .flatMap((of) => Object.entries(of))
          .filter(([name, value]) => /token|secret|password/i.test(name) && typeof value === 'string');
        expect(secrets.filter(([, value]) => log.includes(String(value)))).toEqual([]);
        expect(log).not.toContain('Objet très particulier');
      }),
    },
  ];
}

function watchRules({
  bot,
  beside,
}: Pick<Subject, 'bot'> & { beside: (check: (bed: BotBed) => Promise<void>) => () => Promise<void> }): Rule[] {
  if (bot.watch === undefined) return [];
  return [
    {
      rule: 'watch: wakes within two seconds of a change, and not any more once it was stopped',
      holds: beside(async (bed) => {
        let woken = 0;
        const stop = await bot.watch?.(bed.ctx(), { wake: () => void (woken += 1), lost: () => undefined });
        await pause(SETTLED_MS); // until it watches, and what it saw when it began was told
        const before = woken;
        // More than one change, as a busy machine may watch later than that; the two seconds are those of a quiet one.
        for (let tries = 0; woken === before && tries < TRIES; tries += 1) {
          bed.twin.add([CLAIRE]);
          for (let waited = 0; woken === before && waited < 2000; waited += 20) await pause(20);
        }
        expect(woken).toBeGreaterThan(before);
        stop?.();
        await pause(SETTLED_MS);
        const stopped = woken;
        bed.twin.add([CLAIRE]);
        await pause(SETTLED_MS);
        expect(woken).toBe(stopped);
      }),
    },
  ];
}

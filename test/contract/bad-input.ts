/**
 * Rules about what no tool should ever send, and some do. Whatever it is: nothing is closed by mistake, only a DeskError leaves
 * the bot, and what is told of it is a word of health with its sentence in French.
 */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { DeskError } from '../../appservice/desk/errors.ts';
import { ADMIN } from '../../appservice/desk/words.ts';
import { dayOf, parseInstant } from '../../appservice/desk/zone.ts';
import { wordFor } from '../../appservice/poll/pace.ts';
import { makeGuard } from '../../bots/io-guard.ts';
import type { Fault } from '../../bots/twin.ts';
import { BotBed, type BedSwept, CLAIRE, MARC, TIME_ZONE } from './bed.ts';
import type { Rule, Subject } from './rule.ts';
import { expiredCertificate } from './certificate.ts';
import * as mangle from './mangle.ts';

const MANY = 10_000;
const TITLES = ['Réunion de chantier', 'Convention n° 14', 'Arrêté « été »'];

type Check = (bed: BotBed, keys: readonly string[]) => Promise<void>;

export function badInputRules({ bot, twin }: Subject): Rule[] {
  if (bot.poll === undefined) return [];
  const beside = (check: Check) => async (): Promise<void> => {
    const bed = await BotBed.start(bot, twin);
    try {
      const keys = TITLES.map((title) => bed.twin.add([CLAIRE], title)).sort();
      expect((await bed.sweep()).keys).toEqual(keys);
      await check(bed, keys);
    } finally {
      await bed.stop();
    }
  };
  /** Read as if nothing were. */
  const unharmed = (fault: Fault) =>
    beside(async (bed, keys) => {
      bed.twin.fail(fault);
      expect(await bed.sweep(CLAIRE, undefined, keys)).toMatchObject({ keys, closed: [] });
    });
  /** Perhaps not read; then it is said by one of these codes, and nothing is closed. */
  const harmless = (fault: Fault, codes: readonly string[]) =>
    beside(async (bed, keys) => {
      bed.twin.fail(fault);
      const found = await swept(bed, keys);
      if (found instanceof DeskError) {
        expect(codes).toContain(found.code);
        expectTold(found);
      } else if (found.complete) expect(found.keys).toEqual(keys);
      else expect(found.closed).toEqual([]);
      bed.twin.fail();
      expect((await bed.sweep()).keys).toEqual(keys);
    });
  const changed = (change: (text: string) => string | Buffer): Fault => ({ kind: 'mangled', change });
  return [
    { rule: 'bad input: every object twice is each once', holds: unharmed(changed(mangle.twice)) },
    { rule: 'bad input: words in another case mean the same', holds: unharmed(changed(mangle.otherCase)) },
    { rule: 'bad input: objects without any date are there', holds: unharmed(changed(mangle.withoutDates)) },
    { rule: 'bad input: members nobody knows are passed over', holds: unharmed(changed(mangle.withMore)) },
    { rule: 'bad input: a byte order mark says nothing', holds: unharmed(changed((text) => `\uFEFF${text}`)) },
    { rule: 'bad input: dates of another zone, or of none, are the same days and hours in Paris', holds: () => zones({ bot, twin }) },
    { rule: 'bad input: a clock that is an hour off closes nothing and passes over nothing', holds: beside(clockOff) },
    {
      rule: 'bad input: text in another encoding than was said costs letters, not objects',
      holds: unharmed(changed((text) => Buffer.from(text, 'latin1'))),
    },
    { rule: 'bad input: a list that is cut short is never all there is', holds: harmless(changed(mangle.cutShort), ['unavailable']) },
    {
      rule: 'bad input: an interface of another version is said, and closes nothing',
      holds: async () => {
        for (const fault of [changed(mangle.otherShape), { kind: 'status', status: 404 }, { kind: 'status', status: 410 }] as const)
          await harmless(fault, ['invalid', 'not_found', 'config', 'unavailable'])();
      },
    },
    { rule: 'bad input: an object without a title is shown or kept aside, and the others are read', holds: () => untitled({ bot, twin }) },
    { rule: 'bad input: ten thousand objects are all read', holds: () => many({ bot, twin }) },
    { rule: 'bad input: a server that is gone is unavailable, for as long as it is', holds: () => gone({ bot, twin }) },
    {
      rule: 'bad input: a certificate that expired is a matter of the configuration, and nothing is sent',
      holds: () => expired({ bot, twin }),
    },
    { rule: 'bad input: an address of our own networks is not connected to unless it is listed', holds: () => inside({ bot, twin }) },
  ];
}

type Tried = Pick<Subject, 'bot' | 'twin'>;

async function swept(bed: BotBed, open: readonly string[] = []): Promise<BedSwept | DeskError> {
  try {
    return await bed.sweep(CLAIRE, undefined, open);
  } catch (error) {
    if (error instanceof DeskError) return error;
    throw error;
  }
}

/** A word of health, and the sentence with it, once it is known to be everybody's. */
function expectTold(error: DeskError): void {
  const word = wordFor(error, { isOwn: false });
  expect(word).toBeDefined();
  expect(ADMIN.health({ label: 'Outil', connection: 'outil', word: word ?? 'starting' })).toMatch(/(tentative|refusés|configurée)\..+\.$/);
}

/** When what Claire is asked is due, by key: as an instant, or a day. */
async function dues(bed: BotBed): Promise<Map<string, string>> {
  const { payloads } = (await bed.bot.poll?.(bed.ctx())) ?? { payloads: [] };
  const items = payloads.flatMap((payload) => bed.normalise(payload).items);
  return new Map(items.flatMap(({ key, dueAt }) => (dueAt === undefined ? [] : [[key, dueAt]])));
}

async function zones({ bot, twin }: Tried): Promise<void> {
  const bed = await BotBed.start(bot, twin);
  try {
    for (const title of TITLES) bed.twin.add([CLAIRE], title);
    const told = await dues(bed);
    for (const change of [mangle.nepalese, mangle.zoneless]) {
      bed.twin.fail({ kind: 'mangled', change });
      const read = await dues(bed);
      expect([...read.keys()]).toEqual([...told.keys()]);
      for (const [key, dueAt] of told) {
        const mangled = read.get(key) ?? '';
        // Midnight is how tools write a day: that may be said either way, of the same day in Paris.
        if (dueAt.includes('T')) expect(parseInstant(mangled)).toBe(parseInstant(dueAt));
        else expect(mangled.includes('T') ? dayOf(parseInstant(mangled), TIME_ZONE) : mangled).toBe(dueAt);
      }
    }
  } finally {
    await bed.stop();
  }
}

async function clockOff(bed: BotBed, keys: readonly string[]): Promise<void> {
  let { cursor } = await bed.sweep();
  const open = [...keys];
  for (const hours of [1, -1, 0]) {
    bed.twin.fail({ kind: 'mangled', change: mangle.hoursOff(hours) });
    open.push(bed.twin.add([CLAIRE], `À ${String(hours)} h`));
    const found = await bed.sweep(CLAIRE, cursor, open);
    expect(found.closed).toEqual([]);
    expect(found.keys).toContain(open.at(-1));
    if (found.complete) expect(found.keys).toEqual([...open].sort());
    ({ cursor } = found);
  }
}

async function untitled({ bot, twin }: Tried): Promise<void> {
  const bed = await BotBed.start(bot, twin);
  try {
    const [named, nameless] = [bed.twin.add([CLAIRE], 'Avec un titre'), bed.twin.add([CLAIRE], '')];
    const { payloads } = (await bot.poll?.(bed.ctx())) ?? { payloads: [] };
    const read = payloads.map((payload) => bed.normalise(payload));
    const keys = read.flatMap(({ items }) => items.map(({ key }) => key));
    const rejected = read.flatMap((one) => one.rejected);
    expect(keys).toContain(named);
    expect(read.flatMap(({ closed = [] }) => closed)).toEqual([]);
    if (!keys.includes(nameless)) expect(rejected.map(({ reason }) => reason)).toEqual([expect.stringMatching(/\p{L}{4}/u)]);
  } finally {
    await bed.stop();
  }
}

async function many({ bot, twin }: Tried): Promise<void> {
  const bed = await BotBed.start(bot, twin);
  try {
    const keys = bed.twin.addMany?.([CLAIRE], MANY) ?? Array.from({ length: MANY }, () => bed.twin.add([CLAIRE]));
    const found = new Set<string>();
    let cursor: unknown;
    for (let again = true; again;) {
      const { payloads, cursor: next, againMs } = (await bot.poll?.(bed.ctx(), cursor)) ?? { payloads: [] };
      for (const { key } of payloads.flatMap((payload) => bed.normalise(payload).items)) found.add(key);
      [cursor, again] = [next, againMs === 0];
    }
    expect(keys.filter((key) => !found.has(key)).length).toBe(0);
  } finally {
    await bed.stop();
  }
}

async function gone({ bot, twin }: Tried): Promise<void> {
  const bed = await BotBed.start(bot, twin);
  const key = bed.twin.add([CLAIRE]);
  try {
    const { cursor } = await bed.sweep();
    await bed.twin.stop();
    for (const at of [undefined, cursor]) await expect(bed.sweep(CLAIRE, at, [key])).rejects.toMatchObject({ code: 'unavailable' });
    await expect(bot.check(bed.ctx(MARC))).rejects.toMatchObject({ code: 'unavailable' });
  } finally {
    await bed.guard.close();
  }
}

/** The twin's own address in its settings, as another. */
function readdressed(bed: BotBed, url: string): BotBed {
  const said = JSON.stringify(bed.twin.config).replaceAll(bed.twin.url, url);
  return bed.as({ config: bed.bot.config.parse(JSON.parse(said)) });
}

async function expired({ bot, twin }: Tried): Promise<void> {
  const bed = await BotBed.start(bot, twin);
  const { key, cert } = expiredCertificate();
  let requests = 0;
  const server = createServer({ key, cert }, (_, response) => {
    requests += 1;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = (server.address() as AddressInfo).port;
  const guard = makeGuard({ privateNetworks: ['127.0.0.0/8'], ca: cert });
  try {
    const scheme = bed.twin.url.startsWith('imap') ? 'imaps' : 'https';
    const other = readdressed(bed, `${scheme}://127.0.0.1:${port}`).as({ guard });
    const found = await swept(other);
    expect(found).toMatchObject({ code: 'config' });
    if (found instanceof DeskError) expectTold(found);
    expect(requests).toBe(0);
  } finally {
    server.closeAllConnections();
    server.close();
    await guard.close();
    await bed.stop();
  }
}

async function inside({ bot, twin }: Tried): Promise<void> {
  const bed = await BotBed.start(bot, twin);
  const guard = makeGuard({ privateNetworks: [] });
  try {
    const before = bed.twin.calls.length;
    for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]']) {
      const found = await swept(readdressed(bed, bed.twin.url.replace('127.0.0.1', host)).as({ guard }));
      expect(found).toMatchObject({ code: 'config' });
      if (found instanceof DeskError) expectTold(found);
    }
    expect(bed.twin.calls.length).toBe(before);
  } finally {
    await guard.close();
    await bed.stop();
  }
}

/** The town's day: believable by its numbers, the same for the same seed, and never a step back in a revision. */
import { describe, expect, it } from 'vitest';
import { twin as iparapheur } from '../../bots/iparapheur/twin.ts';
import { BOT_SCHEMAS } from '../../bots/list.ts';
import { KNOWN_PEOPLE, TOOLS } from '../support/people.ts';
import { due, daysToFriday } from '../support/town/calendar.ts';
import { EMPTY, type Memory, type Saying, begin, goOn } from '../support/town/day.ts';
import { eventOf } from '../support/town/event.ts';
import { TWINS } from '../support/town/twins.ts';

const MORNING = Date.parse('2026-11-24T08:10:00+01:00'); // a Tuesday
const at = (now: number) => ({ now, seed: 'essai' });
const PAGES = 'http://127.0.0.1:1';

function live(steps: number): {
  memory: Memory;
  said: Saying[];
  events: { tool: string; event: NonNullable<ReturnType<typeof eventOf>> }[];
} {
  let { memory, said } = begin(EMPTY, at(MORNING));
  const all = [...said];
  for (let step = 1; step <= steps; step += 1) {
    ({ memory, said } = goOn(memory, at(MORNING + step * 30_000)));
    all.push(...said);
  }
  return { memory, said: all, events: posted(all) };
}

/** What of it is posted; the rest is read by bots. */
function posted(said: readonly Saying[]) {
  return said.flatMap((one) => {
    const event = eventOf(one, PAGES);
    return event === undefined ? [] : [{ tool: one.thing.scene.tool, event }];
  });
}

const openOf = (memory: Memory, login: string): number =>
  Object.values(memory.things).filter(({ scene }) => scene.to.some(([to]) => to === login)).length;

describe('the town', () => {
  it.each(KNOWN_PEOPLE.map(({ login }) => login))('has 6 to 14 items for %s in the morning', (login) => {
    const { memory } = begin(EMPTY, at(MORNING));
    expect(openOf(memory, login)).toBeGreaterThanOrEqual(6);
    expect(openOf(memory, login)).toBeLessThanOrEqual(14);
  });

  it('has deadlines that are past, today, this week, later and none', () => {
    const dues = posted(begin(EMPTY, at(MORNING)).said).map(({ event }) => (event.data['item'] as { dueAt?: string }).dueAt?.slice(0, 10));
    expect(new Set(dues)).toEqual(new Set([...dues, undefined, '2026-11-23', '2026-11-24', '2026-11-27', '2026-12-03']));
  });

  it('says the same for the same seed', () => {
    expect(live(100)).toEqual(live(100));
  });

  it('revises, closes, hands on and cries for help in the course of a day, and nobody drowns', () => {
    const { memory, said, events } = live(400);
    expect(said.filter(({ op }) => op === 'close').length).toBeGreaterThan(20);
    expect(events.some(({ event }) => (event.data['item'] as { severity?: string }).severity === 'urgent')).toBe(true);
    expect(said.some(({ thing }) => thing.scene.to.some(([, reason]) => reason.includes('réattribué')))).toBe(true);
    for (const { login } of KNOWN_PEOPLE) expect(openOf(memory, login)).toBeLessThanOrEqual(16);
  });

  it('never uses an event id twice, nor an older revision or time for one object', () => {
    const { events } = live(400);
    expect(new Set(events.map(({ event }) => event.id)).size).toBe(events.length);
    const last = new Map<string, { time: string; revision: number }>();
    for (const { tool, event } of events) {
      const item = event.data['item'] as { key: string; revision?: number };
      const before = last.get(`${tool} ${item.key}`);
      expect(event.time >= (before?.time ?? '')).toBe(true);
      if (TOOLS.find(({ id }) => id === tool)?.order === 'revision') expect(item.revision).toBeGreaterThan(before?.revision ?? 0);
      else expect(item.revision).toBeUndefined();
      last.set(`${tool} ${item.key}`, { time: event.time, revision: item.revision ?? 0 });
    }
  });

  it('goes on after a restart on the same day, and clears the desk on the next', () => {
    const { memory } = live(10);
    expect(begin(memory, at(MORNING + 3_600_000))).toEqual({ memory, said: [] });
    const next = begin(memory, at(MORNING + 86_400_000));
    expect(next.said.filter(({ op }) => op === 'close')).toHaveLength(Object.keys(memory.things).length);
    expect(next.memory.day).toBe('2026-11-25');
  });
});

describe('the tools that bots read', () => {
  it('have every one something in the morning, and every day something new', () => {
    const { said } = live(400);
    const morning = begin(EMPTY, at(MORNING)).said;
    for (const { id } of TWINS) {
      expect(morning.some(({ thing }) => thing.scene.tool === id)).toBe(true);
      const later = said.slice(morning.length).filter(({ thing }) => thing.scene.tool === id);
      if (id !== 'marches') expect(later.length).toBeGreaterThan(3);
    }
  });

  it('never number two objects alike, nor change one to an earlier time', () => {
    const { said } = live(400);
    const things = new Map(said.map(({ thing }) => [thing.number, `${thing.scene.tool} ${thing.scene.key}`]));
    for (const { thing } of said) expect(things.get(thing.number)).toBe(`${thing.scene.tool} ${thing.scene.key}`);
    const last = new Map<number, number>();
    for (const { thing } of said) {
      expect(thing.at).toBeGreaterThanOrEqual(last.get(thing.number) ?? 0);
      last.set(thing.number, thing.at);
    }
  });

  it('show whoever follows a link which tool would have opened', async () => {
    const twin = await iparapheur.start({ page: (path) => `<h1>${path}</h1>` });
    const link = `${twin.url}/tenant/t/desk/d/folder/f`;
    expect((await fetch(link)).status).toBe(401);
    const answer = await fetch(link, { headers: { accept: 'text/html' } });
    expect([answer.status, await answer.text()]).toEqual([200, '<h1>/tenant/t/desk/d/folder/f</h1>']);
    await twin.stop();
  });

  it('have settings that their bots take', () => {
    for (const { bot, settings } of TWINS) {
      const place = { url: 'http://127.0.0.1:1', pages: PAGES, folder: '/tmp/depot', secret: { file: 'secrets/x' } };
      const given = { ...settings(place), ...('password' in settings(place) && { password: 'un mot de passe' }) };
      expect(BOT_SCHEMAS.get(bot)?.safeParse(given).error).toBeUndefined();
    }
  });
});

describe('a deadline of today', () => {
  it('whose hour has struck is a later one, and the day itself in the late evening', () => {
    expect(due({ days: 0, at: '14:00' }, MORNING)).toBe('2026-11-24T14:00:00+01:00');
    expect(due({ days: 0, at: '14:00' }, Date.parse('2026-11-24T16:20:00+01:00'))).toBe('2026-11-24T18:00:00+01:00');
    expect(due({ days: 0, at: '14:00' }, Date.parse('2026-11-24T23:20:00+01:00'))).toBe('2026-11-24');
  });

  it('follows summer time', () => {
    expect(due({ days: 1, at: '09:00' }, Date.parse('2026-07-01T10:00:00+02:00'))).toBe('2026-07-02T09:00:00+02:00');
  });

  it.each([
    ['2026-11-24T08:00:00+01:00', 3],
    ['2026-11-27T08:00:00+01:00', 2],
    ['2026-11-28T08:00:00+01:00', 1],
    ['2026-11-29T08:00:00+01:00', 1],
  ])('counts the days to the end of the week from %s', (now, days) => {
    expect(daysToFriday(Date.parse(now))).toBe(days);
  });
});

import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { group } from '#desk/due.ts';
import { Desk } from '../../../../../web/src/lib/desk/desk.svelte.ts';
import { Deadlines } from '../../../../../web/src/lib/desk/rows.ts';
import { AGENT, emptySnapshot, itemEvent, NOW, requestOf, ROOM, SERVER } from './sample.ts';

const deskOf = (): Desk =>
  new Desk({
    now: NOW,
    pos: 'p',
    feed: 'sliding',
    connId: 'c',
    agent: AGENT,
    name: 'Claire',
    serverName: SERVER,
    device: 'D',
    isShared: false,
    rooms: [emptySnapshot()],
  });
const news = (...timeline: ReturnType<typeof itemEvent>[]) => [{ room: ROOM, state: [], timeline }];

describe('rows', () => {
  it('stay the very same objects but for the one that changed', () => {
    const desk = deskOf();
    desk.take(news(itemEvent('$a'), itemEvent('$b'), itemEvent('$c')), NOW);
    const before = new Map(desk.rows.map((row) => [row.eventId, row]));
    desk.take(news(requestOf('desk.pin', ['$b'])), NOW);
    const changed = desk.rows.filter((row) => before.get(row.eventId) !== row).map((row) => row.eventId);
    expect(changed).toEqual(['$b']);
    expect(desk.find('$b')?.triage.pinned).toBe(true);
  });

  it('are the very same list when nothing that is shown of them has changed', () => {
    const desk = deskOf();
    desk.take(news(itemEvent('$a'), itemEvent('$b')), NOW);
    const [room] = desk.rooms;
    if (room === undefined) throw new Error('a desk has a room');
    const pin = { eventId: '~1', sender: AGENT, items: ['$b'], action: 'desk.pin', askedAt: NOW, at: NOW, source: 'action' as const };
    desk.addRequest(room, pin);
    const before = desk.rows;
    desk.change(() => room.renameRequest('~1', '$pin')); // the homeserver has it, and tells it again
    desk.take(news(requestOf('desk.pin', ['$b'], { event_id: '$pin' })), NOW + 1);
    expect(desk.rows).toBe(before);
    desk.change(() => room.dropRequest('$pin'));
    expect(desk.rows).not.toBe(before);
    expect(desk.find('$b')?.triage.pinned).toBe(false);
  });

  it('follow the clock: what becomes late is another row', () => {
    const desk = deskOf();
    desk.take(news(itemEvent('$a', { dueAt: '2026-11-26T12:00:00Z' })), NOW);
    expect(desk.rows[0]?.group).toBe('today');
    desk.now = Date.parse('2026-11-26T12:00:01Z');
    expect(desk.rows[0]?.group).toBe('late');
  });
});

describe('rows that the clock alone changes', () => {
  it('are at any moment, also an earlier one, what they would be on a page opened then', () => {
    const MINUTES = 60_000;
    const at = fc.integer({ min: -3 * 24 * 60, max: 9 * 24 * 60 }).map((minutes) => NOW + minutes * MINUTES);
    const due = at.map((ms) => new Date(ms).toISOString());
    const snoozed = fc.option(at.map((ms) => requestOf('desk.snooze', ['$a'], {}, { until: new Date(ms).toISOString() })));
    const shown = ({ rows, asideRows }: Desk) =>
      [...rows, ...asideRows].map(({ eventId, group, isOpen, isBack, triage }) => ({ eventId, group, isOpen, isBack, seen: triage.seen }));
    fc.assert(
      fc.property(due, due, snoozed, fc.array(at, { minLength: 1, maxLength: 12 }), (one, other, put, moments) => {
        const fill = (desk: Desk): Desk => {
          desk.take(news(itemEvent('$a', { dueAt: one }), itemEvent('$b', { dueAt: other }), ...(put ? [put] : [])), NOW - 9e9);
          return desk;
        };
        const kept = fill(deskOf());
        for (const now of moments) {
          kept.now = now;
          const fresh = fill(deskOf());
          fresh.now = now;
          expect(shown(kept)).toEqual(shown(fresh));
        }
      }),
    );
  });
});

describe('deadlines read once', () => {
  it('fall into the groups that the core knows, at any moment and in any zone', () => {
    const deadlines = new Deadlines();
    const at = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-12-31'), noInvalidDate: true });
    const due = fc.oneof(
      at.map((date) => date.toISOString()),
      at.map((date) => date.toISOString().slice(0, 10)),
      fc.constant(undefined),
    );
    const zone = fc.constantFrom('Europe/Paris', 'America/Guadeloupe', 'Pacific/Noumea');
    fc.assert(
      fc.property(due, at, zone, (deadline, now, timeZone) => {
        expect(deadlines.group(deadline, now.getTime(), timeZone)).toBe(group(deadline, now.getTime(), timeZone));
      }),
    );
  });
});

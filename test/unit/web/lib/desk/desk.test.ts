import { describe, expect, it } from 'vitest';
import { NO_TRIAGE } from '#desk/triage.ts';
import { Desk } from '../../../../../web/src/lib/desk/desk.svelte.ts';
import { entriesOf } from '../../../../../web/src/lib/desk/thread.ts';
import { editEvent, emptySnapshot, type event, itemEvent, NOW, placement, requestOf, ROOM, snapshot, toolState } from './sample.ts';

const news = (...timeline: ReturnType<typeof event>[]) => [{ room: ROOM, state: [], timeline }];

describe('the desk as the page shows it', () => {
  it('groups by urgency, in the order of the deadlines', () => {
    const desk = new Desk(snapshot());
    desk.take(
      news(
        itemEvent('$none'),
        itemEvent('$late', { dueAt: '2026-11-25T17:00:00+01:00' }),
        itemEvent('$today', { dueAt: '2026-11-26' }),
        itemEvent('$week', { dueAt: '2026-11-27' }),
        itemEvent('$later', { dueAt: '2026-12-15' }),
      ),
      NOW,
    );
    expect(desk.groups().map(({ group, rows }) => [group, ...rows.map((row) => row.eventId)])).toEqual([
      ['late', '$late'],
      ['today', '$today'],
      ['week', '$week'],
      ['later', '$later'],
      ['undated', '$none'],
    ]);
    expect(desk.numbers).toMatchObject({ late: 1, today: 1, week: 1, later: 1, undated: 1, open: 5 });
  });

  it('lets an item become late by the clock alone', () => {
    const desk = new Desk(snapshot());
    desk.take(news(itemEvent('$a', { dueAt: '2026-11-26T11:00:00+01:00' })), NOW);
    expect(desk.numbers.today).toBe(1);
    desk.now = NOW + 3_600_001;
    expect(desk.numbers).toMatchObject({ late: 1, today: 0 });
  });

  it('knows when a tool counts more than is here, though everything was here', () => {
    const desk = new Desk(snapshot());
    desk.take(news(itemEvent('$a'), itemEvent('$b')), NOW);
    desk.take([{ room: ROOM, state: [toolState({ open: 2 })], timeline: [] }], NOW);
    expect(desk.short).toEqual([]);
    desk.take([{ room: ROOM, state: [toolState({ open: 31 })], timeline: [] }], NOW);
    expect(desk.short.map(({ counts }) => counts.open)).toEqual([31]);
    desk.takeRows([], '60');
    expect(desk.short).toEqual([]);
    expect(desk.numbers.open).toBe(31);
  });

  it('counts an item once that a tool’s numbers counted before the page knew that it is back', () => {
    const desk = new Desk(snapshot({ rooms: [emptySnapshot({ next: '60' })] }));
    const back = { eventId: '$old', room: ROOM, sentAt: NOW, placement: placement('old'), triage: NO_TRIAGE };
    desk.takeRows([{ ...back, triage: { ...NO_TRIAGE, aside: true } }]);
    desk.take([{ room: ROOM, state: [toolState({ open: 2 })], timeline: [] }], NOW);
    desk.takeRows([back]);
    expect(desk.numbers.open).toBe(2);
  });

  it('brings back what was put off when its hour has come', () => {
    const desk = new Desk(snapshot());
    desk.take(news(itemEvent('$a'), requestOf('desk.snooze', ['$a'], {}, { until: '2026-11-26T12:00:00Z' })), NOW);
    expect(desk.rows).toEqual([]);
    expect(desk.asideRows.map((row) => row.eventId)).toEqual(['$a']);
    desk.now = Date.parse('2026-11-26T12:00:01Z');
    expect(desk.rows.map((row) => row.eventId)).toEqual(['$a']);
  });

  it('puts what is back first and shows it as new, until she has seen it there', () => {
    const desk = new Desk(snapshot());
    desk.take(news(itemEvent('$late', { dueAt: '2026-11-25T17:00:00+01:00' }), itemEvent('$a'), requestOf('desk.aside', ['$a'])), NOW);
    desk.take(news(editEvent('$a', { revision: 2 })), NOW);
    const shown = () =>
      desk.groups().map(({ group, rows }) => [group, ...rows.map((row) => `${row.eventId} ${row.triage.seen ? 'seen' : 'new'}`)]);
    expect(shown()).toEqual([
      ['back', '$a new'],
      ['late', '$late new'],
    ]);
    desk.take(news(requestOf('desk.seen', ['$a'])), NOW);
    expect(shown()).toEqual([
      ['late', '$late new'],
      ['undated', '$a seen'],
    ]);
  });

  it('takes the tool’s own numbers when the list goes on, corrected by what was seen since', () => {
    const rows = emptySnapshot({ next: 'cursor' });
    const desk = new Desk(snapshot({ rooms: [rows] }));
    desk.take(news(itemEvent('$a', { dueAt: '2026-11-26' })), NOW);
    desk.take([{ room: ROOM, state: [toolState({ open: 80, due: { '2026-11-26': 3, '2026-11-20': 10 } })], timeline: [] }], NOW);
    expect(desk.numbers).toMatchObject({ open: 80, late: 10, today: 3, undated: 67 });
    desk.take(news(requestOf('desk.aside', ['$a'])), NOW);
    expect(desk.numbers).toMatchObject({ open: 79, today: 2 });
    desk.take(news(itemEvent('$new', { dueAt: '2026-11-25' })), NOW);
    expect(desk.numbers).toMatchObject({ open: 80, late: 11 });
  });

  it('counts nothing twice when the rest of the list is loaded', () => {
    const desk = new Desk(snapshot({ rooms: [emptySnapshot({ next: 'cursor' })] }));
    desk.take([{ room: ROOM, state: [toolState({ open: 2 })], timeline: [] }], NOW);
    desk.takeRows([{ eventId: '$x', room: ROOM, sentAt: NOW, placement: placement('x'), triage: NO_TRIAGE }], 'further');
    expect(desk.numbers.open).toBe(2);
    desk.takeRows([{ eventId: '$y', room: ROOM, sentAt: NOW, placement: placement('y'), triage: NO_TRIAGE }], null);
    expect(desk.numbers.open).toBe(2);
    expect(desk.rows.length).toBe(2);
  });

  it('is one list with tags for an agent of two organisations', () => {
    const other = emptySnapshot({ room: '!other:desk.localhost', organisation: 'rivebelle', name: 'Rivebelle' });
    const desk = new Desk(snapshot({ rooms: [emptySnapshot(), other] }));
    desk.take([...news(itemEvent('$a')), { room: '!other:desk.localhost', state: [], timeline: [itemEvent('$b')] }], NOW);
    expect(desk.rows.map((row) => row.tag)).toEqual(['Ville-Claire', 'Rivebelle']);
  });

  it('shows only one tool’s rows when one is chosen', () => {
    const desk = new Desk(snapshot());
    desk.take(news(itemEvent('$a')), NOW);
    expect(desk.groups((row) => row.tool.connection === 'gta')).toEqual([]);
    expect(desk.groups((row) => row.tool.connection === 'astre').length).toBe(1);
  });

  it('shows an announcement only while it runs', () => {
    const banner = { id: 'b', text: 'Maintenance', level: 'info' as const, from: NOW, until: NOW + 1000 };
    const desk = new Desk(snapshot({ rooms: [emptySnapshot({ banners: [banner] })] }));
    expect(desk.banners.map((one) => one.text)).toEqual(['Maintenance']);
    desk.now = NOW + 1000;
    expect(desk.banners).toEqual([]);
  });

  it('is new until something was ever there', () => {
    const desk = new Desk(snapshot());
    expect(desk.isNew).toBe(true);
    desk.take(news(itemEvent('$a', { state: 'done' })), NOW);
    expect(desk.isNew).toBe(false);
  });

  it('tells the thread in order of time, with what the agent did', () => {
    const desk = new Desk(snapshot());
    const [room] = desk.rooms;
    desk.take(news(itemEvent('$a'), requestOf('desk.seen', ['$a']), requestOf('desk.aside', ['$a'])), NOW);
    expect(room && entriesOf(room).map((entry) => entry.kind)).toEqual(['item', 'did']);
  });
});

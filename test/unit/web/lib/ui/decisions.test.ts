import { describe, expect, it } from 'vitest';
import { Desk } from '../../../../../web/src/lib/desk/desk.svelte.ts';
import { type Call, Refusal } from '../../../../../web/src/lib/matrix/homeserver.ts';
import { Outgoing } from '../../../../../web/src/lib/matrix/outgoing.ts';
import { Announcer } from '../../../../../web/src/lib/ui/announcer.svelte.ts';
import { Decisions } from '../../../../../web/src/lib/ui/decisions.svelte.ts';
import { itemEvent, NOW, redaction, requestOf, ROOM, snapshot } from '../desk/sample.ts';

type Asked = { path: string; body: unknown };

/** A desk with three items, and a homeserver that names what it is sent `$sent1`, `$sent2`…; `refuse` has it refuse everything. */
function sit({ refuse = false } = {}) {
  const draw = (): Desk => {
    const drawn = new Desk(snapshot());
    drawn.take([{ room: ROOM, state: [], timeline: ['$a', '$b', '$c'].map((eventId) => itemEvent(eventId)) }], NOW);
    return drawn;
  };
  let desk = draw();
  const asked: Asked[] = [];
  const call: Call = (_method, path, { body } = {}) => {
    asked.push({ path, body });
    return refuse ? Promise.reject(new Refusal(403)) : Promise.resolve({ event_id: `$sent${asked.length}` });
  };
  const decisions = new Decisions({ desk: () => desk, outgoing: new Outgoing(call, () => undefined), announcer: new Announcer() });
  const shown = () => desk.rows.map((row) => row.eventId);
  const rows = (...eventIds: string[]) => desk.rows.filter((row) => eventIds.includes(row.eventId));
  const redraw = () => (desk = draw());
  return { desk, decisions, asked, shown, rows, redraw };
}

describe('what she decides', () => {
  it('is shown at once, and several items are one request', async () => {
    const { decisions, asked, shown, rows } = sit();
    decisions.aside(rows('$a', '$b'));
    expect(shown()).toEqual(['$c']);
    expect(decisions.undo?.text).toBe('2 éléments mis de côté chez vous. Rien n’a été fait dans Astre.');
    await expect.poll(() => asked.length).toBe(1);
    expect(asked[0]?.body).toMatchObject({ action: 'desk.aside', items: ['$a', '$b'] });
  });

  it('is named shortly, so that what was not done is read as well', () => {
    const { desk, decisions } = sit();
    desk.take([{ room: ROOM, state: [], timeline: [itemEvent('$long', { title: 'Très long '.repeat(19).trim() })] }], NOW);
    decisions.aside(desk.rows.filter(({ eventId }) => eventId === '$long'));
    const text = decisions.undo?.text ?? '';
    expect(text.length).toBeLessThan(150);
    expect(text).toContain('…\u00a0»');
    expect(text).toContain('Rien n’a été fait dans Astre.');
  });

  it('is taken back by redacting that request: what was before is as it was', async () => {
    const { desk, decisions, asked, shown, rows } = sit();
    desk.take([{ room: ROOM, state: [], timeline: [requestOf('desk.snooze', ['$b'], {}, { until: '2026-12-01' })] }], NOW);
    const [snoozed] = desk.asideRows;
    decisions.aside([...rows('$a'), ...(snoozed ? [snoozed] : [])]);
    decisions.takeBackLast();
    expect(shown()).toEqual(['$a', '$c']);
    expect(desk.asideRows.map((row) => [row.eventId, row.triage.aside])).toEqual([['$b', false]]);
    await expect.poll(() => asked.length).toBe(2);
    expect(asked[1]?.path).toContain('/redact/%24sent1/');
    const echoes = [requestOf('desk.aside', ['$a', '$b'], { event_id: '$sent1' }), redaction('$sent1')];
    desk.take([{ room: ROOM, state: [], timeline: echoes }], NOW);
    expect(shown()).toEqual(['$a', '$c']);
  });

  it('is taken back one after the other, the latest first, also when its line has gone', () => {
    const { decisions, shown, rows } = sit();
    decisions.aside(rows('$a'));
    decisions.aside(rows('$b', '$c'));
    decisions.undo = undefined; // its time is over, or she has closed it
    decisions.takeBackLast();
    expect(shown()).toEqual(['$b', '$c']);
    decisions.takeBackLast();
    expect(shown()).toEqual(['$a', '$b', '$c']);
    expect(decisions.canTakeBack).toBe(false);
  });

  it('that was taken back from the history of its item is not taken back a second time by the key', async () => {
    const { desk, decisions, asked, shown, rows } = sit();
    decisions.aside(rows('$a'));
    decisions.aside(rows('$b'));
    await expect.poll(() => desk.rooms[0]?.requests.map(({ eventId }) => eventId)).toEqual(['$sent1', '$sent2']);
    const [room] = desk.rooms;
    if (room) decisions.takeBack(room, '$sent2');
    expect(shown()).toEqual(['$b', '$c']);
    decisions.takeBackLast();
    expect(shown()).toEqual(['$a', '$b', '$c']);
    await expect.poll(() => asked.flatMap(({ path }) => path.split('/redact/')[1]?.split('/')[0] ?? [])).toEqual(['%24sent2', '%24sent1']);
  });

  it('comes back to the list when the homeserver refuses it, and says that nothing changed', async () => {
    const { decisions, shown, rows } = sit({ refuse: true });
    decisions.aside(rows('$a'));
    await expect.poll(() => decisions.undo?.failed).toBe(true);
    expect(decisions.undo?.text).toBe('«\u00a0Facture a\u00a0»\u00a0: votre demande n’a pas été acceptée, rien n’a changé.');
    expect(shown()).toEqual(['$a', '$b', '$c']);
  });

  it('is seen once however often it is opened, in one batch', async () => {
    const { decisions, asked, rows } = sit();
    const stop = decisions.start();
    for (const row of rows('$a', '$b')) decisions.markSeen(row);
    for (const row of rows('$a')) decisions.markSeen(row);
    stop();
    await expect.poll(() => asked.map(({ body }) => body)).toMatchObject([{ action: 'desk.seen', items: ['$a', '$b'] }]);
  });

  it('is seen again when it is opened again after she marked it as unseen, and the homeserver is told in that order', async () => {
    const { desk, decisions, asked, rows } = sit();
    const stop = decisions.start();
    const isSeen = () => desk.find('$a')?.triage.seen;
    for (const row of rows('$a')) decisions.markSeen(row);
    decisions.unsee(rows('$a'));
    expect(isSeen()).toBe(false);
    for (const row of rows('$a')) decisions.markSeen(row);
    expect(isSeen()).toBe(true);
    stop();
    await expect.poll(() => asked.map(({ body }) => body)).toMatchObject([{ action: 'desk.unseen' }, { action: 'desk.seen' }]);
  });

  it('marked as unseen stays so when what she opened is told to the homeserver', async () => {
    const { desk, decisions, asked, rows } = sit();
    const stop = decisions.start();
    for (const row of rows('$a', '$b')) decisions.markSeen(row);
    decisions.unsee(rows('$a'));
    stop();
    await expect.poll(() => asked.length).toBe(2);
    expect(asked.map(({ body }) => body)).toMatchObject([
      { action: 'desk.unseen', items: ['$a'] },
      { action: 'desk.seen', items: ['$b'] },
    ]);
    const echoes = [requestOf('desk.unseen', ['$a'], { event_id: '$sent1' }), requestOf('desk.seen', ['$b'], { event_id: '$sent2' })];
    desk.take([{ room: ROOM, state: [], timeline: echoes }], NOW);
    expect(['$a', '$b'].map((eventId) => desk.find(eventId)?.triage.seen)).toEqual([false, true]);
  });

  it('marked as unseen once the desk was drawn anew, stays so as well', async () => {
    const { decisions, asked, rows, redraw } = sit();
    const stop = decisions.start();
    for (const row of rows('$a', '$b')) decisions.markSeen(row);
    redraw();
    decisions.unsee(rows('$a'));
    stop();
    await expect.poll(() => asked.length).toBe(2);
    expect(asked.map(({ body }) => body)).toMatchObject([
      { action: 'desk.unseen', items: ['$a'] },
      { action: 'desk.seen', items: ['$b'] },
    ]);
  });

  it('taken back, it is still one that she has opened, for the homeserver as well', async () => {
    const { desk, decisions, asked, rows } = sit();
    const stop = decisions.start();
    for (const row of rows('$a')) decisions.markSeen(row);
    decisions.aside(rows('$a'));
    decisions.takeBackLast();
    expect(desk.find('$a')?.triage.seen).toBe(true);
    await expect.poll(() => asked.length).toBe(2);
    stop();
    await expect.poll(() => asked.at(-1)?.body).toMatchObject({ action: 'desk.seen', items: ['$a'] });
  });

  it('that is not told to the homeserver is unseen again', async () => {
    const { desk, decisions, rows } = sit({ refuse: true });
    const stop = decisions.start();
    for (const row of rows('$a')) decisions.markSeen(row);
    stop();
    await expect.poll(() => desk.find('$a')?.triage.seen).toBe(false);
  });
});

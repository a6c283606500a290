import { describe, expect, it } from 'vitest';
import { itemKey } from '#desk/item.ts';
import { Desk } from '../../../../../web/src/lib/desk/desk.svelte.ts';
import { decisionsOn, isDecidedElsewhere } from '../../../../../web/src/lib/desk/history.ts';
import { itemEvent, NOW, placement, reaction, requestOf, ROOM, SERVER, snapshot } from './sample.ts';

function sit(...timeline: ReturnType<typeof itemEvent>[]) {
  const desk = new Desk(snapshot());
  desk.take([{ room: ROOM, state: [], timeline }], NOW);
  return (eventId: string) => {
    const row = desk.find(eventId);
    return row === undefined ? [] : decisionsOn(row).map(({ request, action, others }) => [request, action, others]);
  };
}

const TASK = { key: itemKey('tache', 'tache', '$asked'), bot: 'tache', connection: 'tache' } as const;
const task = (over: Parameters<typeof itemEvent>[1] = {}) => itemEvent('$t', { ...TASK, ...over }, `@ecritoire_tache:${SERVER}`);

describe('what she decided of an item', () => {
  it('stands in its history in order, with how many others it was decided of', () => {
    const of = sit(
      itemEvent('$a'),
      itemEvent('$b'),
      requestOf('desk.seen', ['$a']),
      requestOf('desk.pin', ['$a'], { event_id: '$pin' }),
      requestOf('desk.aside', ['$a', '$b'], { event_id: '$aside' }),
      { ...reaction('⏰', '$a'), event_id: '$clock' },
    );
    expect(of('$a')).toEqual([
      ['$pin', 'desk.pin', 0],
      ['$aside', 'desk.aside', 1],
      ['$clock', 'desk.snooze', 0],
    ]);
    expect(of('$b')).toEqual([['$aside', 'desk.aside', 1]]);
  });

  it('is nothing any more that could be taken back once the tool has closed it, but for what she wrote on it', () => {
    const of = sit(
      itemEvent('$a', { state: 'done' }),
      requestOf('desk.pin', ['$a']),
      requestOf('desk.note', ['$a'], { event_id: '$note' }, { text: 'Relue' }),
    );
    expect(of('$a')).toEqual([['$note', 'desk.note', 0]]);
  });

  it('is known not to be all of it where how she has it comes from further back, or from what she typed', () => {
    const desk = new Desk(snapshot());
    const base = { seen: true, aside: false, pinned: true, note: 'Relue' };
    desk.takeRows([{ eventId: '$old', room: ROOM, sentAt: NOW, placement: placement('old'), triage: base }]);
    const isElsewhere = () => {
      const row = desk.find('$old');
      return row && isDecidedElsewhere(row);
    };
    const decide = (action: string) => desk.take([{ room: ROOM, state: [], timeline: [requestOf(action, ['$old'])] }], NOW);
    expect(isElsewhere()).toBe(true);
    decide('desk.pin');
    expect(isElsewhere()).toBe(true);
    decide('desk.note');
    expect(isElsewhere()).toBe(false);
    decide('desk.aside');
    expect(isElsewhere()).toBe(false);
  });

  it('is that she added a task of her own, and that she ended it', () => {
    expect(sit(task())('$t')).toEqual([['$asked', 'desk.task', 0]]);
    expect(sit(task({ state: 'done' }), requestOf('terminer', ['$t'], { event_id: '$end' }))('$t')).toEqual([['$end', 'end', 0]]);
    expect(sit(task({ state: 'done' }))('$t')).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { itemKey } from '#desk/item.ts';
import { Desk } from '../../../../../web/src/lib/desk/desk.svelte.ts';
import { decisionsOn } from '../../../../../web/src/lib/desk/history.ts';
import { itemEvent, NOW, reaction, requestOf, ROOM, SERVER, snapshot } from './sample.ts';

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

  it('is nothing any more that could be taken back once the tool has closed it', () => {
    expect(sit(itemEvent('$a', { state: 'done' }), requestOf('desk.pin', ['$a']))('$a')).toEqual([]);
  });

  it('is that she added a task of her own, and that she ended it', () => {
    expect(sit(task())('$t')).toEqual([['$asked', 'desk.task', 0]]);
    expect(sit(task({ state: 'done' }), requestOf('terminer', ['$t'], { event_id: '$end' }))('$t')).toEqual([['$end', 'end', 0]]);
    expect(sit(task({ state: 'done' }))('$t')).toEqual([]);
  });
});

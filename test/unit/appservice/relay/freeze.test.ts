import { expect, test } from 'vitest';
import { itemEdit, itemMessage } from '../../../../appservice/desk/event.ts';
import { Item, itemKey } from '../../../../appservice/desk/item.ts';
import { place, type Placement } from '../../../../appservice/desk/placement.ts';
import { readShown } from '../../../../appservice/relay/freeze.ts';

const shown = (more: Partial<Placement>): Placement => ({
  ...place(Item.parse({ key: itemKey('gta', 'gta', '1'), revision: 7, title: 'Demande', updatedAt: '2026-11-23T10:00:00Z' }), {}),
  ...more,
});
const at = { row: 'r', agent: '@a:desk.localhost', tool: 'Congés', timeZone: 'Europe/Paris', now: 0 };

test.each([
  ['a message', (placement: Placement) => itemMessage(placement, at)],
  ['an edit', (placement: Placement) => itemEdit(placement, { ...at, original: '$o', becameUrgent: false })],
])('what %s shows is read back from it', (_said, write) => {
  expect(readShown(write(shown({})))).toEqual({ revision: 7, pressing: false });
  expect(readShown(write(shown({ severity: 'urgent' })))).toEqual({ revision: 7, pressing: true });
  expect(readShown(write(shown({ severity: 'urgent', state: 'done' })))).toEqual({ revision: 7, pressing: false });
});

test('what is no item shows none', () => {
  expect(readShown({ type: 'm.room.message', content: { body: 'x' } })).toBeUndefined();
});

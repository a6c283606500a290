/** What a callback answers of the object that was acted on, read as a delivery. */
import { expect, test } from 'vitest';
import type { LoadedConnection } from '../../../../config/load.ts';
import { answeredDelivery } from '../../../../appservice/poll/compare.ts';

const connection: LoadedConnection = {
  id: 'gta',
  bot: 'gta',
  organisation: 'ville-claire',
  label: 'Congés',
  order: 'time',
  hosts: [],
  secrets: [],
  retired: false,
};
const about = { connection, key: 'gta:gta:demande/318', to: ['@ida:v'], current: 7, id: '$r/0', now: Date.parse('2026-11-27T10:00:00Z') };

test('is brought to the card that was acted on, whether it names its object or not', () => {
  const item = { title: 'Congé', state: 'done' };
  for (const said of [item, { ...item, key: 'demande/318' }])
    expect(answeredDelivery(said, about)).toMatchObject({ key: about.key, change: { op: 'close' }, revision: 7 });
});

test('of another object is brought to no card: neither to the one that was acted on, nor to its own', () => {
  expect(answeredDelivery({ key: 'demande/319', title: 'Un autre congé', state: 'done' }, about)).toBeUndefined();
});

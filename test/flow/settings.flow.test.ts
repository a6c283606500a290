/** What an agent has set for herself holds in each of her desks, also in one in which she has set nothing yet. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { migrate, openStore, type Store } from '../../appservice/store/open.ts';
import { dropSettings, keepSettings, settingsOf } from '../../appservice/store/settings.ts';
import { type Postgres, startPostgres } from '../support/postgres.ts';

const [TOWN, OTHER_TOWN] = ['desk:ville-claire:ines', 'desk:rivebelle:ines'];
let folder: string;
let postgres: Postgres;
let store: Store;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ecritoire-reglages-'));
  postgres = await startPostgres({ folder, databases: ['ecritoire'] });
  ({ store } = openStore(postgres.url('ecritoire')));
  await migrate(store);
  for (const [localpart, organisation] of [
    ['ines', 'ville-claire'],
    ['ines', 'rivebelle'],
    ['ines.b', 'rivebelle'],
  ] as const) {
    await store
      .insertInto('record.people')
      .values({ localpart, name: localpart })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await store.insertInto('record.memberships').values({ localpart, organisation, source: 'test' }).execute();
  }
});
afterAll(async () => {
  await store.destroy();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => store.deleteFrom('record.settings').execute());

const set = (address: string, eventId: string, undoDelay: number): Promise<void> =>
  keepSettings(store, address, { eventId, sender: '@ines:desk.localhost', at: Date.now(), content: { v: 1, undoDelay } });

describe('what she has set', () => {
  test('in one desk holds in another of hers, and in nobody else’s', async () => {
    await set(TOWN, '$a', 60);
    expect(await settingsOf(store, OTHER_TOWN)).toEqual({ v: 1, undoDelay: 60 });
    expect(await settingsOf(store, 'desk:rivebelle:ines.b')).toBeUndefined();
  });

  test('in this very desk counts before what she has set later in another, until she takes it back', async () => {
    await set(OTHER_TOWN, '$b', 20);
    await set(TOWN, '$c', 60);
    expect(await settingsOf(store, OTHER_TOWN)).toEqual({ v: 1, undoDelay: 20 });
    await dropSettings(store, OTHER_TOWN, '$b');
    expect(await settingsOf(store, OTHER_TOWN)).toEqual({ v: 1, undoDelay: 60 });
  });

  test('in a town that she has left holds nowhere else any more', async () => {
    await set(TOWN, '$d', 60);
    await store.deleteFrom('record.memberships').where('localpart', '=', 'ines').where('organisation', '=', 'ville-claire').execute();
    expect(await settingsOf(store, OTHER_TOWN)).toBeUndefined();
  });
});

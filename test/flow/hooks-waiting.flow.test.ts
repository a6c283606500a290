/** Items for people nobody knows yet: kept sealed, and on their desk once they appear, whatever happens in that moment. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pause, until } from '../support/guarded.ts';
import { counts, event, HooksBed } from '../support/hooks-bed.ts';

let bed: HooksBed;
beforeAll(async () => {
  bed = await HooksBed.start();
  await bed.addMember('claire.morel', { uid: 'cmorel' });
  await bed.addMember('bruno.leroy', { organisation: 'rivebelle', mail: 'bruno.leroy@rivebelle.example' });
});
afterAll(() => bed.stop());

let count = 0;
const newKey = (): string => `attendu/${String((count += 1))}`;
const at = (minute: number): string => `2026-11-20T09:${String(minute).padStart(2, '0')}:00Z`;
const uid = (value = 'cmorel') => [{ uid: value }];

const DEADLOCK_MS = 3000; // PostgreSQL looks after a second

function latch(): { opened: Promise<unknown>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  return { opened: promise, open: () => resolve(undefined) };
}

/** Until so many connections of the store are so. */
async function isSeen(what: string, count = 1): Promise<void> {
  const found = async (): Promise<true | undefined> => {
    const { rows } = await sql`select pid from pg_stat_activity where ${sql.raw(what)}`.execute(bed.store);
    return rows.length >= count ? true : undefined;
  };
  expect(await until(found), what).toBe(true);
}

const somebodyWaits = (count = 1): Promise<void> => isSeen("wait_event_type = 'Lock'", count);

describe('an item for someone nobody knows yet', () => {
  it('is kept sealed, and delivered as if accepted then when she appears', async () => {
    const key = newKey();
    const to = [
      { mail: 'lea@ville-claire.example', reason: 'valideuse' },
      { uid: 'lea', reason: 'seconde' },
    ];
    expect(counts(await bed.post('gta', event({ to, item: { key, title: 'Pour Léa' } })))).toMatchObject({ accepted: 1, waiting: 2 });
    const kept = await bed.store.selectFrom('record.waiting').selectAll().where('key', 'like', `%:${key}`).execute();
    expect(kept).toHaveLength(2);
    expect(JSON.stringify(kept) + kept.map(({ sealed }) => sealed.toString('latin1')).join()).not.toMatch(/lea|Pour/);
    await bed.addMember('lea.fontaine', { mail: 'lea@ville-claire.example', uid: 'lea' });
    expect(await bed.ingest.deliverWaiting(bed.store, { organisation: 'ville-claire', localpart: 'lea.fontaine' })).toBe(1);
    expect((await bed.placements(key))['lea.fontaine']).toMatchObject({
      title: 'Pour Léa',
      reason: 'valideuse',
      state: 'todo',
      addressed: true,
    });
    expect(await bed.openRows(key)).toEqual([{ address: 'desk:ville-claire:lea.fontaine', claimed: false, sender: 'ecritoire_gta' }]);
    expect(await bed.ingest.deliverWaiting(bed.store, { organisation: 'ville-claire', localpart: 'lea.fontaine' })).toBe(0);
  });

  it('is not delivered when a newer event closed it or named others, and as it stands now when it changed', async () => {
    const [closed, moved, changed] = [newKey(), newKey(), newKey()];
    const tom = uid('tom');
    for (const key of [closed, moved, changed]) await bed.post('gta', event({ to: tom, time: at(1), item: { key, title: 'avant' } }));
    await bed.post('gta', event({ op: 'close', time: at(2), item: { key: closed } }));
    await bed.post('gta', event({ to: uid(), time: at(2), item: { key: moved } }));
    await bed.post('gta', event({ to: tom, time: at(2), item: { key: changed, title: 'après' } }));
    await bed.addMember('tom.garnier', { uid: 'tom' });
    expect(await bed.ingest.deliverWaiting(bed.store, { organisation: 'ville-claire', localpart: 'tom.garnier' })).toBe(1);
    expect(Object.keys({ ...(await bed.placements(closed)), ...(await bed.placements(moved)) })).toEqual(['claire.morel']);
    expect((await bed.placements(changed))['tom.garnier']).toMatchObject({ title: 'après' });
  });

  it('waits for a group nobody is in, and reaches each of its members who appears', async () => {
    const key = newKey();
    expect(counts(await bed.post('gta', event({ to: [{ group: 'archives' }], item: { key } })))).toMatchObject({ waiting: 1 });
    for (const localpart of ['anne', 'luc']) {
      await bed.addMember(localpart, { groups: ['archives'] });
      expect(await bed.ingest.deliverWaiting(bed.store, { organisation: 'ville-claire', localpart })).toBe(1);
    }
    expect(Object.keys(await bed.placements(key)).sort()).toEqual(['anne', 'luc']);
  });

  it('waits in its organisation only', async () => {
    await bed.post('gta', event({ to: [{ mail: 'bruno.leroy@rivebelle.example' }] }));
    expect(await bed.ingest.deliverWaiting(bed.store, { organisation: 'rivebelle', localpart: 'bruno.leroy' })).toBe(0);
  });

  it('is never stranded when she appears at the very moment', async () => {
    for (let round = 0; round < 20; round += 1) {
      const [key, localpart] = [newKey(), `new.${String(round)}`];
      const appear = bed.store.transaction().execute(async (trx) => {
        await trx.insertInto('record.people').values({ localpart, name: localpart }).execute();
        await trx
          .insertInto('record.memberships')
          .values({ localpart, organisation: 'ville-claire', uid: localpart, source: 'test' })
          .execute();
        await bed.ingest.deliverWaiting(trx, { organisation: 'ville-claire', localpart });
      });
      await Promise.all([bed.post('gta', event({ to: uid(localpart), item: { key } })), appear]);
      expect(Object.keys(await bed.placements(key))).toEqual([localpart]);
    }
  });

  it('comes to her when an event makes the same object in that moment, after the working copy was lost', async () => {
    const key = newKey();
    await bed.post('gta', event({ to: uid('zoe'), time: at(1), item: { key, title: 'avant' } }));
    await bed.store.deleteFrom('work.items').where('key', 'like', `%:${key}`).execute();
    await bed.addMember('zoe.rose', { uid: 'zoe' });
    const [isReached, hold] = [latch(), latch()];
    bed.onStep = async (name) => {
      if (name !== 'ingest.before-commit') return;
      isReached.open();
      await hold.opened;
    };
    const posted = bed.post('gta', event({ to: [...uid(), ...uid('zoe')], time: at(2), item: { key, title: 'après' } }));
    await isReached.opened;
    await isSeen("state = 'idle in transaction' and query like 'with object as%'"); // sent ahead, the object is written by then
    const delivered = bed.ingest.deliverWaiting(bed.store, { organisation: 'ville-claire', localpart: 'zoe.rose' });
    await somebodyWaits().finally(hold.open);
    bed.onStep = undefined;
    expect(counts(await posted)).toMatchObject({ accepted: 1 });
    expect(await delivered).toBe(0); // she has the newer already
    expect(await bed.placements(key)).toMatchObject({
      'claire.morel': { title: 'après' },
      'zoe.rose': { title: 'après', addressed: true },
    });
  });

  it('comes to her when she and an event each wait for what the other holds', async () => {
    const [first, second] = [newKey(), newKey()].sort();
    for (const key of [first, second]) await bed.post('gta', event({ to: uid('eva'), time: at(1), item: { key, title: 'avant' } }));
    await bed.addMember('eva.gris', { uid: 'eva' });
    const [held, free] = [latch(), latch()];
    const holder = bed.store.transaction().execute(async (trx) => {
      await trx
        .selectFrom('work.items')
        .select('key')
        .where('key', 'like', `%:${String(first)}`)
        .forUpdate()
        .execute();
      held.open();
      await free.opened;
    });
    await held.opened;
    const delivered = bed.ingest.deliverWaiting(bed.store, { organisation: 'ville-claire', localpart: 'eva.gris' });
    await somebodyWaits(1);
    const posted = bed.post('gta', event({ to: uid('personne'), time: at(2), item: { key: second, title: 'après' } }));
    await somebodyWaits(2);
    await pause(DEADLOCK_MS); // the event has looked for a deadlock by then, so that it is she who finds it
    free.open();
    await holder;
    expect(await delivered).toBe(1); // the event asks somebody else for the second
    expect((await posted).status).toBe(202);
    expect(Object.keys(await bed.placements(String(first)))).toEqual(['eva.gris']);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { counts, event, HooksBed } from '../support/hooks-bed.ts';

let bed: HooksBed;
beforeAll(async () => {
  bed = await HooksBed.start();
  await bed.addMember('claire.morel', {
    mail: 'claire.morel@ville-claire.example',
    uid: 'cmorel',
    matricule: 'M001',
    groups: ['direction'],
  });
  await bed.addMember('paul.vidal', { mail: 'paul.vidal@ville-claire.example', groups: ['direction', 'voirie'] });
  await bed.addMember('nadia.benali', { mail: 'nadia.benali@ville-claire.example' });
  await bed.addMember('bruno.leroy', { organisation: 'rivebelle', mail: 'bruno.leroy@rivebelle.example' });
  await bed.addMember('nadia.benali', { organisation: 'rivebelle', mail: 'nadia.benali@rivebelle.example', groups: ['direction'] });
});
afterAll(() => bed.stop());

let count = 0;
const newKey = (): string => `objet/${String((count += 1))}`;
const at = (minute: number): string => `2026-11-20T09:${String(minute).padStart(2, '0')}:00Z`;
const uid = (value = 'cmorel') => [{ uid: value }];

const placements = (key: string) => bed.placements(key);
const rows = (key: string) => bed.openRows(key);

/** What the relay does to the oldest open row: claims it and, when asked to, marks it and its placement as sent. */
async function claim(key: string, { sent }: { sent: boolean }): Promise<void> {
  const row = await bed.store
    .selectFrom('work.outbox')
    .selectAll()
    .where('subject', 'like', `%:${key}`)
    .where('claimed_at', 'is', null)
    .executeTakeFirstOrThrow();
  await bed.store
    .updateTable('work.outbox')
    .set({ claimed_at: new Date(), ...(sent && { sent_at: new Date(), event_id: `$${row.id}` }) })
    .where('id', '=', row.id)
    .execute();
  if (sent)
    await bed.store
      .updateTable('work.placements')
      .set({ event_id: `$${row.id}` })
      .where('key', '=', row.subject)
      .where('address', '=', row.address)
      .execute();
}

describe('accepting', () => {
  it('writes the placement as the list needs it, the row as the relay needs it, and wakes the room', async () => {
    const key = newKey();
    await bed.post('parapheur', event({ to: uid(), item: { key, severity: 'urgent', dueAt: '2026-11-27', kind: 'visa' } }));
    const row = await bed.store
      .selectFrom('work.placements')
      .selectAll()
      .where('key', '=', `iparapheur:parapheur:${key}`)
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({
      agent: 'claire.morel',
      address: 'desk:ville-claire:claire.morel',
      connection: 'parapheur',
      state: 'todo',
      severity: 'urgent',
      due_at: '2026-11-27',
    });
    expect(row.sort_at?.toISOString()).toBe('2026-11-27T22:59:59.999Z');
    expect(row.revision).toBe(Date.parse('2026-11-20T09:14:03Z'));
    expect(await rows(key)).toEqual([{ address: row.address, claimed: false, sender: 'ecritoire_iparapheur' }]);
    const room = await bed.store.selectFrom('work.rooms').selectAll().where('address', '=', row.address).executeTakeFirstOrThrow();
    expect(room).toMatchObject({ organisation: 'ville-claire', due_at: expect.any(Date) as Date });
  });

  it('ends a day in the time zone of the organisation, overseas too', async () => {
    const key = newKey();
    await bed.post('rivebelle-gta', event({ to: [{ mail: 'bruno.leroy@rivebelle.example' }], item: { key, dueAt: '2026-11-27' } }));
    const { sort_at } = await bed.store
      .selectFrom('work.placements')
      .select('sort_at')
      .where('key', 'like', `%:${key}`)
      .executeTakeFirstOrThrow();
    expect(sort_at?.toISOString()).toBe('2026-11-27T19:59:59.999Z');
  });

  it('finds people by mail, uid, matricule, mxid and group, each person once with the first reason', async () => {
    const to = [
      { matricule: 'M001', reason: 'un' },
      { mail: 'CLAIRE.MOREL@ville-claire.example', reason: 'deux' },
      { group: 'direction', reason: 'trois' },
      { mxid: '@nadia.benali:desk.localhost' },
    ];
    const key = newKey();
    expect(counts(await bed.post('gta', event({ to, item: { key } })))).toEqual({ accepted: 1, duplicates: 0, ignored: 0, waiting: 0 });
    const shown = await placements(key);
    expect(Object.keys(shown).sort()).toEqual(['claire.morel', 'nadia.benali', 'paul.vidal']);
    expect(shown['claire.morel']?.reason).toBe('un');
    expect(shown['paul.vidal']?.reason).toBe('trois');
    expect(shown['nadia.benali']).not.toHaveProperty('reason');
  });

  it('knows nobody of another organisation or server', async () => {
    const to = [
      { mail: 'bruno.leroy@rivebelle.example' },
      { mxid: '@bruno.leroy:desk.localhost' },
      { mxid: '@claire.morel:elsewhere.example' },
      { group: 'nobody' },
      { uid: 'CMOREL' },
    ];
    const key = newKey();
    expect(counts(await bed.post('gta', event({ to, item: { key } })))).toEqual({ accepted: 1, duplicates: 0, ignored: 0, waiting: 5 });
    expect(await placements(key)).toEqual({});
  });

  it('keeps objects of two connections apart, whatever their keys', async () => {
    const key = newKey();
    await bed.post('gta', event({ to: uid(), item: { key } }));
    await bed.post('rivebelle-gta', event({ op: 'close', time: at(59), item: { key } }));
    expect((await placements(key))['claire.morel']).toMatchObject({ state: 'todo', connection: 'gta' });
  });

  it('counts each event of a batch once', async () => {
    const key = newKey();
    const [old, young] = [
      event({ to: uid(), time: at(1), item: { key } }),
      event({ to: [...uid(), ...uid('x')], time: at(2), item: { key } }),
    ];
    expect(counts(await bed.postBatch('gta', [young, old, young, event({ to: uid('y') })]))).toEqual({
      accepted: 2,
      duplicates: 1,
      ignored: 1,
      waiting: 2,
    });
  });

  it('ignores an equal or lower revision where revisions are declared, whatever the time', async () => {
    const key = newKey();
    const send = async (revision: number, time: string, title: string) =>
      counts(await bed.post('astre', event({ to: uid(), time, item: { key, revision, title } })));
    expect(await send(5, at(1), 'cinq')).toMatchObject({ accepted: 1 });
    expect(await send(5, at(9), 'encore')).toMatchObject({ accepted: 0, ignored: 1 });
    expect(await send(4, at(10), 'quatre')).toMatchObject({ ignored: 1 });
    expect(await send(6, at(0), 'six')).toMatchObject({ accepted: 1 });
    expect((await placements(key))['claire.morel']).toMatchObject({ title: 'six', revision: 6 });
  });
});

describe('one open row per placement', () => {
  it('stays one while nobody has claimed it, and gets one behind once it is claimed', async () => {
    const key = newKey();
    for (const minute of [1, 2, 3]) await bed.post('gta', event({ to: uid(), time: at(minute), item: { key } }));
    expect(await rows(key)).toHaveLength(1);
    await claim(key, { sent: false });
    for (const minute of [4, 5]) await bed.post('gta', event({ to: uid(), time: at(minute), item: { key } }));
    expect((await rows(key)).map(({ claimed }) => claimed)).toEqual([true, false]);
  });

  it('gets no row when nothing changed', async () => {
    const key = newKey();
    await bed.post('gta', event({ to: uid(), time: at(1), item: { key, title: 'a' } }));
    await claim(key, { sent: true });
    expect(counts(await bed.post('gta', event({ to: uid(), time: at(1), item: { key, title: 'a' } })))).toMatchObject({ accepted: 1 });
    expect(await rows(key)).toEqual([]);
  });

  it('is taken away when the object closes before its first claim, and a newer upsert opens the card', async () => {
    const key = newKey();
    await bed.post('gta', event({ to: uid(), time: at(1), item: { key } }));
    await bed.post('gta', event({ op: 'close', time: at(2), item: { key } }));
    expect(await rows(key)).toEqual([]);
    expect((await placements(key))['claire.morel']).toMatchObject({ state: 'done', revision: Date.parse(at(2)) });
    expect(await tombstone(key)).toBe(Date.parse(at(2)));
    expect(counts(await bed.post('gta', event({ to: uid(), time: at(1), item: { key } })))).toMatchObject({ ignored: 1 });
    await bed.post('gta', event({ to: uid(), time: at(3), item: { key } }));
    expect(await rows(key)).toHaveLength(1);
    expect((await placements(key))['claire.morel']).toMatchObject({ state: 'todo' });
  });

  it.each([true, false])('is kept or made when the first message is there (%s) or on its way', async (sent) => {
    const key = newKey();
    await bed.post('gta', event({ to: uid(), time: at(1), item: { key } }));
    await claim(key, { sent });
    await bed.post('gta', event({ op: 'close', time: at(2), item: { key, state: 'cancelled' } }));
    expect((await rows(key)).filter(({ claimed }) => !claimed)).toHaveLength(1);
    expect((await placements(key))['claire.morel']).toMatchObject({ state: 'cancelled' });
    expect(await tombstone(key)).toBeUndefined();
  });

  it('follows the item from one person to another and back to the same card', async () => {
    const key = newKey();
    await bed.post('gta', event({ to: uid(), time: at(1), item: { key, title: 'un' } }));
    await claim(key, { sent: true });
    await bed.post('gta', event({ to: [{ mail: 'paul.vidal@ville-claire.example' }], time: at(2), item: { key, title: 'deux' } }));
    expect(await placements(key)).toMatchObject({
      'claire.morel': { title: 'un', state: 'cancelled', reason: 'réattribué', addressed: false, revision: Date.parse(at(2)) },
      'paul.vidal': { title: 'deux', state: 'todo', addressed: true },
    });
    await bed.post('gta', event({ to: uid(), time: at(3), item: { key, title: 'trois' } }));
    expect(await placements(key)).toMatchObject({
      'claire.morel': { title: 'trois', state: 'todo', addressed: true },
      'paul.vidal': { title: 'deux', state: 'cancelled' },
    });
    expect(await rows(key)).toEqual([{ address: 'desk:ville-claire:claire.morel', claimed: false, sender: 'ecritoire_gta' }]);
  });
});

async function tombstone(key: string): Promise<number | undefined> {
  const row = await bed.store.selectFrom('record.tombstones').select('revision').where('key', 'like', `%:${key}`).executeTakeFirst();
  return row?.revision;
}

describe('a close of an object never seen', () => {
  it('is accepted and leaves a tombstone that outlives the working copy', async () => {
    const key = newKey();
    expect(counts(await bed.post('gta', event({ op: 'close', time: at(5), item: { key } })))).toMatchObject({ accepted: 1 });
    expect(await tombstone(key)).toBe(Date.parse(at(5)));
    await bed.store.deleteFrom('work.items').where('key', 'like', `%:${key}`).execute();
    expect(counts(await bed.post('gta', event({ to: uid(), time: at(4), item: { key } })))).toMatchObject({ ignored: 1 });
    expect(await placements(key)).toEqual({});
    expect(counts(await bed.post('gta', event({ to: uid(), time: at(6), item: { key } })))).toMatchObject({ accepted: 1 });
    expect((await placements(key))['claire.morel']).toMatchObject({ state: 'todo' });
  });
});

describe('the largest batch', () => {
  it('reaches everybody it names, though it is more than one statement can hold', async () => {
    const members = Array.from({ length: 40 }, (_, index) => `large.${String(index)}`);
    for (const member of members) await bed.addMember(member, { groups: ['tous'] });
    const documents = Array.from({ length: 45 }, (_, index) => ({
      name: 'Pièce',
      url: `https://tool.example/${String(index)}/${'x'.repeat(180)}`,
    }));
    const batch = Array.from({ length: 400 }, () => event({ to: [{ group: 'tous' }], item: { key: newKey(), kind: 'grand', documents } }));
    expect(counts(await bed.postBatch('gta', batch))).toEqual({ accepted: 400, duplicates: 0, ignored: 0, waiting: 0 });
    const shown = await bed.store.selectFrom('work.placements').select('agent').where('agent', 'like', 'large.%').execute();
    expect(shown).toHaveLength(400 * members.length);
  });
});

describe('500 parallel posts on a few objects', () => {
  it('lose nothing and end with the newest', async () => {
    const keys = Array.from({ length: 5 }, newKey);
    const posts = Array.from({ length: 500 }, (_, index) => ({
      key: keys[index % 5] ?? '',
      minute: new Date(1_800_000_000_000 + index).toISOString(),
      title: `n° ${String(index)}`,
    }));
    const shuffled = posts.map((post) => ({ post, order: Math.random() })).sort((a, b) => a.order - b.order);
    const answers = await Promise.all(
      shuffled.map(({ post: { key, minute, title } }) =>
        bed.post('gta', event({ to: [{ group: 'direction' }], time: minute, item: { key, title } })),
      ),
    );
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(500);
    expect(answers.reduce((sum, { json }) => sum + Number(json.accepted) + Number(json.ignored), 0)).toBe(500);
    for (const [index, key] of keys.entries()) {
      const shown = await placements(key);
      expect(Object.values(shown).map(({ title }) => title)).toEqual([`n° ${String(495 + index)}`, `n° ${String(495 + index)}`]);
      expect(await rows(key)).toHaveLength(2);
    }
    const { kept } = await bed.store
      .selectFrom('work.deliveries')
      .select(({ fn }) => fn.countAll<number>().as('kept'))
      .where('id', 'like', 'event-%')
      .executeTakeFirstOrThrow();
    expect(kept).toBeGreaterThanOrEqual(500);
  });
});

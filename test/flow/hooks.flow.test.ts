import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { event, HooksBed } from '../support/hooks-bed.ts';

let bed: HooksBed;
beforeAll(async () => {
  bed = await HooksBed.start();
  await bed.addMember('claire.morel', { mail: 'claire.morel@ville-claire.example', uid: 'cmorel', matricule: 'M001', groups: ['direction'] });
  await bed.addMember('paul.vidal', { mail: 'paul.vidal@ville-claire.example', groups: ['direction', 'voirie'] });
  await bed.addMember('bruno.leroy', { organisation: 'rivebelle', mail: 'bruno.leroy@rivebelle.example' });
});
afterAll(() => bed.stop());

describe('a signed event', () => {
  it('is committed with its item, placement, outbox row and delivery id before it is answered 202', async () => {
    const answer = await bed.post('gta', event({ id: 'first', item: { key: 'demande/first' } }));
    expect(answer).toMatchObject({ status: 202, json: { accepted: 1, duplicates: 0, ignored: 0, waiting: 0 } });
    const key = 'gta:gta:demande/first';
    const placement = await bed.store.selectFrom('work.placements').selectAll().where('key', '=', key).executeTakeFirstOrThrow();
    expect(placement).toMatchObject({ agent: 'claire.morel', address: 'desk:ville-claire:claire.morel', connection: 'gta', state: 'todo', addressed: true });
  });
});

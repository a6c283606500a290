import { describe, expect, it } from 'vitest';
import { settingsIn } from '#desk/event.ts';
import { type Mute, muteOf } from '#desk/mute.ts';
import { placement } from '../web/lib/desk/sample.ts';

const mute = (over: Partial<Mute>): Mute => ({ scope: 'tool', value: 'astre', label: 'Tout Astre', ...over });

describe('a mute', () => {
  it('is of exactly one object, dossier, kind of a tool, or tool', () => {
    const item = placement('1', { dossier: 'D1', kind: 'facture' });
    expect(muteOf(item, [mute({})])).toBeDefined();
    expect(muteOf(item, [mute({ value: 'autre' })])).toBeUndefined();
    expect(muteOf(item, [mute({ scope: 'item', value: item.key })])).toBeDefined();
    expect(muteOf(placement('2'), [mute({ scope: 'item', value: item.key })])).toBeUndefined();
    expect(muteOf(item, [mute({ scope: 'dossier', value: 'D1' })])).toBeDefined();
    expect(muteOf(placement('2'), [mute({ scope: 'dossier', value: 'D1' })])).toBeUndefined();
    expect(muteOf(item, [mute({ scope: 'kind', value: 'facture', connection: 'astre' })])).toBeDefined();
    expect(muteOf(item, [mute({ scope: 'kind', value: 'facture', connection: 'autre' })])).toBeUndefined();
  });

  it('never hides what is urgent', () => {
    expect(muteOf(placement('1', { severity: 'urgent' }), [mute({})])).toBeUndefined();
  });

  it('is read tolerantly: what is not understood is as if it were not set', () => {
    expect(settingsIn({ mutes: [mute({})] }).mutes).toEqual([mute({})]);
    expect(settingsIn({ mutes: [{ scope: 'tout' }] }).mutes).toEqual([]);
    expect(settingsIn({ mutes: 'tout' }).mutes).toEqual([]);
    expect(settingsIn({ views: [{ name: '', query: '' }] }).views).toEqual([]);
    expect(settingsIn({ views: [{ name: 'Retards', query: 'echeance=retard', key: '1' }] }).views).toHaveLength(1);
  });
});

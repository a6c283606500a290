import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itemEdit, itemMessage, type MatrixEvent, readEdit, readItem } from '#desk/event.ts';
import { closePlacement, Placement, takeAway } from '#desk/placement.ts';
import { cleanItem, eventOf, placementOf, plainPlacement } from '../arbitrary.ts';

const at = {
  row: '01936f00-0000-7000-8000-000000000001',
  agent: '@claire.morel:desk.localhost',
  tool: 'Congés',
  timeZone: 'Europe/Paris',
  now: Date.parse('2026-11-22T10:00:00Z'),
};
const editAt = { ...at, original: '$original', becameUrgent: false };

describe('the message of an item', () => {
  it('carries the placement, a readable body, the deep link and its outbox row', () => {
    const placement = plainPlacement();
    expect(itemMessage(placement, at)).toEqual({
      type: 'm.room.message',
      content: {
        msgtype: 'm.text',
        body: 'À traiter dans Congés\u00a0: Demande de congé à valider\nDemandé par Paul Vidal · vous êtes valideur · avant vendredi 27 novembre à 17\u00a0h\nhttps://gta.ville-claire.example/demande/318',
        'm.mentions': {},
        external_url: 'https://gta.ville-claire.example/demande/318',
        'fr.ecritoire.item': placement,
        'fr.ecritoire.row': at.row,
      },
    });
  });

  it('asks by m.text and informs by m.notice', () => {
    const typeOf = (changes: Partial<Placement>) => itemMessage(plainPlacement(changes), at).content['msgtype'];
    expect([typeOf({ state: 'todo' }), typeOf({ state: 'doing' }), typeOf({ state: 'waiting' })]).toEqual(['m.text', 'm.text', 'm.text']);
    expect([typeOf({ state: 'done' }), typeOf({ state: 'cancelled' }), typeOf({ severity: 'info' })]).toEqual([
      'm.notice',
      'm.notice',
      'm.notice',
    ]);
  });

  it('mentions the agent only when it is urgent and open', () => {
    const mentions = (changes: Partial<Placement>) => itemMessage(plainPlacement(changes), at).content['m.mentions'];
    expect(mentions({ severity: 'urgent' })).toEqual({ user_ids: [at.agent] });
    expect(mentions({})).toEqual({});
    expect(mentions({ severity: 'urgent', state: 'done' })).toEqual({});
  });

  it('never shows or carries a link that is not http(s)', () => {
    const placement = plainPlacement({
      url: 'javascript:alert(1)',
      actions: [{ id: 'a', label: 'A', risk: 'red', href: 'data:text/html,x' }],
    });
    const text = JSON.stringify(itemMessage(placement, at));
    expect(text).not.toContain('javascript:');
    expect(text).not.toContain('data:text');
  });
});

describe('the edit of an item', () => {
  it('replaces the original, its row outside of the new content', () => {
    const placement = closePlacement(plainPlacement(), { state: 'done', revision: 11 });
    const { content } = itemEdit(placement, editAt);
    expect(content['m.relates_to']).toEqual({ rel_type: 'm.replace', event_id: '$original' });
    expect(content['m.new_content']).toEqual(withoutRow(itemMessage(placement, at).content));
    expect(content['fr.ecritoire.row']).toBe(at.row);
    expect(content['fr.ecritoire.item']).toBeUndefined();
    expect(content['body']).toBe(`* Terminé dans Congés\u00a0: Demande de congé à valider\n${placement.url ?? ''}`);
  });

  it('notifies only when the placement became urgent', () => {
    const urgent = plainPlacement({ severity: 'urgent' });
    expect(itemEdit(urgent, { ...editAt, becameUrgent: true }).content['m.mentions']).toEqual({ user_ids: [at.agent] });
    expect(itemEdit(urgent, editAt).content['m.mentions']).toEqual({});
  });

  it('says « réattribué » of what was taken away', () => {
    const { content } = itemEdit(takeAway(plainPlacement(), { revision: 11 }), editAt);
    expect(content['body']).toMatch(/^\* Retiré dans Congés\u00a0: Demande de congé à valider \(réattribué\)\n/);
  });
});

function withoutRow(content: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(content).filter(([name]) => name !== 'fr.ecritoire.row'));
}

describe('reading an item', () => {
  const written = itemMessage(plainPlacement(), at);
  const edited = plainPlacement({ title: 'Plus récent', revision: 11 });
  const bundle = (edit: Partial<MatrixEvent>) => ({
    ...eventOf(written),
    event_id: '$original',
    unsigned: { 'm.relations': { 'm.replace': { ...eventOf(itemEdit(edited, editAt)), event_id: '$edit', origin_server_ts: 5, ...edit } } },
  });

  it('gives the message, its sender, its time and its row', () => {
    expect(readItem(eventOf(written))).toEqual({
      eventId: '$event',
      sender: '@ecritoire_gta:desk.localhost',
      placement: plainPlacement(),
      at: 1_764_000_000_000,
      row: at.row,
    });
  });

  it('applies a bundled edit of the same sender', () => {
    expect(readItem(bundle({}))).toMatchObject({ eventId: '$original', placement: edited, editedAt: 5 });
  });

  it('leaves a bundled edit that is another sender’s, of another message or of another object', () => {
    const other = itemEdit(plainPlacement({ key: Placement.shape.key.parse('gta:gta:autre') }), editAt);
    for (const forged of [
      { sender: '@claire.morel:desk.localhost' },
      { sender: '@ecritoire_astre:desk.localhost' },
      { content: itemEdit(edited, { ...editAt, original: '$else' }).content },
      { content: other.content },
      { content: {} },
    ])
      expect(readItem(bundle(forged))).toMatchObject({ placement: plainPlacement() });
  });

  it('gives nothing for what is not an item, not whole, redacted, or of a later version', () => {
    const changed = (changes: object) =>
      eventOf({ ...written, content: { ...written.content, 'fr.ecritoire.item': { ...plainPlacement(), ...changes } } });
    for (const event of [
      eventOf({ type: 'm.room.message', content: { body: 'bonjour' } }),
      eventOf({ type: 'm.room.message', content: {} }),
      eventOf({ ...written, type: 'fr.ecritoire.item' }),
      eventOf({ ...written, state_key: '' }),
      eventOf(itemEdit(edited, editAt)),
      changed({ v: 2 }),
      changed({ key: 'astre:gta:1' }),
      changed({ key: 'gta:astre:1' }),
      changed({ revision: 1.5 }),
      changed({ state: 'perdu' }),
      changed({ dueAt: '2026-02-31' }),
    ])
      expect(readItem(event)).toBeUndefined();
  });

  it('leaves out fields it does not know', () => {
    const event = eventOf({ ...written, content: { ...written.content, 'fr.ecritoire.item': { ...plainPlacement(), tomorrow: true } } });
    expect(readItem(event)?.placement).toEqual(plainPlacement());
  });

  it('never throws, whatever the content', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (content, item) => {
        const event = eventOf({
          type: 'm.room.message',
          content: { ...content, 'fr.ecritoire.item': item },
          unsigned: { 'm.relations': item },
        });
        expect(readItem(event)).toBeUndefined();
        expect(readEdit(event)).toBeUndefined();
      }),
    );
  });
});

it('writes one item for two people with the reason of each', () => {
  fc.assert(
    fc.property(placementOf(cleanItem, fc.constant('valideur')), (placement) => {
      const copy = { ...placement, reason: 'en copie' };
      expect(readItem(eventOf(itemMessage(copy, at)))?.placement.reason).toBe('en copie');
    }),
  );
});

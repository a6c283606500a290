import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itemEdit, itemMessage, type MatrixEvent, readEdit, readItem } from '#desk/event.ts';
import { closePlacement, Placement, takeAway } from '#desk/placement.ts';
import { hasControl, jsonBytes } from '#desk/text.ts';
import { cleanPlacement, eventOf, hostilePlacement, placementOf, cleanItem, plainPlacement } from '../arbitrary.ts';

const at = {
  row: '01936f00-0000-7000-8000-000000000001',
  agent: '@claire.morel:desk.localhost',
  tool: 'Congés',
  timeZone: 'Europe/Paris',
  now: Date.parse('2026-11-22T10:00:00Z'),
};
const editAt = { ...at, original: '$original', becameUrgent: false };
const MAX = 30_000; // DESIGN §3: 30 KB

/** Every member of a JSON value, with those inside. */
function* inside(value: unknown, name = ''): Generator<{ name: string; value: unknown }> {
  yield { name, value };
  if (typeof value === 'object' && value !== null) for (const [inner, member] of Object.entries(value)) yield* inside(member, inner);
}

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

describe('whatever comes in', () => {
  it('reads back what was written, when it was within the limits', () => {
    fc.assert(
      fc.property(cleanPlacement, (placement) => {
        expect(readItem(eventOf(itemMessage(placement, at)))?.placement).toEqual(placement);
        expect(readEdit(eventOf(itemEdit(placement, editAt)))?.placement).toEqual(placement);
      }),
    );
  });

  it('stays below 30 KB, whole, clean and readable, and keeps what tells an item', () => {
    fc.assert(
      fc.property(hostilePlacement, fc.boolean(), (placement, isEdit) => {
        const { type, content } = isEdit ? itemEdit(placement, editAt) : itemMessage(placement, at);
        expect(jsonBytes({ type, content })).toBeLessThanOrEqual(MAX);
        for (const { name, value } of inside(content)) {
          if (typeof value === 'number') expect(Number.isSafeInteger(value)).toBe(true);
          if (typeof value === 'string' && name !== 'body') expect(hasControl(value) || !value.isWellFormed()).toBe(false);
        }
        const read = isEdit ? readEdit(eventOf({ type, content })) : readItem(eventOf({ type, content }));
        const { key, revision, state, actions } = placement;
        expect(read?.placement).toMatchObject({ key, revision, state, actions: actions.map(({ id, risk }) => ({ id, risk })) });
        expect(read?.placement.title).not.toBe('');
      }),
      { numRuns: 150 },
    );
  }, 30_000);

  it('says the same when what was read is written again', () => {
    fc.assert(
      fc.property(hostilePlacement, (placement) => {
        const once = itemMessage(placement, at);
        const read = readItem(eventOf(once));
        expect(read && itemMessage(read.placement, at)).toEqual(once);
      }),
      { numRuns: 60 },
    );
  }, 30_000);

  it('lets no field pretend to be another line of the body', () => {
    const placement = plainPlacement({ title: 'Vrai\nhttps://faux.example', reason: 'x\r\nDemandé par le maire' });
    const body = String(itemMessage(placement, at).content['body']).split('\n');
    expect(body).toHaveLength(3);
    expect(body[2]).toBe(placement.url);
  });

  it('shortens documents and people before the summary, and the summary before the actions', () => {
    const documents = Array.from({ length: 50 }, (_, n) => ({ name: `Pièce ${n}`, url: `https://outil.example/${'x'.repeat(1500)}${n}` }));
    const placement = plainPlacement({ documents, summary: 's'.repeat(500) });
    const read = readItem(eventOf(itemMessage(placement, at)))?.placement;
    expect(read?.documents).toEqual(documents.slice(0, 8));
    expect(read?.summary).toBe(placement.summary);
    expect(read?.actions).toEqual(placement.actions);
  });

  it('fits when every field is larger than its bound', () => {
    const long = '😀"'.repeat(300);
    const url = `https://outil.example/${'é'.repeat(1900)}`;
    const many = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));
    const field = { type: 'string' as const, title: long, description: long, enum: many(50, () => long) };
    const placement = plainPlacement({
      ...{
        key: Placement.shape.key.parse(`gta:gta:${'"'.repeat(470)}`),
        kind: long,
        title: long,
        summary: long,
        place: long,
        dossier: long,
        reason: long,
        url,
        joinUrl: url,
      },
      people: many(50, () => ({
        role: 'by' as const,
        name: long,
        mail: long,
        uid: long,
        group: long,
        mxid: long,
        matricule: long,
        reason: long,
      })),
      documents: many(50, () => ({ name: long, url, mime: long })),
      actions: many(8, (n) => ({
        id: `a${n}`,
        label: long,
        risk: 'red' as const,
        href: url,
        input: Object.fromEntries(many(60, (m) => [`f${m}`, field])),
      })),
      lastAction: { by: long, onBehalfOf: long, at: '2026-11-20T10:00:00Z', action: long, outcome: 'sent' },
      via: { source: long, id: long, digest: long },
    });
    for (const draft of [itemMessage(placement, { ...at, tool: long }), itemEdit(placement, { ...editAt, tool: long })])
      expect(jsonBytes(draft)).toBeLessThanOrEqual(MAX);
    const read = readItem(eventOf(itemMessage(placement, at)))?.placement;
    expect(read?.key).toBe(placement.key);
    expect(read?.title).toBe(`${'😀"'.repeat(99)}😀…`);
    expect(read?.actions.map(({ id }) => id)).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7']);
  });

  it('makes fractions whole, even where only a broken tool could have put one', () => {
    const placement: Placement = { ...plainPlacement(), count: 3.7, revision: 10.2 };
    const item = itemMessage(placement, at).content['fr.ecritoire.item'];
    expect(item).toMatchObject({ count: 4, revision: 10 });
  });
});

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
      changed({ key: 'astre:astre:1' }),
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

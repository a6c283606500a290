import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itemEdit, itemMessage, readEdit, readItem } from '#desk/event.ts';
import { Placement } from '#desk/placement.ts';
import { hasControl, jsonBytes } from '#desk/text.ts';
import { cleanPlacement, eventOf, hostilePlacement, plainPlacement } from '../arbitrary.ts';

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
      key: Placement.shape.key.parse(`gta:gta:${'"'.repeat(470)}`),
      kind: long,
      title: long,
      summary: long,
      place: long,
      dossier: long,
      reason: long,
      url,
      joinUrl: url,
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
      lastAction: { by: long, byName: long, onBehalfOf: long, at: '2026-11-20T10:00:00Z', action: long, outcome: 'sent' },
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

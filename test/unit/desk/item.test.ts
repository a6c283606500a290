import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Day, Due, Instant, Item, ItemKey, itemKey, Revision, Slug, splitKey } from '#desk/item.ts';
import { due } from './arbitrary.ts';

const least = { key: 'gta:gta:1', revision: 1, title: 'Titre', updatedAt: '2026-11-20T09:14:03Z' };

describe('an item', () => {
  it('has its defaults', () => {
    expect(Item.parse(least)).toEqual({ ...least, kind: 'autre', severity: 'normal', state: 'todo', people: [], actions: [] });
  });

  it('refuses what Matrix could not hold or the desk could not order', () => {
    for (const wrong of [
      { revision: 1.5 },
      { revision: -1 },
      { revision: 2 ** 53 },
      { count: 0.1 },
      { key: 'gta:1' },
      { severity: 'grave' },
    ])
      expect(Item.safeParse({ ...least, ...wrong }).success).toBe(false);
    expect(Revision.safeParse(Number.MAX_SAFE_INTEGER).success).toBe(true);
  });
});

describe('a key', () => {
  it('splits at its first two colons, whatever the tool’s own id holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), (externalId) => {
        expect(splitKey(itemKey('gta', 'conges-2', externalId))).toEqual({ bot: 'gta', connection: 'conges-2', externalId });
      }),
    );
  });

  it('has no empty part and an end', () => {
    for (const key of ['gta:gta:', ':gta:1', 'gta::1', 'GTA:gta:1', `gta:gta:${'x'.repeat(500)}`])
      expect(ItemKey.safeParse(key).success).toBe(false);
  });
});

it('knows slugs', () => {
  for (const slug of ['gta', 's2low', 'rivebelle-gta']) expect(Slug.safeParse(slug).success).toBe(true);
  for (const slug of ['', '2low', 'a_b', 'a:b', 'É', '-a', 'a'.repeat(41)]) expect(Slug.safeParse(slug).success).toBe(false);
});

describe('times', () => {
  it('are instants with an offset, or days, of the calendar', () => {
    for (const text of ['2026-11-27T17:00:00+01:00', '2026-11-27T17:00:00.123456Z', '2016-12-31T23:59:60Z', '2028-02-29T00:00:00Z'])
      expect(Instant.safeParse(text).success).toBe(true);
    for (const text of [
      '2026-11-27T17:00:00',
      '2026-11-27t17:00:00z',
      '2026-11-27 17:00:00Z',
      '2026-02-29T00:00:00Z',
      '2026-11-27',
      'hier',
      '',
    ])
      expect(Instant.safeParse(text).success).toBe(false);
    for (const text of ['2026-11-27', '2028-02-29', '0000-01-01', '9999-12-31']) expect(Day.safeParse(text).success).toBe(true);
    for (const text of ['2026-02-29', '2026-13-01', '2026-00-10', '2026-1-1', '27/11/2026'])
      expect(Day.safeParse(text).success).toBe(false);
  });

  it('are judged without throwing, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(Due.safeParse(text).success).toBe(false);
      }),
    );
    fc.assert(
      fc.property(due, (text) => {
        expect(Due.safeParse(text).success).toBe(true);
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Data, dataSchema } from '../../../../appservice/desk/delivery/schema.ts';

/** The served schema read back by a validator, as a vendor would use it. */
const served = z.fromJSONSchema(dataSchema);

const ITEM = { key: 'k', title: 'Titre' };
const TO = [{ uid: 'cmorel' }];

describe('the served schema of data', () => {
  it.each([
    { op: 'upsert', to: TO, item: ITEM },
    { op: 'upsert', to: TO, item: { ...ITEM, colour: 'red', people: [{ role: 'by', shoe: 43 }] }, more: { a: 1 } },
    {
      op: 'upsert',
      to: [{ uid: 'cmorel', mail: null, reason: null }],
      item: { ...ITEM, summary: null, dueAt: null, actions: null, count: null },
    },
    { op: 'upsert', to: TO, item: { ...ITEM, dueAt: '2026-11-27', count: 3, documents: [{ name: 'a', url: 'https://tool.example/' }] } },
    { op: 'close', to: 'not read', item: { key: 'k' } },
  ])('accepts what the door accepts: %j', (data) => {
    expect(Data.safeParse(data).success).toBe(true);
    expect(served.safeParse(data).error?.issues).toBeUndefined();
  });

  it.each([
    { op: 'upsert', item: ITEM },
    { op: 'upsert', to: [], item: ITEM },
    { op: 'upsert', to: TO, item: { key: 'k' } },
    { op: 'upsert', to: TO },
    { op: 'close', item: {} },
    { op: 'delete', item: ITEM },
    { op: 'upsert', to: TO, item: { ...ITEM, severity: 'high' } },
    { op: 'upsert', to: TO, item: { ...ITEM, dueAt: '2026-11-27T17:00:00' } },
    { op: 'upsert', to: TO, item: { ...ITEM, key: 'x'.repeat(201) } },
    { op: 'upsert', to: TO, item: { ...ITEM, actions: [{ id: 'a', label: 'A', risk: 'green', input: { motif: { type: 'object' } } }] } },
    {
      op: 'upsert',
      to: TO,
      item: { ...ITEM, actions: [{ id: 'a', label: 'A', risk: 'green', input: { motif: { type: 'string', $ref: '#' } } }] },
    },
  ])('refuses what the door refuses: %j', (data) => {
    expect(Data.safeParse(data).success).toBe(false);
    expect(served.safeParse(data).success).toBe(false);
  });

  it('leaves no object closed to fields of tomorrow', () => {
    expect(JSON.stringify(dataSchema)).not.toContain('"additionalProperties":false');
  });
});

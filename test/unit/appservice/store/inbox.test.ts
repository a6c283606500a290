import fc from 'fast-check';
import { expect, test } from 'vitest';
import { storable } from '../../../../appservice/store/inbox.ts';

test('whatever JSON an event holds becomes something PostgreSQL keeps: no zero character, no half surrogate', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const text = JSON.stringify(storable(value));
      expect(text).not.toContain('\\u0000');
      expect(text).not.toMatch(/\\ud[89a-f]/);
    }),
  );
});

test('what PostgreSQL keeps anyway stays as it is', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (value) => {
      expect(storable(value)).toEqual(value);
    }),
  );
});

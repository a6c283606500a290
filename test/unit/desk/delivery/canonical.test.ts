/** Canonical JSON, compared with the library that the RFC's author names. */
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../../appservice/desk/delivery/canonical.ts';

describe('canonical JSON', () => {
  it('is what the library writes, whatever the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(value)).toBe(canonicalize(value));
      }),
    );
  });

  it('orders names by UTF-16 units, numbers among them as text, and leaves undefined members out', () => {
    expect(canonicalJson({ '10': 1, '9': 2, é: 3, z: 4, '\u{1f600}': 5, '\ufb33': 6, gone: undefined })).toBe(
      '{"10":1,"9":2,"z":4,"é":3,"\u{1f600}":5,"\ufb33":6}',
    );
  });

  it('does not take one list of names for another', () => {
    for (const members of [{ 'a\nb': 1, c: 2 }, { a: 1, 'b\nc': 2 }, { a: 1, b: 2, c: 3 }, { 'c\na': 1, b: 2 }, {}, { '': 1 }, {}]) {
      expect(canonicalJson(members)).toBe(canonicalize(members));
      expect(canonicalJson(members)).toBe(canonicalize(members));
    }
  });

  it('is written for what is nested deeper than the stack', () => {
    const depth = 200_000;
    const deep: unknown = JSON.parse('['.repeat(depth) + ']'.repeat(depth));
    expect(canonicalJson(deep)).toHaveLength(2 * depth);
  });
});

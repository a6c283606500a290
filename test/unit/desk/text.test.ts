import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanProse, cleanText, countPoints, hasControl, jsonBytes, shorten } from '#desk/text.ts';
import { anyText } from './arbitrary.ts';

describe('prose', () => {
  it('turns tabs and line ends into one space', () => {
    expect(cleanText('un\tdeux\r\ntrois\n\nquatre\u2028cinq')).toBe('un deux trois quatre cinq');
  });

  it('loses other controls, bidirectional characters and the space at its ends', () => {
    expect(cleanText(' \u0000a\u001bb\u007fc\u009fd\u202ee\u2066f\u200fg\u061ch ')).toBe('abcdefgh');
  });

  it('keeps markup, accents, quotes and emoji as the text they are', () => {
    expect(cleanText('<b>« Été »</b> &amp; 👩‍👧')).toBe('<b>« Été »</b> &amp; 👩‍👧');
  });

  it('is shortened with « … » counted in code points', () => {
    expect(shorten('abcdef', 6)).toBe('abcdef');
    expect(shorten('abcdefg', 6)).toBe('abcde…');
    expect(shorten('😀'.repeat(200), 200)).toBe('😀'.repeat(200));
    expect(shorten('😀'.repeat(201), 200)).toBe(`${'😀'.repeat(199)}…`);
    expect(cleanProse(`\n${'é'.repeat(201)}`, 200)).toBe(`${'é'.repeat(199)}…`);
  });

  it('is always clean, well-formed, short enough, and stays the same when cleaned again', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 300 }), (text, max) => {
        const clean = cleanProse(text, max);
        expect(hasControl(clean)).toBe(false);
        expect(clean.isWellFormed()).toBe(true);
        expect(countPoints(clean)).toBeLessThanOrEqual(max);
        expect(cleanProse(clean, max)).toBe(clean);
      }),
    );
  });
});

it('sees control and bidirectional characters in identifiers', () => {
  for (const text of ['a\u0000', 'a\tb', 'a\nb', '\u007f', '\u0085', '\u200e', '\u202a', '\u2069', '\u061c'])
    expect(hasControl(text)).toBe(true);
  for (const text of ['', 'demande/318', 'é:«»', '😀', '\u200d', '\u00a0']) expect(hasControl(text)).toBe(false);
});

it('counts bytes as they are sent', () => {
  expect(jsonBytes({ a: 'é😀"' })).toBe(Buffer.byteLength('{"a":"é😀\\""}'));
});

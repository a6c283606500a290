import { describe, expect, it } from 'vitest';
import { partsOf, safeLink } from '../../../../../web/src/lib/ui/link.ts';

describe('links of tools', () => {
  it('are followed only when they are web addresses', () => {
    expect(safeLink('https://astre.ville-claire.example/f')?.host).toBe('astre.ville-claire.example');
    expect(safeLink('http://localhost:8080/f')?.host).toBe('localhost:8080');
    for (const url of [
      'javascript:alert(1)',
      'JaVaScRiPt:alert(1)',
      'data:text/html,x',
      'file:///etc/passwd',
      'vbscript:x',
      '//x',
      '',
      'https://',
      undefined,
    ])
      expect(safeLink(url)).toBeUndefined();
  });

  it('are not followed with a user name, which can disguise the host', () => {
    expect(safeLink('https://ville-claire.example@evil.example/')).toBeUndefined();
  });

  it('stand in a text without the sentence’s own signs, and leave the rest as text', () => {
    expect(partsOf('Voir https://a.example/x, puis <b>https://b.example</b>.').map((part) => [part.text, part.link?.href])).toEqual([
      ['Voir ', undefined],
      ['https://a.example/x', 'https://a.example/x'],
      [', puis <b>', undefined],
      ['https://b.example', 'https://b.example/'],
      ['</b>.', undefined],
    ]);
  });
});

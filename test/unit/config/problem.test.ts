import { describe, expect, it } from 'vitest';
import { sayPath } from '#config/problem.ts';
import { typeset } from '#config/typeset.ts';

describe('how a problem is said', () => {
  it('writes the path of a key as an operator would', () => {
    expect(sayPath(['connections', 0, 'secrets', 1])).toBe('connections[0].secrets[1]');
    expect(sayPath([])).toBe('racine');
  });

  it('sets the spaces that do not break, and leaves addresses and keys alone', () => {
    expect(typeset('vouliez-vous dire « id » ?')).toBe('vouliez-vous dire «\u00a0id\u00a0»\u202f?');
    expect(typeset('attendu : une adresse http:// ; rien')).toBe('attendu\u00a0: une adresse http://\u202f; rien');
    expect(typeset('env: NOM, https://a.example/?b=c')).toBe('env: NOM, https://a.example/?b=c');
  });
});

import { describe, expect, it } from 'vitest';
import type { Call } from '../../../../../web/src/lib/matrix/homeserver.ts';
import { searchMessages } from '../../../../../web/src/lib/matrix/search.ts';

/** What the homeserver is asked for these words; undefined when it is not asked. */
async function askedFor(words: string): Promise<unknown> {
  let asked: unknown;
  const call: Call = (_method, _path, { body } = {}) => {
    asked = (body as { search_categories: { room_events: { search_term: string } } }).search_categories.room_events.search_term;
    return Promise.resolve({ search_categories: { room_events: { results: [], highlights: [] } } });
  };
  expect(await searchMessages(call, words)).toEqual({ messages: [], words: [], next: undefined });
  return asked;
}

describe('words that are looked for in rooms', () => {
  it('are each looked for as they are: none is an operator of the homeserver’s search', async () => {
    expect(await askedFor('Congés or permission')).toBe('"Congés" "or" "permission"');
    expect(await askedFor('NOT')).toBe('"NOT"');
    expect(await askedFor('-budget sous-préfecture (2027)')).toBe('"budget" "sous-préfecture" "2027"');
  });

  it('stay together when she put them in quotation marks', async () => {
    expect(await askedFor('"mot de passe" oublié')).toBe('"mot de passe" "oublié"');
    expect(await askedFor('"mot de')).toBe('"mot" "de"');
  });

  it('are not asked for when there is nothing in them to be found: it fails at some signs', async () => {
    for (const signs of ['-', '<->', '"""', '« »', '*', '…', '  ', '😀']) expect(await askedFor(signs)).toBeUndefined();
  });
});

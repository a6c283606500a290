import { describe, expect, it } from 'vitest';
import { firstFree, localpartOfName } from '../../../../appservice/directory/localpart.ts';

describe('the localpart of a new person', () => {
  it.each([
    ['Claire Morel', 'claire.morel'],
    ['Inès Faure', 'ines.faure'],
    ['Jean-Éric de La Tour', 'jean-eric.de-la-tour'],
    ['Zoë L’Œillet', 'zoe.loeillet'],
    ['  Anne   Lefèvre ', 'anne.lefevre'],
  ])('of %s is %s', (name, localpart) => {
    expect(localpartOfName({ name })).toBe(localpart);
  });

  it('takes given and family name where the identity tells them apart', () => {
    expect(localpartOfName({ name: 'Anne Marie Le Goff', given: 'Anne Marie', family: 'Le Goff' })).toBe('anne-marie.le-goff');
  });

  it.each(['admin', 'Ecritoire_desk', '王', '', '_', '123'])('is never a reserved or a bot’s name, whatever the name is: %j', (name) => {
    expect(localpartOfName({ name })).toMatch(/^agent\.[a-z0-9-]+$/);
  });

  it('holds only what Matrix allows and ends within its length', () => {
    expect(localpartOfName({ name: `${'é'.repeat(200)} ${'ß'.repeat(200)}` })).toMatch(/^[a-z0-9.-]{1,81}$/);
  });

  it('is numbered when somebody has it', () => {
    expect(firstFree('claire.morel', new Set(['claire.morel', 'claire.morel2', 'claire.morel-dupont']))).toBe('claire.morel3');
    expect(firstFree('claire.morel', new Set(['claire.morel-dupont']))).toBe('claire.morel');
  });
});

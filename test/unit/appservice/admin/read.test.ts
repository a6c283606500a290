import { describe, expect, it, test } from 'vitest';
import { COMMANDS } from '../../../../appservice/admin/commands.ts';
import { helpOf, helpOfAll } from '../../../../appservice/admin/help.ts';
import { fold, type Reading, readCommand } from '../../../../appservice/admin/read.ts';

const BOT = '@ecritoire_desk:desk.localhost';
const read = (text: string): Reading | undefined => readCommand(text, { commands: COMMANDS, names: [BOT, '@ecritoire_desk', 'écritoire'] });

/** `name verb target/page/about` of what was read, or how it was not. */
function say(text: string): string | undefined {
  const reading = read(text);
  if (reading?.kind !== 'call') return reading === undefined ? undefined : `${reading.kind} ${reading.near ?? '-'}`;
  const { verb, page, target, about } = reading.call;
  return [reading.command.name, verb, target ?? about ?? (page === 1 ? '' : page)].filter((word) => word !== '').join(' ');
}

describe('a command', () => {
  test.each([
    ['état', 'état'],
    ['etat', 'état'],
    ['ÉTAT', 'état'],
    ['  État !  ', 'état'],
    ['!état', 'état'],
    ['! etat', 'état'],
    ['e\u0301tat', 'état'],
    ['« état »', 'état'],
    ['statut', 'état'],
    [`${BOT}: état`, 'état'],
    ['@ecritoire_desk état', 'état'],
    ['Écritoire, état', 'état'],
    ['état @ecritoire_desk', 'état'],
    ['> <@marc:x> rejets\n> lister\n\nétat', 'état'],
    ['rejets', 'rejets lister'],
    ['Rejets Lister', 'rejets lister'],
    ['rejets lister 2', 'rejets lister 2'],
    ['rejets 2', 'rejets lister 2'],
    ['rejets lister page 2', 'rejets lister 2'],
    ['rejets montrer 12', 'rejets montrer 12'],
    ['rejets montrer n° 12', 'rejets montrer 12'],
    ['rejets montrer nº12', 'rejets montrer 12'],
    ['rejets montrer #12', 'rejets montrer 12'],
    ['rejets rejouer “tout”.', 'rejets rejouer all'],
    ['rejets rejouer ‘3’', 'rejets rejouer 3'],
    ['REJETÉS REJOUER TOUT', 'rejets rejouer all'],
    ['morts rejouer 4', 'morts rejouer 4'],
    ['aide', 'aide'],
    ['aide rejets', 'aide rejets'],
    ['config check', 'config check'],
  ])('%j is %s', (text, said) => expect(say(text)).toBe(said));
});

describe('what is not understood', () => {
  test.each([
    ['rejet lstier', 'usage lister'],
    ['rejets montrer', 'usage -'],
    ['rejets montrer tout', 'usage -'],
    ['rejets rejouer', 'usage -'],
    ['rejets rejouer 0', 'usage -'],
    ['rejets rejouer -1', 'usage -'],
    ['rejets rejouer 1 2', 'usage -'],
    ['rejts', 'unknown rejets'],
    ['Mort', 'morts lister'],
    ['atente lister', 'unknown attente'],
    ['ai de', 'unknown aide'],
    ['!xyzzy', 'unknown -'],
    ['xyzzyxyzzy', 'unknown -'],
    [`${BOT} tu es là, dis-moi ?`, 'unknown -'],
    ['!', 'unknown -'],
  ])('%j is answered: %s', (text, said) => expect(say(text)).toBe(said));

  test.each([
    'bonjour à tous',
    'état des lieux de la salle demain ?',
    'Je regarde les rejets',
    'aide moi à ranger la salle '.repeat(20),
    '',
  ])('talk is left alone: %j', (text) => expect(say(text)).toBeUndefined());

  it('is never taken for the bot’s name when it only begins alike', () => {
    expect(say('écritoirex état')).toBeUndefined();
  });
});

describe('the declarations', () => {
  it('have names and aliases that are told apart', () => {
    const names = COMMANDS.flatMap(({ name, aliases = [] }) => [name, ...aliases].map(fold));
    expect(new Set(names).size).toBe(names.length);
  });

  it('make the help', () => {
    expect(helpOfAll(COMMANDS)).toContain('rejets – les dépôts signés mais inutilisables, gardés de côté (lister, montrer, rejouer)');
    const rejets = COMMANDS.find(({ name }) => name === 'rejets');
    expect(rejets && helpOf(rejets)).toContain('rejets rejouer <n | tout> – repasse le dépôt par la porte, après une correction');
  });

  it.each(COMMANDS.map((command) => [command.name, command] as const))('each is found by its name: %s', (name, command) => {
    expect(read(name)).toMatchObject({ kind: 'call', command });
  });
});

/** The commands there are, from their declarations; or one with its forms. */
import { ANSWERS, COMMANDS, FORMS } from '#desk/words/commands.ts';
import type { RoomCommand } from '../command.ts';
import { helpOf, helpOfAll } from '../help.ts';
import { readCommand } from '../read.ts';

export const aide: RoomCommand = {
  name: 'aide',
  aliases: ['help'],
  says: COMMANDS.aide,
  role: 'admin',
  forms: [{ verb: '', takes: 'command', says: FORMS.aide }],
  run: ({ about }, { commands }) => {
    const mine = commands.filter(({ role }) => role === 'admin');
    if (about === undefined) return Promise.resolve({ result: 'done', text: helpOfAll(mine).join('\n') });
    const reading = readCommand(about, { commands: mine, isAddressed: true });
    return Promise.resolve(
      reading === undefined || reading.kind === 'unknown'
        ? { result: 'nothing', text: ANSWERS.unknown(reading?.near) }
        : { result: 'done', text: helpOf(reading.command).join('\n') },
    );
  },
};

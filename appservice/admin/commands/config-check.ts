/** The configuration is read before any command runs, and refused with everything that is wrong: here it was in order. */
import { COMMANDS, CONFIG } from '#desk/words/commands.ts';
import type { OperatorCommand } from '../command.ts';

export const configCheck: OperatorCommand = {
  name: 'config check',
  says: COMMANDS['config check'],
  role: 'operator',
  run: ({ config, say }) => {
    const { file, organisations, connections, people } = config;
    say(CONFIG.inOrder({ file, organisations: organisations.length, connections: connections.length, people: people.length }));
    return Promise.resolve();
  },
};

/** Reading the configuration refuses it with everything that is wrong at once; this says that nothing is. */
import { COMMANDS, CONFIG } from '#desk/words/commands.ts';
import type { OperatorCommand } from '../command.ts';

export const configCheck: OperatorCommand = {
  name: 'config check',
  says: COMMANDS['config check'],
  role: 'operator',
  run: async ({ readConfig, say }) => {
    const { file, organisations, connections, people } = await readConfig();
    say(CONFIG.inOrder({ file, organisations: organisations.length, connections: connections.length, people: people.length }));
  },
};

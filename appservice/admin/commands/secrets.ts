/** Makes what a site can invent by itself; never writes over anything, and never says a value. */
import { COMMANDS, SECRETS } from '#desk/words/commands.ts';
import type { OperatorCommand } from '../command.ts';

export const secrets: OperatorCommand = {
  name: 'secrets',
  says: COMMANDS.secrets,
  role: 'operator',
  run: async ({ say, makeSecrets }) => {
    const made = await makeSecrets();
    say([SECRETS.made(made.length), ...made.map((file) => `  ${file}`), SECRETS.others].join('\n'));
  },
};

import { COMMANDS } from '#desk/words/commands.ts';
import type { OperatorCommand } from '../command.ts';

export const registration: OperatorCommand = {
  name: 'registration',
  says: COMMANDS.registration,
  role: 'operator',
  run: async ({ readConfig, print, registration: make }) => print(make(await readConfig())),
};

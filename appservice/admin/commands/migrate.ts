import { COMMANDS, MIGRATED } from '#desk/words/commands.ts';
import type { OperatorCommand } from '../command.ts';

export const migrate: OperatorCommand = {
  name: 'migrate',
  says: COMMANDS.migrate,
  role: 'operator',
  run: async ({ readConfig, say, migrate: bring }) => {
    await bring(await readConfig());
    say(MIGRATED);
  },
};

import { DeskError } from '#desk/errors.ts';
import { COMMANDS, HOMESERVER } from '#desk/words/commands.ts';
import type { OperatorCommand } from '../command.ts';

export const homeserver: OperatorCommand = {
  name: 'homeserver',
  says: COMMANDS.homeserver,
  role: 'operator',
  options: [
    { name: 'registration', takes: 'CHEMIN', says: HOMESERVER.registration },
    { name: 'check', says: HOMESERVER.check },
  ],
  run: async ({ readConfig, options, say, print, homeserverPart, checkHomeserver }) => {
    if (options['check'] === true) {
      const config = await readConfig();
      const problems = await checkHomeserver(config);
      if (problems.length > 0) throw new DeskError('config', problems.join('\n'));
      say(HOMESERVER.inOrder(config.homeserver.url));
      return;
    }
    const { registration } = options;
    if (typeof registration !== 'string') throw new DeskError('invalid', HOMESERVER.missing);
    await print(homeserverPart(await readConfig(), registration));
  },
};

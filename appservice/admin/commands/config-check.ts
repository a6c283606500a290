/** Reading the configuration refuses it with everything that is wrong at once; then the mail server is tried, if there is one. */
import { DeskError } from '#desk/errors.ts';
import { COMMANDS, CONFIG } from '#desk/words/commands.ts';
import { MAIL_SERVER } from '#desk/words/mail.ts';
import type { OperatorCommand } from '../command.ts';

export const configCheck: OperatorCommand = {
  name: 'config check',
  says: COMMANDS['config check'],
  role: 'operator',
  run: async ({ readConfig, checkMail, say }) => {
    const { file, organisations, connections, people, mail } = await readConfig();
    const problem = mail && (await checkMail(mail));
    if (problem !== undefined) throw new DeskError('config', `${file}\n  ${problem}`);
    if (mail !== undefined) say(MAIL_SERVER.inOrder(mail));
    say(CONFIG.inOrder({ file, organisations: organisations.length, connections: connections.length, people: people.length }));
  },
};

/** Reading the configuration refuses it with everything that is wrong at once; then its pictures are looked for and the mail server is tried. */
import { DeskError } from '#desk/errors.ts';
import { COMMANDS, CONFIG } from '#desk/words/commands.ts';
import { MAIL_SERVER } from '#desk/words/mail.ts';
import type { OperatorCommand } from '../command.ts';

export const configCheck: OperatorCommand = {
  name: 'config check',
  says: COMMANDS['config check'],
  role: 'operator',
  run: async ({ readConfig, checkPictures, checkMail, say }) => {
    const config = await readConfig();
    const { file, organisations, connections, people, mail } = config;
    const problems = await checkPictures(config);
    const problem = mail && (await checkMail(mail));
    if (problem !== undefined) problems.push(problem);
    if (problems.length > 0) throw new DeskError('config', [file, ...problems].join('\n  '));
    if (mail !== undefined) say(MAIL_SERVER.inOrder(mail));
    say(CONFIG.inOrder({ file, organisations: organisations.length, connections: connections.length, people: people.length }));
  },
};

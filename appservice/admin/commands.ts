/** Every command there is, in the order of help. A new one is a file in `commands/` and a line here. */
import type { Command } from './command.ts';
import { aide } from './commands/aide.ts';
import { attente } from './commands/attente.ts';
import { backup } from './commands/backup.ts';
import { configCheck } from './commands/config-check.ts';
import { essayer } from './commands/essayer.ts';
import { etat } from './commands/etat.ts';
import { homeserver } from './commands/homeserver.ts';
import { migrate } from './commands/migrate.ts';
import { morts } from './commands/morts.ts';
import { rebuild } from './commands/rebuild.ts';
import { registration } from './commands/registration.ts';
import { rejets } from './commands/rejets.ts';
import { resceller } from './commands/resceller.ts';
import { restore } from './commands/restore.ts';
import { secrets } from './commands/secrets.ts';

export const COMMANDS: readonly Command[] = [
  ...[etat, rejets, attente, morts, aide],
  ...[secrets, configCheck, essayer, registration, homeserver, migrate, rebuild, backup, restore, resceller],
];

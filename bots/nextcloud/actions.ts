/** What may be done about a notification. What it offers itself is done as it says; deleting what is gone is well done too. */
import type { Action } from '../bot.ts';
import { deleteNotification, follow } from './client.ts';
import type { Account, Config } from './config.ts';

export const actions: Record<string, Action<Config, Account>> = {
  accepter: { label: 'Accepter', risk: 'green', run: (here, { key }) => follow(here, key, 'accepter') },
  refuser: { label: 'Refuser', risk: 'amber', run: (here, { key }) => follow(here, key, 'refuser') },
  'marquer-lu': { label: 'Marquer comme lu', risk: 'green', repeatable: true, run: (here, { key }) => deleteNotification(here, key) },
  ouvrir: { label: 'Ouvrir', risk: 'red' },
};

import type { Manifest } from '../bot.ts';

const KINDS = { partage: 'Partage', mention: 'Mention', document: 'Document', conversation: 'Conversation', reunion: 'Réunion' };
const MORE = { securite: 'Sécurité du compte', tache: 'Tâche', rappel: 'Rappel', annonce: 'Annonce', notification: 'Notification' };
const DONE = { check: 'done', golden: 'done', 'fails-closed': 'done', 'safe-actions': 'done', diagnostics: 'done', docs: 'done' } as const;

export const manifest: Manifest = {
  id: 'nextcloud',
  label: 'Nextcloud',
  category: 'documents',
  icon: 'cloud',
  docs: 'https://github.com/nextcloud/notifications/blob/master/docs/ocs-endpoint-v2.md',
  transport: 'both',
  kinds: Object.entries({ ...KINDS, ...MORE }).map(([id, label]) => ({ id, label, ...(id === 'securite' && { personal: true }) })),
  owner: 'Écritoire',
  grades: {
    ...DONE,
    reauth: 'done',
    'live-tested': { todo: 'essai sur un serveur Nextcloud' },
    push: 'done',
    translated: 'done',
  },
};

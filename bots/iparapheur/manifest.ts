import type { Manifest } from '../bot.ts';

const KINDS = { visa: 'Visa', signature: 'Signature', cachet: 'Cachet', dossier: 'Dossier' };
const DONE = { check: 'done', golden: 'done', 'fails-closed': 'done', 'safe-actions': 'done', reauth: 'done' } as const;

export const manifest: Manifest = {
  id: 'iparapheur',
  label: 'i-Parapheur',
  category: 'parapheur',
  icon: 'signature',
  docs: 'https://github.com/libriciel/iparapheur-v5-api-php',
  transport: 'poll',
  kinds: Object.entries(KINDS).map(([id, label]) => ({ id, label })),
  owner: 'Écritoire',
  grades: {
    ...DONE,
    diagnostics: 'done',
    push: { exempt: 'l’outil n’a pas de notification documentée' },
    docs: 'done',
    'live-tested': { todo: 'essai sur un i-Parapheur réel' },
    translated: 'done',
  },
};

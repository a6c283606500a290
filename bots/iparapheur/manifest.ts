import type { Manifest } from '../bot.ts';

export const manifest: Manifest = {
  id: 'iparapheur',
  label: 'i-Parapheur',
  category: 'parapheur',
  icon: 'signature',
  docs: 'https://github.com/libriciel/iparapheur-v5-api-php',
  transport: 'poll',
  kinds: [
    { id: 'visa', label: 'Visa' },
    { id: 'signature', label: 'Signature' },
    { id: 'cachet', label: 'Cachet' },
    { id: 'dossier', label: 'Dossier' },
  ],
  owner: 'Écritoire',
  grades: {
    check: 'done',
    golden: 'done',
    'fails-closed': 'done',
    'safe-actions': 'done',
    reauth: 'done',
    push: { exempt: 'l’outil n’a pas de notification documentée' },
    diagnostics: 'done',
    docs: { todo: 'notes d’installation, avec l’échange de jetons de Keycloak' },
    'live-tested': { todo: 'essai sur un i-Parapheur réel' },
    translated: 'done',
  },
};

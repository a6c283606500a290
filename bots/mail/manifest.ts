import type { Manifest } from '../bot.ts';

export const KINDS = ['mail', 'demande', 'absence', 'marche', 'dossier', 'facture'] as const;

export const manifest: Manifest = {
  id: 'mail',
  label: 'Boîte de dépôt (mail)',
  category: 'messagerie',
  icon: 'mail',
  docs: 'https://www.rfc-editor.org/rfc/rfc9051',
  transport: 'poll',
  kinds: [
    { id: 'mail', label: 'Message' },
    { id: 'demande', label: 'Demande' },
    { id: 'absence', label: 'Demande d’absence', neutral: 'Une demande d’absence attend votre décision' },
    { id: 'marche', label: 'Marché public' },
    { id: 'dossier', label: 'Dossier' },
    { id: 'facture', label: 'Facture' },
  ],
  owner: 'Écritoire',
  every: 60,
  grades: {
    check: 'done',
    golden: 'done',
    'fails-closed': 'done',
    'safe-actions': { exempt: 'un mail reçu ne se modifie pas' },
    reauth: 'done',
    push: 'done',
    diagnostics: 'done',
    docs: 'done',
    'live-tested': { todo: 'des mails réels d’une plateforme de marchés' },
    translated: 'done',
  },
};

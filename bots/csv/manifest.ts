import type { Manifest } from '../bot.ts';

export const KINDS = ['ligne', 'demande', 'absence', 'document-rh', 'marche', 'facture'] as const;

export const manifest: Manifest = {
  id: 'csv',
  label: 'Dépôt de fichiers (CSV)',
  category: 'autre',
  icon: 'file-spreadsheet',
  docs: 'https://www.rfc-editor.org/rfc/rfc4180',
  transport: 'poll',
  kinds: [
    { id: 'ligne', label: 'Ligne' },
    { id: 'demande', label: 'Demande' },
    { id: 'absence', label: 'Demande d’absence', neutral: 'Une demande d’absence attend votre décision' },
    { id: 'document-rh', label: 'Document RH', neutral: 'Un document RH vous attend', personal: true },
    { id: 'marche', label: 'Marché public' },
    { id: 'facture', label: 'Facture' },
  ],
  owner: 'Écritoire',
  every: 30,
  grades: {
    check: 'done',
    golden: 'done',
    'fails-closed': 'done',
    'safe-actions': { exempt: 'un fichier déposé ne se modifie pas' },
    reauth: 'done',
    push: 'done',
    diagnostics: 'done',
    docs: 'done',
    'live-tested': { todo: 'un vrai dépôt de GTA et un de finances' },
    translated: 'done',
  },
};

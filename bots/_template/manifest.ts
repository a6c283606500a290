import type { Manifest } from '../bot.ts';

export const manifest: Manifest = {
  id: 'template',
  label: 'Modèle',
  category: 'autre',
  icon: 'inbox',
  docs: 'https://tool.example/docs/api',
  transport: 'both',
  kinds: [{ id: 'demande', label: 'Demande' }],
  owner: 'Écritoire',
  every: 60,
  grades: {
    check: 'done',
    golden: 'done',
    'fails-closed': 'done',
    'safe-actions': 'done',
    reauth: 'done',
    push: 'done',
    diagnostics: 'done',
    docs: { todo: 'notes sur l’outil réel' },
    'live-tested': { todo: 'essai sur un outil réel' },
    translated: 'done',
  },
};

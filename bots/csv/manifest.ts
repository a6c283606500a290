import type { Manifest } from '../bot.ts';
import { MANIFEST_KINDS } from '../rows.ts';

export const manifest: Manifest = {
  id: 'csv',
  label: 'Dépôt de fichiers (CSV)',
  category: 'autre',
  icon: 'file-spreadsheet',
  docs: 'https://www.rfc-editor.org/rfc/rfc4180',
  transport: 'poll',
  kinds: MANIFEST_KINDS,
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

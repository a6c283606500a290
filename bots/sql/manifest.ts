import type { Manifest } from '../bot.ts';
import { MANIFEST_KINDS } from '../rows.ts';

export const manifest: Manifest = {
  id: 'sql',
  label: 'Vue d’une base (PostgreSQL, MariaDB)',
  category: 'autre',
  icon: 'database',
  docs: 'https://www.postgresql.org/docs/current/sql-createview.html',
  transport: 'poll',
  kinds: MANIFEST_KINDS,
  owner: 'Écritoire',
  every: 60,
  grades: {
    check: 'done',
    golden: 'done',
    'fails-closed': 'done',
    'safe-actions': { exempt: 'une vue est seulement lue' },
    reauth: 'done',
    push: { exempt: 'une base ne prévient pas : elle est relue' },
    diagnostics: 'done',
    docs: 'done',
    'live-tested': {
      todo: 'PostgreSQL et MariaDB : les vrais serveurs, mais pas la base d’une vraie GTA ; Oracle et SQL Server ne sont pas lus',
    },
    translated: 'done',
  },
};

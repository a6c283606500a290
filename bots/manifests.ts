/** Généré par npm run generate, à partir des manifestes de bots/ : ne pas modifier. */
import type { Manifest } from './bot.ts';

export const MANIFESTS: readonly Manifest[] = [
  {
    id: 'ics',
    label: 'Agenda (ICS)',
    category: 'agenda',
    icon: 'calendar-days',
    docs: 'https://www.rfc-editor.org/rfc/rfc5545',
    transport: 'poll',
    kinds: [
      { id: 'rendez-vous', label: 'Rendez-vous' },
      { id: 'tache', label: 'Tâche' },
    ],
    owner: 'Écritoire',
    every: 300,
    grades: {
      check: 'done',
      golden: 'done',
      'fails-closed': 'done',
      'safe-actions': { exempt: 'un flux publié ne se modifie pas' },
      reauth: 'done',
      push: { exempt: 'le format n’en a pas' },
      diagnostics: 'done',
      docs: 'done',
      'live-tested': { todo: 'un flux de Zimbra et un de Nextcloud' },
      translated: 'done',
    },
  },
];

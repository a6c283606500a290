/** The tools of the trial that bots read: each the twin of its bot's folder, at an address that the trial chose. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** What the settings of a connection are made of: where its twin listens, where it drops files, where its secret is. */
type Place = { url: string; folder: string; secret: { file: string }; /** Where the town's own pages are. */ pages: string };

export type TwinTool = {
  id: string;
  bot: string;
  organisation: string;
  label: string;
  mark: string;
  /** Seconds between two sweeps, shorter than usual: the day is speeded up. */
  every: number;
  settings: (place: Place) => Record<string, unknown>;
};

/** A ready-made declaration of a bot's folder, as a site copies it. */
function declared(file: string): Record<string, unknown> {
  const text = readFileSync(new URL(`../../../bots/${file}`, import.meta.url), 'utf8');
  return (parse(text) as { settings: Record<string, unknown> }).settings;
}

const GTA = declared('csv/examples/gta.yaml');
const PLACE = declared('mail/examples/place.yaml');
const BOX = 'depot@ville-claire.example';

export const TWINS: readonly TwinTool[] = [
  of('parapheur', { bot: 'iparapheur', label: 'i-Parapheur', mark: 'iP', settings: ({ url }) => ({ baseUrl: url }) }),
  of('nuage', { bot: 'nextcloud', label: 'Nuage', mark: 'Nu', settings: ({ url }) => ({ baseUrl: url }) }),
  of('agenda', {
    bot: 'ics',
    label: 'Agenda',
    mark: 'Ag',
    settings: ({ url, secret }) => ({ baseUrl: url, path: '/instances.ics', to: { group: 'direction' }, user: 'flux', password: secret }),
  }),
  of('marches', {
    bot: 'mail',
    label: 'Marchés',
    mark: 'Ma',
    every: 30,
    settings: ({ url, secret }) => ({
      ...PLACE,
      server: url.replace('http:', 'imap:'),
      user: BOX,
      password: secret,
    }),
  }),
  of('commandes', {
    bot: 'sql',
    label: 'Commandes',
    mark: 'Bc',
    settings: ({ url, pages, secret }) => ({
      server: `${url.replace('http:', 'postgresql:')}/finances`,
      user: 'ecritoire_lecture',
      password: secret,
      tls: false,
      view: 'ecritoire.commandes_a_valider',
      whole: true,
      kind: 'demande',
      columns: {
        id: 'numero',
        title: '{objet}',
        agent: { mail: 'valideur_mail' },
        due: 'echeance',
        revision: 'modifie_le',
        link: `${pages}/commandes/{numero}`,
      },
    }),
  }),
  of('rivebelle-parapheur', {
    bot: 'iparapheur',
    label: 'i-Parapheur',
    mark: 'iP',
    organisation: 'rivebelle',
    settings: ({ url }) => ({ baseUrl: url }),
  }),
  of('rivebelle-gta', {
    bot: 'csv',
    label: 'Congés',
    mark: 'Co',
    organisation: 'rivebelle',
    every: 30,
    settings: ({ folder, pages }) => ({
      ...GTA,
      folder,
      files: 'demandes*.csv',
      columns: { ...(GTA['columns'] as object), link: `${pages}/rivebelle-gta/demandes/{N° demande}` },
    }),
  }),
];

/** The town's mail server among them: it takes what the desk sends, and nobody else ever gets it. */
export const POST = 'courrier';

type Traits = Omit<TwinTool, 'id' | 'organisation' | 'every'> & Partial<Pick<TwinTool, 'organisation' | 'every'>>;

function of(id: string, { organisation = 'ville-claire', every = 10, ...rest }: Traits): TwinTool {
  return { id, organisation, every, ...rest };
}

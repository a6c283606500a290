/** What happens in two small towns: the objects of their tools, as a list. Titles and deadlines are those of a working week. */
import { daysToFriday, type When } from './calendar.ts';
import { type Random, pick } from './random.ts';

/** An object of a tool, before it has a history. */
export type Scene = {
  /** The connection's id. */
  tool: string;
  /** The external id, unique in its tool for the day. */
  key: string;
  kind: string;
  title: string;
  summary?: string;
  severity?: 'info' | 'normal' | 'urgent';
  due?: When;
  /** Logins with the reason why each. */
  to: readonly (readonly [login: string, reason: string])[];
  by?: string;
  count?: number;
  meeting?: { from: string; minutes: number; place: string };
  dossier?: string;
  documents?: readonly string[];
  /** The verb of the deep link. */
  verb?: string;
};

/** The morning: 6 to 14 items for each person, some late, some for today, this week, later, and without a date. */
export function morning(now: number): Scene[] {
  const friday = daysToFriday(now);
  return [...claire(friday), ...shared(friday), ...others(friday), ...rivebelle(friday)];
}

function claire(friday: number): Scene[] {
  return [
    {
      tool: 'parapheur',
      key: 'dossier/2026-88',
      kind: 'visa',
      title: 'Délibération 2026-88 : convention de voirie',
      summary: 'Pour visa avant inscription au conseil.',
      due: { days: -1, at: '17:00' },
      to: [['claire.morel', 'valideuse']],
      by: 'Paul Vidal',
      dossier: 'Délibération 2026-88',
      documents: ['Projet de délibération.pdf', 'Convention annexe.docx'],
      verb: 'Viser',
    },
    {
      tool: 'actes',
      key: 'acte/2026-411',
      kind: 'acte',
      title: 'Budget supplémentaire 2026 : accusé de réception attendu',
      summary: 'Transmis à la préfecture ; l’accusé de réception n’est pas revenu.',
      due: { days: -2 },
      to: [['claire.morel', 'vous suivez cet acte']],
      by: 'Marc Roche',
      verb: 'Ouvrir',
    },
    {
      tool: 'messagerie',
      key: 'rdv/codir',
      kind: 'invitation',
      title: 'CODIR, salle du conseil et visio',
      due: { days: 0, at: '14:00' },
      meeting: { from: '14:00', minutes: 90, place: 'Salle du conseil' },
      to: [
        ['claire.morel', 'invitée'],
        ['marc.roche', 'invité'],
        ['paul.vidal', 'invité'],
      ],
      by: 'Direction générale',
      verb: 'Répondre',
    },
    {
      tool: 'gta',
      key: 'demande/318',
      kind: 'absence',
      title: 'Congé de Nadia Benali, du 7 au 11 décembre',
      due: { days: 0, at: '18:00' },
      to: [['claire.morel', 'suppléante de Marc Roche']],
      by: 'Nadia Benali',
      verb: 'Valider',
    },
    {
      tool: 'parapheur',
      key: 'dossier/2026-91',
      kind: 'signature',
      title: 'Arrêté de circulation, rue des Tanneurs',
      due: { days: 0 },
      to: [['claire.morel', 'signataire par délégation']],
      by: 'Paul Vidal',
      verb: 'Signer',
    },
    {
      tool: 'astre',
      key: 'facture/2026-3318',
      kind: 'facture',
      title: 'Facture 2026-3318 à rattacher',
      summary: 'Travaux Durand, 12 480 €.',
      due: { days: friday },
      to: [
        ['claire.morel', 'en copie'],
        ['marc.roche', 'gestionnaire du service'],
      ],
      by: 'Travaux Durand',
      verb: 'Rattacher',
    },
    {
      tool: 'parapheur',
      key: 'dossier/2026-94',
      kind: 'visa',
      title: 'Marché restauration scolaire, lot 2 : rapport d’analyse',
      due: { days: friday, at: '12:00' },
      to: [
        ['claire.morel', 'valideuse'],
        ['marc.roche', 'en copie'],
      ],
      by: 'Marchés publics',
      documents: ['Rapport d’analyse.pdf'],
      verb: 'Viser',
    },
    {
      tool: 'gta',
      key: 'demande/322',
      kind: 'absence',
      title: 'Télétravail de Paul Vidal, le jeudi',
      due: { days: friday },
      to: [['claire.morel', 'responsable directe']],
      by: 'Paul Vidal',
      verb: 'Valider',
    },
    {
      tool: 'actes',
      key: 'acte/2026-415',
      kind: 'acte',
      title: 'Tarifs municipaux 2027 : à transmettre au contrôle de légalité',
      due: { days: 9 },
      to: [
        ['claire.morel', 'rédactrice'],
        ['marc.roche', 'en copie'],
      ],
      verb: 'Ouvrir',
    },
    {
      tool: 'messagerie',
      key: 'boite/claire.morel',
      kind: 'messages',
      title: 'Messages non lus',
      severity: 'info',
      count: 7,
      to: [['claire.morel', 'votre boîte']],
      verb: 'Lire',
    },
    {
      tool: 'parapheur',
      key: 'dossier/2026-97',
      kind: 'lecture',
      title: 'Compte rendu du comité social territorial',
      severity: 'info',
      to: [['claire.morel', 'pour information']],
      by: 'Ressources humaines',
      verb: 'Lire',
    },
  ];
}

function shared(friday: number): Scene[] {
  return [
    {
      tool: 'astre',
      key: 'engagement/2026-702',
      kind: 'engagement',
      title: 'Engagement à valider : sel de déneigement',
      summary: '4 200 €, budget voirie.',
      due: { days: 0, at: '16:00' },
      to: [
        ['paul.vidal', 'ordonnateur délégué'],
        ['marc.roche', 'contrôle'],
      ],
      verb: 'Valider',
    },
    {
      tool: 'parapheur',
      key: 'dossier/2026-90',
      kind: 'signature',
      title: 'Bon de commande : signalisation verticale',
      due: { days: -1 },
      to: [['paul.vidal', 'signataire']],
      by: 'Service achats',
      verb: 'Signer',
    },
    {
      tool: 'gta',
      key: 'demande/320',
      kind: 'absence',
      title: 'Congé de Karim Haddad, du 14 au 18 décembre',
      due: { days: friday },
      to: [['paul.vidal', 'responsable direct']],
      by: 'Karim Haddad',
      verb: 'Valider',
    },
    {
      tool: 'gta',
      key: 'astreinte/49',
      kind: 'astreinte',
      title: 'Planning d’astreinte hivernale, semaine 49',
      due: { days: 5 },
      to: [
        ['paul.vidal', 'responsable'],
        ['claire.morel', 'en copie'],
      ],
      verb: 'Compléter',
    },
    {
      tool: 'messagerie',
      key: 'rdv/chantier',
      kind: 'invitation',
      title: 'Réunion de chantier, place du Marché',
      due: { days: 1, at: '09:00' },
      meeting: { from: '09:00', minutes: 60, place: 'Place du Marché' },
      to: [
        ['paul.vidal', 'invité'],
        ['nadia.benali', 'invitée'],
      ],
      by: 'Maîtrise d’œuvre',
      verb: 'Répondre',
    },
    {
      tool: 'messagerie',
      key: 'boite/paul.vidal',
      kind: 'messages',
      title: 'Messages non lus',
      severity: 'info',
      count: 12,
      to: [['paul.vidal', 'votre boîte']],
      verb: 'Lire',
    },
    {
      tool: 'astre',
      key: 'facture/2026-3290',
      kind: 'facture',
      title: 'Facture 2026-3290 : délai de paiement dépassé',
      severity: 'urgent',
      summary: 'Enrobés du Centre, 38 700 €, 31 jours.',
      due: { days: -3 },
      to: [['marc.roche', 'comptable assignataire']],
      verb: 'Mandater',
    },
  ];
}

function others(friday: number): Scene[] {
  return [
    {
      tool: 'astre',
      key: 'regie/piscine',
      kind: 'regie',
      title: 'Régie de la piscine : arrêté mensuel à vérifier',
      due: { days: friday },
      to: [['marc.roche', 'ordonnateur']],
      verb: 'Vérifier',
    },
    {
      tool: 'parapheur',
      key: 'bordereau/2026-512',
      kind: 'signature',
      title: 'Bordereau de mandats 2026-512',
      due: { days: 0, at: '17:00' },
      to: [['marc.roche', 'signataire']],
      verb: 'Signer',
    },
    {
      tool: 'actes',
      key: 'acte/2026-418',
      kind: 'acte',
      title: 'Décision modificative n° 3 : retour de la préfecture',
      to: [
        ['marc.roche', 'vous suivez cet acte'],
        ['nadia.benali', 'juriste'],
      ],
      verb: 'Lire',
    },
    {
      tool: 'gta',
      key: 'demande/325',
      kind: 'absence',
      title: 'Votre congé de fin d’année : à confirmer',
      due: { days: 12 },
      to: [['marc.roche', 'demandeur']],
      verb: 'Confirmer',
    },
    {
      tool: 'messagerie',
      key: 'boite/marc.roche',
      kind: 'messages',
      title: 'Messages non lus',
      severity: 'info',
      count: 3,
      to: [['marc.roche', 'votre boîte']],
      verb: 'Lire',
    },
    {
      tool: 'parapheur',
      key: 'dossier/2026-95',
      kind: 'visa',
      title: 'Mémoire en défense, contentieux Lavoir',
      due: { days: -1, at: '12:00' },
      to: [['nadia.benali', 'rédactrice']],
      by: 'Cabinet Orme',
      documents: ['Mémoire.docx', 'Bordereau de pièces.pdf'],
      verb: 'Relire',
    },
    {
      tool: 'parapheur',
      key: 'dossier/2026-96',
      kind: 'visa',
      title: 'Bail du local associatif, quartier Nord',
      due: { days: 0 },
      to: [['nadia.benali', 'visa juridique']],
      by: 'Vie associative',
      verb: 'Viser',
    },
    {
      tool: 'actes',
      key: 'acte/2026-420',
      kind: 'acte',
      title: 'Règlement intérieur du conseil : projet',
      due: { days: 15 },
      to: [
        ['nadia.benali', 'rédactrice'],
        ['claire.morel', 'relectrice'],
      ],
      verb: 'Ouvrir',
    },
    {
      tool: 'gta',
      key: 'demande/326',
      kind: 'absence',
      title: 'Votre congé du 7 au 11 décembre attend une validation',
      severity: 'info',
      to: [['nadia.benali', 'demandeuse']],
      verb: 'Suivre',
    },
  ];
}

function rivebelle(friday: number): Scene[] {
  return [
    {
      tool: 'rivebelle-idelibre',
      key: 'seance/2026-12-04',
      kind: 'convocation',
      title: 'Convocation : conseil municipal du 4 décembre',
      summary: 'Réponse attendue, 14 documents.',
      due: { days: friday },
      to: [
        ['ines.faure', 'élue'],
        ['bruno.leroy', 'secrétaire de séance'],
      ],
      documents: ['Ordre du jour.pdf', 'Note de synthèse.pdf'],
      verb: 'Répondre',
    },
    {
      tool: 'rivebelle-idelibre',
      key: 'seance/urbanisme',
      kind: 'convocation',
      title: 'Commission urbanisme : ordre du jour complété',
      due: { days: 0, at: '18:30' },
      to: [
        ['ines.faure', 'présidente'],
        ['nadia.benali', 'juriste'],
      ],
      verb: 'Ouvrir',
    },
    {
      tool: 'rivebelle-idelibre',
      key: 'projet/plu-7',
      kind: 'lecture',
      title: 'Projet de délibération : modification n° 7 du PLU',
      due: { days: -1 },
      to: [
        ['ines.faure', 'rapporteuse'],
        ['bruno.leroy', 'relecteur'],
      ],
      documents: ['Projet PLU.pdf'],
      verb: 'Lire',
    },
    {
      tool: 'rivebelle-idelibre',
      key: 'pouvoir/12-04',
      kind: 'pouvoir',
      title: 'Pouvoir de M. Lebrun pour le 4 décembre',
      due: { days: friday },
      to: [['ines.faure', 'mandataire']],
      verb: 'Accepter',
    },
    {
      tool: 'rivebelle-idelibre',
      key: 'annotation/88',
      kind: 'annotation',
      title: 'Une annotation partagée sur la note de synthèse',
      severity: 'info',
      to: [
        ['ines.faure', 'destinataire'],
        ['bruno.leroy', 'destinataire'],
      ],
      verb: 'Lire',
    },
    {
      tool: 'rivebelle-idelibre',
      key: 'proces-verbal/11-06',
      kind: 'lecture',
      title: 'Procès-verbal du 6 novembre : à approuver',
      due: { days: 10 },
      to: [
        ['ines.faure', 'élue'],
        ['bruno.leroy', 'rédacteur'],
      ],
      verb: 'Relire',
    },
    {
      tool: 'rivebelle-gta',
      key: 'demande/41',
      kind: 'absence',
      title: 'Congé d’Émilie Renard, le 30 novembre',
      due: { days: 0, at: '17:00' },
      to: [['bruno.leroy', 'responsable direct']],
      by: 'Émilie Renard',
      verb: 'Valider',
    },
    {
      tool: 'rivebelle-gta',
      key: 'demande/42',
      kind: 'absence',
      title: 'Heures supplémentaires d’octobre à valider',
      due: { days: -2 },
      to: [['bruno.leroy', 'responsable direct']],
      verb: 'Valider',
    },
    {
      tool: 'rivebelle-gta',
      key: 'entretien/2026',
      kind: 'entretien',
      title: 'Entretiens professionnels : quatre à planifier',
      due: { days: 20 },
      to: [['bruno.leroy', 'évaluateur']],
      verb: 'Planifier',
    },
    {
      tool: 'rivebelle-gta',
      key: 'demande/44',
      kind: 'absence',
      title: 'Mission à Rivebelle, les mardis de décembre',
      due: { days: 3 },
      to: [['nadia.benali', 'agente mutualisée']],
      verb: 'Confirmer',
    },
  ];
}

const STREETS = ['rue des Tanneurs', 'place du Marché', 'avenue de la Gare', 'quai des Mariniers', 'chemin du Moulin', 'rue Jean-Macé'];
const NAMES = ['de Karim Haddad', 'de Sophie Marchal', 'de Luc Perrin', 'd’Awa Diallo', 'd’Émilie Renard', 'de Hugo Sanchez'];
const SUPPLIERS = ['Travaux Durand', 'Enrobés du Centre', 'Papeterie Vallée', 'Éclairage Loire', 'Maison Bertin'];

type Maker = (number: number, random: Random) => Omit<Scene, 'key'>;

/** What comes in during the day; `number` makes keys and references. */
const ARRIVALS: readonly Maker[] = [
  (number, random) => ({
    tool: 'parapheur',
    kind: 'visa',
    title: `Arrêté de stationnement, ${pick(STREETS, random)}`,
    due: { days: 1 },
    to: [['claire.morel', 'valideuse']],
    by: 'Paul Vidal',
    documents: [`Arrêté ${number}.pdf`],
    verb: 'Viser',
  }),
  (_number, random) => ({
    tool: 'gta',
    kind: 'absence',
    title: `Congé ${pick(NAMES, random)}`,
    due: { days: 3 },
    to: [['paul.vidal', 'responsable direct']],
    verb: 'Valider',
  }),
  (number, random) => ({
    tool: 'astre',
    kind: 'facture',
    title: `Facture 2026-${3400 + number} à rattacher`,
    summary: `${pick(SUPPLIERS, random)}, ${120 + Math.floor(random() * 9000)} €.`,
    due: { days: 4 },
    to: [['marc.roche', 'gestionnaire du service']],
    verb: 'Rattacher',
  }),
  (_number, random) => ({
    tool: 'messagerie',
    kind: 'invitation',
    title: `Point d’étape, ${pick(STREETS, random)}`,
    due: { days: 2, at: '10:30' },
    meeting: { from: '10:30', minutes: 45, place: 'Visio' },
    to: [
      ['claire.morel', 'invitée'],
      ['paul.vidal', 'invité'],
    ],
    verb: 'Répondre',
  }),
  (number) => ({
    tool: 'actes',
    kind: 'acte',
    title: `Acte 2026-${430 + number} : accusé de réception reçu`,
    severity: 'info',
    to: [['claire.morel', 'vous suivez cet acte']],
    verb: 'Lire',
  }),
  (number, random) => ({
    tool: 'parapheur',
    kind: 'visa',
    title: `Convention n° ${200 + number} avec ${pick(SUPPLIERS, random)}`,
    due: { days: 2 },
    to: [
      ['nadia.benali', 'visa juridique'],
      ['claire.morel', 'en copie'],
    ],
    verb: 'Viser',
  }),
  (number) => ({
    tool: 'rivebelle-idelibre',
    kind: 'lecture',
    title: `Pièce ajoutée à la séance : annexe ${number}`,
    due: { days: 5 },
    to: [['ines.faure', 'élue']],
    documents: [`Annexe ${number}.pdf`],
    verb: 'Lire',
  }),
  (_number, random) => ({
    tool: 'rivebelle-gta',
    kind: 'absence',
    title: `Congé ${pick(NAMES, random)}`,
    due: { days: 4 },
    to: [['bruno.leroy', 'responsable direct']],
    verb: 'Valider',
  }),
];

export function arrival(number: number, random: Random): Scene {
  return { key: `jour/${number}`, ...pick(ARRIVALS, random)(number, random) };
}

/** Now and then something cannot wait. */
export function emergency(number: number, random: Random): Scene {
  return {
    tool: 'parapheur',
    key: `urgence/${number}`,
    kind: 'signature',
    title: `Arrêté de péril imminent, ${pick(STREETS, random)}`,
    summary: 'Signature demandée avant l’intervention des pompiers.',
    severity: 'urgent',
    due: { days: 0, at: '19:00' },
    to: [['claire.morel', 'signataire par délégation']],
    by: 'Paul Vidal',
    verb: 'Signer',
  };
}

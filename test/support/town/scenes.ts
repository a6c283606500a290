/** What happens in two small towns: the morning, and what comes in during the day. */
import { daysToFriday } from './calendar.ts';
import { type Random, pick } from './random.ts';
import { rivebelle } from './rivebelle.ts';
import type { Scene } from './scene.ts';
import { villeClaire } from './ville-claire.ts';

/** The morning: 6 to 14 items for each person, some late, some for today, this week, later, and without a date. */
export function morning(now: number): Scene[] {
  const friday = daysToFriday(now);
  return [...villeClaire(friday), ...rivebelle(friday)];
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

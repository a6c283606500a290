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

const FILES = ['Plan de charge 2027.xlsx', 'Compte rendu du comité de pilotage.docx', 'Photos du chantier', 'Note aux services.docx'];

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
    tool: 'commandes',
    kind: 'demande',
    title: `Bon de commande : ${pick(SUPPLIERS, random)}, ${200 + Math.floor(random() * 4000)} €`,
    due: { days: 2 },
    to: [[pick(['paul.vidal', 'marc.roche'], random), 'valideur']],
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
    tool: 'nuage',
    kind: 'partage',
    title: pick(FILES, random),
    to: [[pick(['claire.morel', 'paul.vidal', 'marc.roche', 'nadia.benali'], random), 'destinataire']],
    by: pick(['Léa Fontaine', 'Service urbanisme', 'Direction des affaires culturelles'], random),
  }),
  (number, random) => ({
    tool: 'agenda',
    kind: 'rendez-vous',
    title: `Point ${number}, ${pick(STREETS, random)}`,
    due: { days: 1, at: '11:00' },
    meeting: { from: '11:00', minutes: 30, place: 'Bureau du directeur général' },
    to: [
      ['claire.morel', 'direction'],
      ['marc.roche', 'direction'],
    ],
  }),
  (number, random) => ({
    tool: 'rivebelle-parapheur',
    kind: 'visa',
    title: `Bon de commande n° ${500 + number}, ${pick(SUPPLIERS, random)}`,
    due: { days: 2 },
    to: [['bruno.leroy', 'valideur']],
    by: 'Service achats',
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
    tool: 'messagerie',
    key: `urgence/${number}`,
    kind: 'message',
    title: `Péril imminent, ${pick(STREETS, random)}`,
    summary: 'L’arrêté est attendu avant l’intervention des pompiers.',
    severity: 'urgent',
    due: { days: 0, at: '19:00' },
    to: [['claire.morel', 'astreinte de direction']],
    by: 'Paul Vidal',
    verb: 'Lire',
  };
}

/** What `npm run desk -- essayer` prints: the cards that a connection would make, what it refuses and why. */
import { writeDue, writeInstant } from '../due.ts';
import type { ErrorCode } from '../errors.ts';
import type { Item } from '../item.ts';
import { count, list, NBSP, quote } from './typography.ts';

type At = { timeZone: string; now: number };
type Card = { number: number; item: Item; to: readonly { address: string; reason?: string }[]; lostLink: string | undefined };

export const ATTEMPT = {
  usage: `Indiquez la connexion${NBSP}: npm run desk -- essayer <connexion>.`,
  file: 'un fichier à lire à la place de l’outil (un dépôt, un agenda, ou ce que l’outil répond, en JSON)',
  agent: 'la personne dont le compte est employé, pour un robot qui a un compte par personne',
  all: 'toutes les cartes et tous les refus, non les vingt premiers',
  none: (ids: readonly string[]): string =>
    ids.length === 0
      ? 'Aucune connexion n’a de robot qui lise son outil.'
      : `Pas de telle connexion ici. Celles qui s’essaient${NBSP}: ${list(ids, 30)}.`,
  unreadable: (file: string): string => `Le fichier ${quote(file)} ne peut pas être lu.`,
  whose: `Ce robot a un compte par personne${NBSP}: indiquez --agent ADRESSE.`,
  unknown: (agent: string): string => `${quote(agent)} n’est pas connu dans l’organisation de cette connexion.`,
  head: ({ label, connection, bot, now, timeZone }: { label: string; connection: string; bot: string } & At): string =>
    `${quote(label)} (${connection}, robot ${bot}), essai ${writeInstant(now, { now, timeZone })}${NBSP}: rien n’est écrit ni envoyé.`,
  cards: (number: number): string => (number === 0 ? 'Aucune carte.' : `${count(number, 'carte')}${NBSP}:`),
  more: (number: number): string => `… et ${count(number, 'autre')} (--tout les montre)`,
  card: ({ number, item, to, lostLink }: Card, { timeZone, now }: At): string[] => {
    const due = item.dueAt === undefined ? 'sans échéance' : `échéance ${writeDue(item.dueAt, { timeZone, now })}`;
    const people = to.map(({ address, reason }) => (reason === undefined ? address : `${address} (${reason})`));
    const actions = item.actions.map(({ label, risk }) => `${label} (${RISKS[risk]})`);
    return [
      `${number}. ${item.title}`,
      `   pour ${list(people, 10)}`,
      `   ${due}`,
      ...(item.summary === undefined ? [] : [`   ${item.summary}`]),
      ...(item.url === undefined ? [] : [`   lien ${item.url}`]),
      ...(lostLink === undefined ? [] : [`   lien laissé de côté, son hôte n’est pas dans «${NBSP}hosts${NBSP}»${NBSP}: ${lostLink}`]),
      ...(actions.length === 0 ? [] : [`   actions${NBSP}: ${list(actions, 8)}`]),
    ];
  },
  over: (ids: readonly string[]): string => `Terminé dans l’outil${NBSP}: ${list(ids, 20)}.`,
  refused: (number: number): string => (number === 0 ? 'Aucun refus.' : `${count(number, 'refus', 'refus')}${NBSP}:`),
  refusal: (reason: string, pointer: string): string => `– ${pointer === '' ? '' : `${pointer} `}${reason}`,
  complete: 'La lecture est entière\u00a0: ce qui est sur les bureaux et n’y est plus serait clos.',
  partial: 'La lecture n’est pas une liste entière\u00a0: rien ne serait clos.',
  fault: (code: ErrorCode, detail: string): string => `La connexion ne va pas${NBSP}: ${FAULTS[code]} (${detail}).`,
} as const;

const RISKS = { green: 'faite aussitôt', amber: 'à confirmer', red: 'dans l’outil' } as const;

const FAULTS: Readonly<Record<ErrorCode, string>> = {
  auth: 'l’outil refuse les identifiants',
  denied: 'l’outil refuse l’accès à ce compte',
  not_found: 'l’outil ne connaît pas cette adresse',
  conflict: 'l’outil a répondu que l’objet avait changé',
  invalid: 'ce qui a été lu n’est pas utilisable',
  rate_limited: 'l’outil demande d’attendre',
  unavailable: 'l’outil ne répond pas, ou pas en entier',
  config: 'la configuration est à revoir',
  bug: 'le robot a un défaut',
};

/** The catalogue of an agent's own addresses in « Mes outils »; fetched with its page. */
import type { AskedCode, MailFault, OwnMails } from '#desk/own-mail.ts';
import { ago, hour } from './times.ts';

type At = { now: number; zone: string };

const quoted = (text: string): string => `«\u00a0${text}\u00a0»`;
const list = (texts: readonly string[]): string => new Intl.ListFormat('fr', { type: 'conjunction' }).format(texts);
const tries = (left: number): string => (left === 1 ? 'un seul essai' : `${String(left)}\u00a0essais`);

function standing({ known, proven }: OwnMails): string {
  const directory = known.length === 0 ? 'L’annuaire ne vous connaît pas d’adresse' : `L’annuaire vous connaît à l’adresse ${list(known)}`;
  return proven.length === 0
    ? `${directory}, et aucune autre n’est reliée. Ce qui est adressé à une autre adresse n’arrive pas ici.`
    : `${directory}.`;
}

function asked({ mail, until, state, left }: AskedCode, { now, zone }: At): string {
  if (state === 'spent') return `Le code envoyé à ${mail} a été essayé trop de fois\u00a0: demandez-en un autre.`;
  if (state === 'expired' || until <= now) return `Le code envoyé à ${mail} n’est plus valable\u00a0: demandez-en un autre.`;
  return `Un code a été envoyé à ${mail}. Tapez-le ici avant ${hour(until, zone)}\u202f; il reste ${tries(left)}.`;
}

const FAULTS: Readonly<Record<MailFault, (left: number) => string>> = {
  signed_out: () => 'Votre session est terminée\u00a0: connectez-vous de nouveau. Rien n’a été changé.',
  unknown: () => 'Il n’y a rien à ajouter ou à retirer ici. Rien n’a été changé.',
  mail: () => 'Ce n’est pas une adresse de messagerie entière\u00a0: par exemple prenom.nom@exemple.fr.',
  known: () => 'Cette adresse est déjà la vôtre\u00a0: il n’y a rien à faire.',
  full: () => 'Vous avez déjà dix adresses\u00a0: retirez-en une d’abord.',
  too_many: () => 'Trop de codes ont été demandés. Attendez une heure avant de recommencer.',
  refused: () => 'Le serveur de messagerie refuse d’écrire à cette adresse. Vérifiez-la.',
  down: () => 'Aucun message ne peut partir pour l’instant. Réessayez dans quelques minutes.',
  slow: () => 'Le serveur de messagerie tarde à répondre. Si un code vous parvient, tapez-le ici.',
  broken: () => 'L’envoi de messages est mal réglé. Rien n’a été changé\u202f; prévenez votre administrateur.',
  digits: () => 'Un code a huit chiffres\u00a0: recopiez-le du message.',
  wrong: (left) => `Ce n’est pas ce code. Il vous reste ${tries(left)}.`,
  spent: () => 'Ce code a été essayé trop de fois\u00a0: demandez-en un autre.',
  expired: () => 'Ce code n’est plus valable\u00a0: demandez-en un autre.',
  taken: () => 'Dans l’annuaire, cette adresse est celle d’une autre personne\u00a0: elle reste la sienne.',
  unavailable: () => 'Le bureau ne répond pas pour l’instant. Rien n’a été changé.',
};

export const mails = {
  title: 'Vos adresses de messagerie',
  standing,
  asked,
  fault: (fault: MailFault, left = 0): string => FAULTS[fault](left),
  since: (provenAt: number, { now, zone }: At): string => `reliée ${ago(provenAt, now, zone)}`,
  overruled: 'l’annuaire l’a donnée depuis à une autre personne\u00a0: rien n’en arrive plus ici',
  add: 'Ajouter une adresse',
  address: 'Adresse de messagerie',
  addMore: 'Un code y sera envoyé, pour prouver qu’elle est à vous.',
  send: 'Envoyer un code',
  sending: 'Envoi…',
  sent: (mail: string): string => `Un code a été envoyé à ${mail}.`,
  code: 'Code reçu',
  check: 'Valider',
  another: 'Demander un autre code',
  stop: 'Abandonner',
  stopped: 'Aucun code n’est plus attendu.',
  back: 'Ne rien faire',
  proven: (mail: string): string => `${mail}\u00a0: reliée. Ce qui lui est adressé arrive sur votre bureau.`,
  remove: 'Retirer',
  about: (mail: string): string => `, ${mail}`,
  removeThis: (mail: string): string => `Retirer ${quoted(mail)}\u202f?`,
  removeMore: 'Ce qui lui sera adressé n’arrivera plus ici. Ce qui est déjà sur votre bureau y reste.',
  sure: 'Oui, retirer',
  removed: (mail: string): string => `${mail}\u00a0: retirée.`,
};

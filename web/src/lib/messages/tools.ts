/** The catalogue of « Mes outils »; fetched with its page. */
import type { AccountFault, ToolAccount, Unlinked } from '#desk/account.ts';
import { ago, since } from './times.ts';

type At = { now: number; zone: string };

const named = (account: ToolAccount): string => (account.name === undefined ? '' : ` au compte «\u00a0${account.name}\u00a0»`);

function linked(account: ToolAccount, { now, zone }: At): string {
  const { label, lastSuccess, linkedAt = now, trouble } = account;
  const last = lastSuccess === undefined ? '' : ` Dernière lecture réussie ${ago(lastSuccess, now, zone)}.`;
  if (trouble === 'down') return `Relié${named(account)}, mais ${label} ne répond pas\u00a0: nouvel essai sous peu.${last}`;
  if (trouble === 'denied') return `Relié${named(account)}, mais ${label} lui refuse l’accès\u00a0: nouvel essai sous peu.${last}`;
  if (trouble === 'broken')
    return `Relié${named(account)}, mais ${label} ne répond pas comme prévu. Votre administrateur en est averti.${last}`;
  if (lastSuccess === undefined) return `Relié${named(account)} ${ago(linkedAt, now, zone)}\u00a0: première lecture en cours.`;
  return `Relié${named(account)}, lu ${ago(lastSuccess, now, zone)}.`;
}

function own(account: ToolAccount, at: At): string {
  const { label, refusedAt = at.now } = account;
  switch (account.state) {
    case 'none':
      return account.trouble === 'down'
        ? `Pas encore relié, et ${label} ne répond pas pour l’instant.`
        : `Pas encore relié\u00a0: ce qui vous attend dans ${label} n’arrive pas ici.`;
    case 'linked':
      return linked(account, at);
    case 'refused':
      return `${label} refuse ce compte depuis ${since(refusedAt, at.now, at.zone)}\u00a0: mot de passe changé, ou accès retiré. Rien n’en arrive plus.`;
    case 'lost':
      return 'En pause\u00a0: le serveur n’a plus la clé de ce compte. Votre administrateur peut la remettre\u202f; sinon, reliez-le de nouveau.';
  }
}

/** Its name stands before it. */
function others(account: ToolAccount, { now, zone }: At): string {
  const { lastSuccess, trouble, name } = account;
  const last = lastSuccess === undefined ? '' : ` Dernières nouvelles ${ago(lastSuccess, now, zone)}.`;
  if (trouble === 'down') return `Rien à faire\u00a0: l’outil ne répond pas pour l’instant, le bureau réessaie.${last}`;
  if (trouble === 'broken') return `Rien à faire\u00a0: la liaison a un défaut, dont votre administrateur est averti.${last}`;
  const known = name === undefined ? '' : ` et vous y reconnaît à votre adresse ${name}`;
  return account.needs === 'posts'
    ? `Rien à faire\u00a0: l’outil prévient lui-même votre bureau.${last}`
    : `Rien à faire\u00a0: le bureau lit l’outil pour toute la collectivité${known}.${last}`;
}

const FAULTS: Readonly<Record<AccountFault, (label: string) => string>> = {
  signed_out: () => 'Votre session est terminée\u00a0: connectez-vous de nouveau. Rien n’a été changé.',
  unknown: () => 'Il n’y a rien à relier ou à délier ici. Rien n’a été changé.',
  fields: () => 'Remplissez les champs indiqués. Rien n’a été gardé.',
  refused: (label) => `${label} refuse cet identifiant ou ce mot de passe. Rien n’a été gardé.`,
  denied: (label) => `${label} vous reconnaît, mais refuse l’accès. Rien n’a été gardé\u202f; voyez avec votre administrateur.`,
  busy: (label) => `${label} demande d’attendre. Rien n’a été gardé\u202f; réessayez dans quelques minutes.`,
  down: (label) => `${label} ne répond pas. Rien n’a été gardé\u202f; réessayez dans quelques minutes.`,
  broken: (label) => `${label} ne répond pas comme prévu. Rien n’a été gardé\u202f; prévenez votre administrateur.`,
  too_many: () => 'Trop d’essais à la suite. Attendez dix\u00a0minutes avant de recommencer.',
  lost: () => 'Le serveur n’a plus la clé de ce compte\u00a0: reliez-le de nouveau.',
  expired: (label) => `L’accès n’a pas été accordé dans ${label} à temps. Rien n’a été changé\u202f; vous pouvez recommencer.`,
  unavailable: () => 'Le bureau ne répond pas pour l’instant. Rien n’a été changé.',
};

const STAYS = 'Ce qui est déjà sur votre bureau y reste, sans être mis à jour.';
const UNLINKED: Readonly<Record<Unlinked, (label: string) => string>> = {
  revoked: (label) => `Compte délié, et son accès retiré dans ${label}. ${STAYS}`,
  kept: () => `Compte délié\u00a0: ce que vous aviez donné est oublié. ${STAYS}`,
  failed: (label) => `Compte délié ici, mais ${label} n’a pas pu être prévenu\u00a0: retirez-y vous-même cet accès. ${STAYS}`,
};

export const tools = {
  title: 'Mes outils',
  more: 'Ce que vous donnez ici est d’abord essayé dans l’outil, puis gardé chiffré. Personne ne peut le relire, pas même vous.',
  own: 'Vos comptes',
  others: 'Rien à faire de votre part',
  none: 'Aucun outil de votre collectivité ne demande de compte.',
  failed: 'Vos comptes ne peuvent pas être lus pour l’instant. Nouvel essai sous peu.',
  state: (account: ToolAccount, at: At): string => (account.needs === 'own' ? own(account, at) : others(account, at)),
  fault: (fault: AccountFault, label: string): string => FAULTS[fault](label),
  stillRefused: (label: string): string => `${label} refuse toujours ce compte\u00a0: reliez-le avec son mot de passe actuel.`,
  unlinked: (how: Unlinked, label: string): string => UNLINKED[how](label),
  nowLinked: (label: string): string => `${label}\u00a0: relié.`,
  refusedNow: (label: string): string => `${label} refuse votre compte.`,
  grant: (label: string): string => `Relier dans ${label}`,
  granting: (label: string): string =>
    `Accordez l’accès dans la page de ${label} qui s’est ouverte\u00a0: cette page-ci le verra d’elle-même.`,
  grantPage: (label: string): string => `Ouvrir la page de ${label}`,
  grantUntil: (until: string): string => `Possible jusqu’à ${until}.`,
  stop: 'Ne pas relier',
  form: 'Donner un mot de passe',
  link: 'Relier',
  linkThis: (label: string): string => `Relier ${label}`,
  otherAccount: 'Changer de compte',
  again: 'Réessayer',
  unlink: 'Délier',
  unlinkThis: (label: string): string => `Délier ${label}\u202f?`,
  unlinkMore: (label: string): string => `Rien n’arrivera plus de ${label}. ${STAYS}`,
  sure: 'Oui, délier',
  back: 'Ne rien faire',
  trying: (label: string): string => `Essai dans ${label}…`,
  optional: (name: string): string => `${name} (facultatif)`,
  missing: (name: string): string => `Remplissez «\u00a0${name}\u00a0».`,
  about: (label: string): string => `, ${label}`,
};

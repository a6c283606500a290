/**
 * What admins read in answer to their commands, in their room and on the command line: short lines, for a phone. Not part
 * of `words.ts`: no page shows them.
 */
import { writeInstant } from '../due.ts';
import type { HealthWord } from '../event/state.ts';
import { HEALTH_WORDS } from './admin.ts';
import { count, NBSP, NNBSP, quote } from './typography.ts';

export const COMMANDS = {
  aide: 'les commandes, ou une seule en détail',
  état: 'comment vont les parties, les connexions et les envois',
  rejets: 'les dépôts signés mais inutilisables, gardés de côté',
  attente: 'ce qui attend des personnes encore inconnues ici',
  morts: 'les messages que le serveur Matrix a refusés pour de bon',
  secrets: 'écrit les secrets qui manquent et que le site invente lui-même, sans rien écraser',
  'config check': 'vérifie la configuration et les secrets qu’elle nomme, et essaie le serveur d’envoi',
  essayer: 'lit une connexion une fois et montre les cartes qu’elle ferait, sans rien écrire',
  registration: 'écrit l’enregistrement à donner au serveur Matrix',
  homeserver: 'écrit la part du serveur Matrix, ou lui demande si elle tient',
  migrate: 'met la base au schéma de cette version',
  rebuild: 'refait la copie de travail à partir des salons',
  backup: 'sauvegarde les données premières (personnes, demandes, journal) dans un fichier',
  restore: 'remet une sauvegarde',
  resceller: 'scelle de nouveau les comptes des agents avec la clé actuelle, après un changement de clé',
} as const;

export const FORMS = {
  aide: 'toutes les commandes, ou une seule',
  état: 'l’état de maintenant',
  lister: 'la liste, dix par page',
  montrer: 'le détail d’un numéro',
  rejouer: {
    rejets: 'repasse le dépôt par la porte, après une correction',
    attente: 'essaie de remettre à qui est maintenant connu',
    morts: 'remet le message en file',
  },
} as const;

/** What may stand after a verb, as help writes it. */
export const TAKES = {
  page: '[page]',
  number: '<n>',
  'number or all': '<n | tout>',
  command: '[commande]',
  connection: '<connexion>',
} as const;

export const ANSWERS = {
  unknown: (near: string | undefined): string =>
    near === undefined
      ? `Je ne connais pas cette commande. Écrivez ${quote('aide')} pour la liste.`
      : `Je ne connais pas cette commande. Vouliez-vous dire ${quote(near)}${NNBSP}? Rien n’a été fait.`,
  usage: ({ near, usage }: { near: string | undefined; usage: readonly string[] }): string =>
    [
      near === undefined
        ? `Je n’ai pas compris la suite. Rien n’a été fait.`
        : `Je n’ai pas compris la suite${NBSP}: vouliez-vous dire ${quote(near)}${NNBSP}? Rien n’a été fait.`,
      ...usage,
    ].join('\n'),
  denied: (organisation: string | undefined): string =>
    organisation === undefined
      ? `Cette commande est réservée aux administrateurs de la plateforme. Rien n’a été fait.`
      : `Cette commande est réservée aux administrateurs de ${organisation}. Rien n’a été fait.`,
  operatorOnly: `Cette commande se donne sur la machine (npm run desk), pas dans un salon. Rien n’a été fait.`,
  edited: `Une commande modifiée n’est pas exécutée de nouveau${NNBSP}: envoyez-la dans un nouveau message.`,
  redactedBefore: 'Ce message a été effacé avant d’être lu. Rien n’a été fait.',
  redactedAfter: 'La commande est effacée. Ce qu’elle avait fait reste fait.',
  failed: `La commande a échoué, rien n’en est resté. Le journal du service dit pourquoi${NNBSP}; réessayez plus tard.`,
} as const;

const MARK = { well: '✓', ill: '✗', new: '○' } as const;

export type PartSaid = { part: 'homeserver' | 'appservice' | 'web' | 'provider'; label?: string; isUp: boolean };
export type ConnectionSaid = { id: string; label: string; word: HealthWord; since?: number; lastSuccess?: number };
export type Writing = { timeZone: string; now: number };

const PARTS = { homeserver: 'serveur Matrix', appservice: 'service applicatif', web: 'bureau (web)', provider: 'connexion' } as const;

/** The lines of `état`. */
export const STATE = {
  head: ({ name, now, timeZone }: { name: string | undefined } & Writing): string =>
    `${name === undefined ? 'Toute la plateforme' : name}, ${writeInstant(now, { now, timeZone })}`,
  store: `${MARK.well} base de données${NBSP}: répond`,
  part: ({ part, label, isUp }: PartSaid): string =>
    `${isUp ? MARK.well : MARK.ill} ${label ?? PARTS[part]}${NBSP}: ${isUp ? 'répond' : 'ne répond pas'}`,
  connections: 'Connexions',
  none: 'aucune',
  connection: ({ id, label, word, since, lastSuccess }: ConnectionSaid, at: Writing): string => {
    const mark = word === 'connected' ? MARK.well : word === 'starting' ? MARK.new : MARK.ill;
    const from = since !== undefined && mark === MARK.ill ? ` depuis ${writeInstant(since, at)}` : '';
    const last = lastSuccess === undefined ? 'rien reçu encore' : `dernier envoi ${writeInstant(lastSuccess, at)}`;
    return `${mark} ${label} (${id})${NBSP}: ${HEALTH_WORDS[word]}${from}, ${last}`;
  },
  moreConnections: (more: number, well: number): string =>
    `… et ${count(more, 'autre')}${well === more ? (more < 2 ? ', reliée' : ', toutes reliées ou au démarrage') : ''}`,
  sending: 'Envois vers les bureaux',
  depth: ({ waiting, oldestMs }: { waiting: number; oldestMs: number }): string =>
    waiting === 0 ? 'rien en file' : `${count(waiting, 'message')} en file, le plus ancien depuis ${duration(oldestMs)}`,
  requests: (waiting: number): string =>
    waiting === 0 ? 'aucune demande à traiter' : `${count(waiting, 'événement')} des salons à traiter`,
  dead: (dead: number): string => (dead === 0 ? 'aucun message mort' : `${count(dead, 'message mort', 'messages morts')} (morts)`),
  aside: 'Gardés de côté',
  rejected: (number: number): string => (number === 0 ? 'aucun rejet' : `${count(number, 'rejet')} (rejets)`),
  waiting: (number: number): string =>
    number === 0 ? 'rien n’attend une personne inconnue' : `${count(number, 'objet')} en attente d’une personne (attente)`,
} as const;

/** « 3 s », « 12 min », « 5 h », « 2 jours ». */
export function duration(ms: number): string {
  if (ms < 60_000) return `${Math.round(ms / 1000)}${NBSP}s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)}${NBSP}min`;
  if (ms < 86_400_000) return `${Math.round(ms / 3_600_000)}${NBSP}h`;
  return count(Math.round(ms / 86_400_000), 'jour');
}

/** Lists of what is kept, waits or died. */
export const KEPT = {
  none: { rejets: 'Aucun rejet.', attente: 'Rien n’attend une personne inconnue.', morts: 'Aucun message mort.' },
  head: { rejets: 'Rejets', attente: 'En attente d’une personne', morts: 'Messages morts' },
  page: ({ title, total, page, pages }: { title: string; total: number; page: number; pages: number }): string =>
    `${title}${NBSP}: ${new Intl.NumberFormat('fr-FR').format(total)}${pages > 1 ? `, page ${page} sur ${pages}` : ''}`,
  nextPage: ({ name, page }: { name: string; page: number }): string => `La suite${NBSP}: ${quote(`${name} lister ${page}`)}.`,
  line: ({ number, label, at, why }: { number: number; label: string; at: string; why: string }): string =>
    `n°${NBSP}${number} · ${label} · ${at}${why === '' ? '' : ` · ${why}`}`,
  noPage: (pages: number): string => `Il n’y a que ${count(pages, 'page')}.`,
  notFound: (number: number): string => `Il n’y a pas de n°${NBSP}${number} ici. Rien n’a été fait.`,
  from: ({ label, connection, at }: { label: string; connection: string; at: string }): string => `${label} (${connection}), ${at}`,
  kindOfRow: { item: 'un objet', tool: 'un indicateur', outcome: 'une réponse à une demande', notice: 'un avis', state: 'un état' },
  desk: 'bureau',
  noConnection: `Cette connexion n’est plus dans la configuration${NNBSP}: rien ne peut être repris pour elle.`,
  retired: `Cette connexion est retirée${NNBSP}: rien ne peut être repris pour elle.`,
  readAnew: `L’outil est relu en entier${NNBSP}; ce qui y reste inutilisable reviendra dans cette liste.`,
  notRead: 'cette connexion ne lit pas son outil, ou il n’y a plus de compte pour le lire',
  alreadyReplayed: (at: string): string => `Déjà repris ${at}. Rien de plus n’a été fait.`,
  sealed: 'Le contenu est scellé et ne se montre pas ici.',
  replayHint: ({ name, number }: { name: string; number: number }): string =>
    `Pour reprendre${NBSP}: ${quote(`${name} rejouer ${number}`)}.`,
  title: (title: string): string => `Objet${NBSP}: ${quote(title)}`,
  defects: (number: number): string => `${count(number, 'défaut')}${NBSP}:`,
  unreadable: 'scellé par une autre clé',
  conflict: 'cet identifiant a servi à un autre contenu',
  still: ({ number, why }: { number: number; why: string }): string => `n°${NBSP}${number} reste inutilisable${NBSP}: ${why}.`,
  replayed: ({ done, left }: { done: number; left: number }): string =>
    [
      done === 0 ? 'Rien n’a pu être repris.' : `${count(done, 'dépôt repris', 'dépôts repris')}.`,
      ...(left === 0 ? [] : [`${count(left, 'dépôt reste', 'dépôts restent')} de côté.`]),
    ].join(' '),
  items: ({ accepted, known, waiting }: { accepted: number; known: number; waiting: number }): string =>
    [
      count(accepted, 'événement accepté', 'événements acceptés'),
      ...(known === 0 ? [] : [count(known, 'événement déjà connu', 'événements déjà connus')]),
      ...(waiting === 0 ? [] : [count(waiting, 'personne encore inconnue', 'personnes encore inconnues')]),
    ].join(', ') + '.',
  delivered: ({ items, people }: { items: number; people: number }): string =>
    `${count(items, 'objet remis', 'objets remis')} à ${count(people, 'personne')}.`,
  nobodyYet: 'Personne de connu n’est attendu ici. Tout reste gardé jusqu’à sa première connexion, trente jours au plus.',
  until: (at: string): string => `Gardé jusqu’au ${at}, ou jusqu’à sa première connexion.`,
  queued: ({ again, outdated }: { again: number; outdated: number }): string =>
    [
      again === 0 ? 'Rien n’est remis en file.' : `${count(again, 'message remis', 'messages remis')} en file.`,
      ...(outdated === 0 ? [] : [`${count(outdated, 'message dépassé', 'messages dépassés')} depuis, laissé de côté.`]),
    ].join(' '),
} as const;

export const CONFIG = {
  inOrder: ({ file, organisations, connections, people }: { file: string; organisations: number; connections: number; people: number }) =>
    `${file}${NBSP}: en ordre (organisations${NBSP}: ${organisations}, connexions${NBSP}: ${connections}, personnes connues${NBSP}: ${people}).`,
} as const;

export const HOMESERVER = {
  registration: 'le chemin de l’enregistrement, tel que le serveur Matrix le lira',
  check: 'demande au serveur Matrix en marche s’il est réglé comme il faut',
  inOrder: (url: string): string => `Le serveur Matrix ${url} est en ordre.`,
  missing: `Il manque --registration${NBSP}: le chemin de l’enregistrement, tel que le serveur Matrix le lira.`,
} as const;

export const SECRETS = {
  made: (made: number): string => (made === 0 ? 'Rien à écrire.' : `${count(made, 'fichier écrit', 'fichiers écrits')} (mode 600)${NBSP}:`),
  others: 'Restent à donner ceux que d’autres donnent\u00a0: le secret client de chaque fournisseur d’identité, l’adresse de la base.',
} as const;

export const RESEAL = {
  done: (resealed: number): string =>
    resealed === 0 ? 'Rien à sceller de nouveau.' : `${count(resealed, 'compte scellé', 'comptes scellés')} avec la clé actuelle.`,
  free: 'Les clés précédentes ne servent plus\u00a0: retirez-les de appservice.accountKeys, puis redémarrez.',
  lost: (lost: number): string =>
    `${count(lost, 'compte ne s’ouvre', 'comptes ne s’ouvrent')} avec aucune des clés données${NBSP}: il manque celle qui les a scellés. Remettez-la dans appservice.accountKeys${NNBSP}; en attendant, rien n’en est perdu.`,
} as const;

export const MIGRATED = 'La base est au schéma de cette version.';

/** The command line itself. */
export const LINE = {
  usage: 'npm run desk -- COMMANDE [--config FICHIER] [--out FICHIER]',
  inRooms: `Aussi dans le salon d’administration${NBSP}:`,
  here: `Ici seulement${NBSP}:`,
  options: `Sans --config${NBSP}: ECRITOIRE_CONFIG, sinon la configuration de l’essai en cours (npm start).`,
  which: `Quelle configuration${NNBSP}? Indiquez-la par --config FICHIER.`,
} as const;

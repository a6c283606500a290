/**
 * The catalogue: every sentence of the desk, in French. A function where something is put in; nothing else writes French in
 * the page. A no-break space (U+00A0) before `:` and inside « », a narrow one (U+202F) before `;` `!` `?`; 0 and 1 are singular.
 */
import { plural } from './plural.ts';
import { dayName, hour } from './times.ts';

export { act } from './act.ts';
export { failure } from './failure.ts';
export { firstVisit } from './first-visit.ts';
export { pane } from './pane.ts';
export { settings } from './settings.ts';
export { keys } from './keys.ts';
export { results } from './results.ts';
export { room } from './room.ts';
export { signIn } from './sign-in.ts';
export { task } from './task.ts';
export { thread } from './thread.ts';

const capital = (text: string): string => text.charAt(0).toLocaleUpperCase('fr') + text.slice(1);

export const product = 'Écritoire';

export const navigation = {
  label: 'Navigation',
  skip: 'Aller au contenu',
  desk: 'Bureau',
  thread: 'Fil du bureau',
  threadShort: 'Fil',
  rooms: 'Salons',
  you: 'Vous',
  settings: 'Réglages',
  signOut: 'Se déconnecter',
  waiting: (n: number) => plural(n, 'élément à traiter', 'éléments à traiter'),
  unread: (n: number) => plural(n, 'message non lu', 'messages non lus'),
  mentions: (n: number) => plural(n, 'mention', 'mentions'),
};

export const titles = {
  desk: (n: number) => (n > 0 ? `(${n}) À traiter · ${product}` : `À traiter · ${product}`),
  of: (page: string) => `${page} · ${product}`,
};

export const standing = {
  live: 'En direct',
  connecting: 'Connexion…',
  reconnecting: 'Reconnexion…',
  offline: 'Hors ligne',
  sending: 'Envoi…',
  reconnectingLong: 'La liaison est coupée, elle reprend d’elle-même. Ce que vous voyez peut dater un peu.',
  offlineLong: 'Votre poste est hors ligne. Ce que vous faites ici partira au retour du réseau.',
  held: (n: number) => `${plural(n, 'acte', 'actes')} en attente de connexion.`,
  since: (ms: number, zone: string) => `Dernière mise à jour à ${hour(ms, zone)}.`,
};

export const greeting = {
  hello: (firstName: string) => `Bonjour ${firstName}`,
  today: (ms: number, zone: string) => `${capital(dayName(ms, zone))}.`,
  late: (n: number) => `${n} en retard`,
  forToday: (n: number) => `${n} pour aujourd’hui`,
  week: (n: number) => `${n} cette semaine`,
  others: (n: number, alone: boolean) => (alone ? plural(n, 'élément à traiter', 'éléments à traiter') : plural(n, 'autre', 'autres')),
  nothing: 'Rien n’est attendu de vous.',
};

export const banner = { label: 'Annonce', hide: 'Masquer l’annonce', until: (ms: number, zone: string) => `jusqu’à ${hour(ms, zone)}` };

export const indicators = {
  label: 'Mes outils',
  late: (n: number) => `${n} en retard`,
  today: (n: number) => `${n} aujourd’hui`,
  week: (n: number) => `${n} cette semaine`,
  urgent: (n: number) => plural(n, 'urgent', 'urgents'),
  worst: (due: string) => `le premier\u00a0: ${due}`,
  toDo: 'à traiter',
  quiet: 'rien à traiter',
  silent: (said: string) => `sans nouvelle depuis ${said}`,
  last: (said: string) => `dernier envoi ${said}`,
  health: {
    starting: 'démarre',
    retrying: 'injoignable, nouvel essai',
    bad_credentials: 'accès refusé',
    misconfigured: 'mal configuré',
    stopped: 'arrêté',
  } as Readonly<Record<string, string>>,
};

export const groups = {
  late: 'En retard',
  today: 'Aujourd’hui',
  week: 'Cette semaine',
  later: 'Plus tard',
  undated: 'Sans échéance',
  pinned: 'Épinglés',
  back: 'De retour',
  muted: 'En sourdine',
};

export const list = {
  label: 'À traiter',
  addTask: 'Ajouter une tâche',
  more: 'Afficher la suite',
  loading: 'Chargement…',
  failed: 'La suite n’a pas pu être chargée. Réessayez dans un instant.',
  partial: 'Les éléments plus anciens ne sont pas disponibles pour l’instant\u00a0: la liste peut être incomplète.',
  allDone: (ms: number, zone: string) => `Tout est à jour, vérifié à ${hour(ms, zone)}`,
  allDoneMore: 'Ce que vos outils attendent de vous apparaîtra ici, sans recharger la page.',
  noneFound: 'Rien à traiter ne correspond à ces filtres.',
  aside: (n: number) => (n > 0 ? plural(n, 'élément mis de côté ou reporté', 'éléments mis de côté ou reportés') : 'Mis de côté'),
  asideTitle: 'Mis de côté ou reporté',
  asideEmpty: 'Rien n’est mis de côté.',
  back: 'Revenir à la liste',
  new: 'nouveau',
  showMuted: (n: number) => (n < 2 ? 'Afficher l’élément en sourdine' : `Afficher les ${n} éléments en sourdine`),
  hideMuted: 'Ne plus les afficher',
  arrived: (titles: readonly string[]) =>
    titles.length === 1 ? `Nouvel élément à traiter\u00a0: ${titles[0]}` : `${titles.length} nouveaux éléments à traiter`,
};

export const item = {
  panel: 'Détail',
  none: 'Choisissez un élément pour en voir le détail.',
  open: 'Ouvrir',
  newTab: 'nouvel onglet',
  doing: 'en cours',
  waiting: 'en attente',
  you: (reason: string) => (/^vous\b/i.test(reason) ? reason : `vous\u00a0: ${reason}`),
  urgent: 'urgent',
  gone: 'Cet élément n’est pas sur votre bureau, ou n’y est plus.',
  nothingDone: (tool: string) => `Rien n’a été fait dans ${tool}.`,
};

export const picking = {
  label: 'Sélection',
  filter: 'Filtrer',
  start: 'Sélectionner',
  stop: 'Ne plus sélectionner',
  pick: (title: string) => `Choisir\u00a0: ${title}`,
  none: 'Aucun élément choisi',
  count: (n: number) => plural(n, 'choisi', 'choisis'),
  aside: (n: number) => `Mettre ${n} de côté`,
  snooze: (n: number) => `Reporter ${n} à demain matin`,
  all: 'Tout choisir',
};

export const keyboard = {
  palette: 'Rechercher ou agir',
  acts: {
    next: 'Élément suivant',
    previous: 'Élément précédent',
    open: 'Ouvrir le détail',
    close: 'Fermer le détail',
    tool: 'Ouvrir dans l’outil',
    pick: 'Choisir pour agir sur plusieurs',
    aside: 'Mettre de côté',
    snooze: 'Reporter',
    pin: 'Épingler ou désépingler',
    unseen: 'Marquer comme non vu',
    undo: 'Annuler la dernière décision',
    callBack: 'Arrêter une action avant son départ',
    search: 'Rechercher',
    desk: 'Bureau',
    thread: 'Fil du bureau',
    rooms: 'Salons',
    settings: 'Réglages',
    task: 'Ajouter une tâche',
    print: 'Imprimer',
    filter: 'Filtrer la liste',
    view: (name: string) => `Vue «\u00a0${name}\u00a0»`,
    asideList: 'Mis de côté ou reporté',
    closedList: 'Terminés',
    palette: 'Rechercher ou agir',
    help: 'Cette liste',
  },
};

export const search = {
  label: 'Rechercher',
  placeholder: 'Rechercher ou agir',
};

export const undo = {
  one: (title: string) => `«\u00a0${title}\u00a0»`,
  many: (n: number) => plural(n, 'élément', 'éléments'),
  theTools: 'les outils',
  aside: (what: string) => `${what} mis de côté chez vous.`,
  snoozed: (what: string, n: number, said: string) => `${what} ${n < 2 ? 'reviendra' : 'reviendront'} ${said}.`,
  snoozedOnChange: (what: string, n: number) => `${what} ${n < 2 ? 'reviendra quand il changera' : 'reviendront quand ils changeront'}.`,
  restored: (what: string) => `${what} de nouveau à traiter.`,
  pinned: (what: string) => `${what} épinglé.`,
  unpinned: (what: string) => `${what} désépinglé.`,
  unseen: (what: string) => `${what} marqué comme non vu.`,
  noted: (what: string) => `${what}\u00a0: note gardée chez vous.`,
  taskAdded: (title: string) => `Tâche ajoutée\u00a0: «\u00a0${title}\u00a0».`,
  takenBack: 'Annulé\u00a0: votre liste est comme avant.',
  notTakenBack: 'L’annulation n’a pas été acceptée\u00a0: rien n’a changé.',
  action: 'Annuler',
  close: 'Fermer',
  failed: (what: string) => `${what}\u00a0: votre demande n’a pas été acceptée, rien n’a changé.`,
};

export const rooms = {
  title: 'Salons',
  loading: 'Chargement de vos salons…',
  empty: 'Vous n’avez pas d’autre salon pour l’instant.',
  failed: 'Vos salons n’ont pas pu être chargés. Nouvel essai en cours…',
  send: 'Envoyer',
  noName: 'Salon sans nom',
  former: 'Ancien salon',
  direct: (names: readonly string[]) => names.join(', '),
  andOthers: (name: string, n: number) => `${name} et ${plural(n, 'autre', 'autres')}`,
};

export const footer = {
  label: 'Pied de page',
  accessibility: 'Accessibilité\u00a0: non conforme',
  personal: 'Données personnelles',
  licence: 'Licence et code source',
  funders: 'Avec le soutien de',
};

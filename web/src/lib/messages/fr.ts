/**
 * The catalogue: every sentence of the desk, in French. A function where something is put in; nothing else writes French in
 * the page. A no-break space (U+00A0) before `:` and inside « », a narrow one (U+202F) before `;` `!` `?`; 0 and 1 are singular.
 */
import { dayName, hour } from './times.ts';

export { act } from './act.ts';
export { settings } from './settings.ts';
export { task } from './task.ts';

/** « 1 élément », « 2 éléments »: 0 and 1 are singular in French. */
const plural = (n: number, one: string, many: string): string => `${n} ${n < 2 ? one : many}`;
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
  filter: (label: string) => `Ne montrer que ${label}`,
  filtered: (label: string) => `Seulement ${label}`,
  all: 'Tout montrer',
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
};

export const list = {
  label: 'À traiter',
  more: 'Afficher la suite',
  loading: 'Chargement…',
  failed: 'La suite n’a pas pu être chargée. Réessayez dans un instant.',
  partial: 'Les éléments plus anciens ne sont pas disponibles pour l’instant\u00a0: la liste peut être incomplète.',
  allDone: (ms: number, zone: string) => `Tout est à jour, vérifié à ${hour(ms, zone)}`,
  allDoneMore: 'Ce que vos outils attendent de vous apparaîtra ici, sans recharger la page.',
  noneOf: (label: string) => `Rien à traiter dans ${label}`,
  aside: (n: number) => (n > 0 ? plural(n, 'élément mis de côté ou reporté', 'éléments mis de côté ou reportés') : 'Mis de côté'),
  asideTitle: 'Mis de côté ou reporté',
  asideEmpty: 'Rien n’est mis de côté.',
  back: 'Revenir à la liste',
  new: 'nouveau',
  arrived: (titles: readonly string[]) =>
    titles.length === 1 ? `Nouvel élément à traiter\u00a0: ${titles[0]}` : `${titles.length} nouveaux éléments à traiter`,
};

export const firstVisit = {
  title: 'Voici votre bureau',
  sentences: (organisation: string) => [
    `Dès qu’un outil de ${organisation} attend quelque chose de vous, cela apparaît ici, sans recharger la page.`,
    'Mettre de côté ou reporter range votre bureau\u202f; rien n’est fait dans l’outil tant que vous n’y avez pas agi.',
    'Le fil garde la trace de tout, et se lit aussi depuis un autre client Matrix.',
  ],
  start: 'C’est parti',
};

export const item = {
  panel: 'Détail',
  none: 'Choisissez un élément pour en voir le détail.',
  close: 'Fermer le détail',
  backToList: 'À traiter',
  askedBy: 'Demandé par',
  for: 'Pour',
  cc: 'En copie',
  whyYou: 'Pourquoi vous',
  dossier: 'Dossier',
  place: 'Lieu',
  when: 'Quand',
  due: 'Échéance',
  count: 'Nombre',
  organisation: 'Organisation',
  documents: 'Documents',
  happened: 'Ce qui s’est passé',
  createdAt: 'Créé dans l’outil',
  arrivedAt: 'Arrivé sur votre bureau',
  updatedAt: 'Dernier changement dans l’outil',
  updated: (said: string) => `mis à jour ${said}`,
  dueBefore: (said: string) => `Échéance\u00a0: ${said}`,
  open: 'Ouvrir',
  openIn: (tool: string) => `Ouvrir dans ${tool}`,
  join: 'Rejoindre la réunion',
  aside: 'Mettre de côté',
  restore: 'Remettre à traiter',
  restoreThis: (title: string) => `Remettre à traiter\u00a0: ${title}`,
  snooze: 'Reporter',
  tomorrow: 'Demain matin',
  monday: 'Lundi matin',
  onChange: 'Quand il change',
  moment: 'Autre moment',
  momentExample: 'lundi 9h, 15/12, dans 3 jours',
  momentFaults: {
    impossible: (said: string) => `«\u00a0${said}\u00a0» n’existe pas\u00a0: rien n’est reporté.`,
    past: (said: string) => `«\u00a0${said}\u00a0» est déjà passé\u00a0: rien n’est reporté.`,
    unreadable: (said: string) => `«\u00a0${said}\u00a0» n’est pas compris\u00a0: rien n’est reporté.`,
  },
  note: 'Votre note',
  noteMore: 'Pour vous seulement\u00a0: rien n’est écrit dans l’outil.',
  noteAdd: 'Ajouter une note',
  noteChange: 'Modifier la note',
  noteKeep: 'Garder la note',
  noteLeave: 'Revenir',
  pin: 'Épingler',
  unpin: 'Désépingler',
  pinned: 'épinglé',
  newTab: 'nouvel onglet',
  closed: { done: 'Terminé dans l’outil', cancelled: 'Annulé', expired: 'Expiré' } as Readonly<Record<string, string>>,
  doing: 'en cours',
  waiting: 'en attente',
  isAside: 'Vous l’avez mis de côté.',
  isSnoozed: (said: string) => `Reporté\u00a0: revient ${said}.`,
  isSnoozedOnChange: 'Reporté jusqu’à son prochain changement.',
  you: (reason: string) => (/^vous\b/i.test(reason) ? reason : `vous\u00a0: ${reason}`),
  urgent: 'urgent',
  gone: 'Cet élément n’est pas sur votre bureau, ou n’y est plus.',
  nothingDone: (tool: string) => `Rien n’a été fait dans ${tool}.`,
  size: (bytes: number) =>
    bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))}\u00a0ko` : `${(bytes / 1_000_000).toFixed(1).replace('.', ',')}\u00a0Mo`,
};

export const picking = {
  label: 'Sélection',
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
  title: 'Raccourcis clavier',
  more: 'Sans effet pendant que vous écrivez dans un champ.',
  change: 'Les changer ou les désactiver',
  close: 'Fermer',
  palette: 'Rechercher ou agir',
  nothing: 'Rien ne correspond.',
  escape: 'Échap',
  then: 'puis',
  sections: { move: 'Se déplacer', item: 'Sur l’élément', go: 'Aller à', page: 'La page' },
  groups: { act: 'Actions', go: 'Aller à', item: 'Éléments' },
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
    asideList: 'Mis de côté ou reporté',
    closedList: 'Terminés',
    palette: 'Rechercher ou agir',
    help: 'Cette liste',
  },
};

export const search = {
  label: 'Rechercher',
  placeholder: 'Rechercher ou agir',
  results: (n: number, words: string) => `${plural(n, 'résultat', 'résultats')} pour «\u00a0${words}\u00a0»`,
  everywhere: (words: string) => `Rechercher «\u00a0${words}\u00a0» partout, éléments terminés compris`,
  none: (words: string) => `Aucun élément ne contient «\u00a0${words}\u00a0».`,
  searching: 'Recherche…',
  failed: 'La recherche n’est pas possible pour l’instant. Réessayez dans un instant.',
  closedTitle: 'Terminés',
  closedEmpty: 'Rien n’est terminé pour l’instant.',
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

export const thread = {
  title: 'Fil du bureau',
  label: 'Fil',
  toDo: 'À traiter',
  switch: 'Vue du bureau',
  older: 'Afficher les messages précédents',
  beginning: 'Le fil commence ici.',
  empty: 'Rien encore dans ce fil.',
  write: 'Votre message',
  placeholder: 'Écrire dans votre fil',
  send: 'Envoyer',
  elsewhere: 'Tout ce qui est écrit ici se lit aussi depuis votre client Matrix.',
  edited: (at: string) => `, modifié ${at}`,
  didAside: (title: string) => `Vous avez mis de côté «\u00a0${title}\u00a0».`,
  didSnooze: (title: string) => `Vous avez reporté «\u00a0${title}\u00a0».`,
  didRestore: (title: string) => `Vous avez remis «\u00a0${title}\u00a0» à traiter.`,
  several: (n: number) => plural(n, 'élément', 'éléments'),
  sending: 'envoi en cours…',
  failed: 'Ce message n’est pas parti.',
  desks: 'Bureaux',
};

export const rooms = {
  title: 'Salons',
  loading: 'Chargement de vos salons…',
  empty: 'Vous n’avez pas d’autre salon pour l’instant.',
  failed: 'Vos salons n’ont pas pu être chargés. Nouvel essai en cours…',
  unknown: 'Ce salon n’existe pas, ou vous n’en êtes pas membre.',
  invited: 'Vous êtes invité à rejoindre ce salon.',
  join: 'Rejoindre',
  write: 'Votre message',
  placeholder: (name: string) => `Écrire dans ${name}`,
  send: 'Envoyer',
  older: 'Afficher les messages précédents',
  readOnly: 'Vous pouvez lire ce salon, pas y écrire.',
  encrypted: 'Ce salon est chiffré\u00a0: ses messages se lisent dans votre client Matrix.',
  unreadable: 'Message chiffré, lisible dans votre client Matrix.',
  image: (name: string) => `Image\u00a0: ${name}`,
  file: (name: string) => `Fichier\u00a0: ${name}`,
  noName: 'Salon sans nom',
  former: 'Ancien salon',
  direct: (names: readonly string[]) => names.join(', '),
  andOthers: (name: string, n: number) => `${name} et ${plural(n, 'autre', 'autres')}`,
};

export const signIn = {
  title: 'Connexion',
  welcome: 'Tout ce que vos outils attendent de vous, en un seul endroit.',
  proconnect: 'S’identifier avec ProConnect',
  proconnectMore: 'Qu’est-ce que ProConnect\u202f?',
  franceconnect: 'S’identifier avec FranceConnect',
  shared: 'Poste partagé\u00a0: la session se ferme après 30\u00a0minutes sans activité, et rien n’est gardé sur ce poste.',
  notShared: 'Vous n’êtes pas sur votre poste\u202f?',
  makeShared: 'Se connecter sur un poste partagé',
  makeOwn: 'C’est mon poste',
  errors: {
    expired: 'La connexion a pris trop de temps. Recommencez.',
    left: 'Ce compte n’a plus accès au bureau. Adressez-vous à l’administrateur de votre collectivité.',
    unknown_organisation: 'Votre collectivité n’utilise pas Écritoire\u00a0: aucun bureau n’a été ouvert.',
    refused: 'Votre identité n’a pas pu être reliée à un bureau. Adressez-vous à l’administrateur de votre collectivité.',
    denied: 'Vous avez annulé la connexion, ou le fournisseur d’identité l’a refusée.',
    unavailable: 'La connexion n’est pas possible pour l’instant. Réessayez dans quelques minutes.',
    ended: 'Votre session est terminée. Connectez-vous de nouveau.',
  } as Readonly<Record<string, string>>,
  error: 'La connexion n’a pas abouti. Réessayez.',
  signedOut: 'Vous êtes déconnecté.',
};

export const footer = {
  label: 'Pied de page',
  accessibility: 'Accessibilité\u00a0: non conforme',
  personal: 'Données personnelles',
  licence: 'Licence et code source',
  funders: 'Avec le soutien de',
};

export const failure = {
  title: 'Cette page n’a pas pu être affichée',
  notFound: 'Cette page n’existe pas',
  notFoundMore: 'L’adresse est peut-être incomplète, ou la page a changé de place.',
  more: 'Réessayez dans un instant. Si cela se répète, donnez ce code à votre support\u00a0:',
  home: 'Revenir au bureau',
};

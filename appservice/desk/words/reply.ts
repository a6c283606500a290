/** What the desk bot answers to what is typed in a desk room. */
import { shorten } from '../text.ts';
import { list, NBSP, NNBSP, quote } from './typography.ts';

/** « Viser… » within a sentence: « viser »; « PV signé » stays as it is. */
const verb = (label: string): string => {
  const bare = label.replace(/\s*…$/u, '');
  return /^\p{Lu}{2}/u.test(bare) ? bare : bare.charAt(0).toLocaleLowerCase('fr-FR') + bare.slice(1);
};

/** What she typed may be as long as a message. */
const SAID_MAX = 200; // code points
const quoteShort = (said: string): string => quote(shorten(said, SAID_MAX));

const untouched = (tool: string): string => `Rien n’a été fait dans ${tool}.`;

/** A function, as all of these: what is computed at once would be in every page. */
const help = (): string =>
  [
    'Répondez au message d’un objet, ou posez-y une réaction\u00a0:',
    `•${NBSP}${quote('fait')} ou ✅${NBSP}: le mettre de côté chez vous (rien n’est fait dans l’outil)`,
    `•${NBSP}${quote('reporter lundi 9h')} ou ⏰${NBSP}: il revient à ce moment-là`,
    `•${NBSP}${quote('vu')} ou 👀${NBSP}: vous l’avez vu`,
    `•${NBSP}${quote('remettre')} ou ↩${NBSP}: il revient dans votre liste`,
    `•${NBSP}${quote('note …')}${NBSP}: une note pour vous`,
    `•${NBSP}le nom d’une action de l’outil, ${quote('viser')} ou ${quote('rejeter pièce manquante')}${NBSP}: elle est faite dans l’outil, après votre ${quote('oui')} quand elle engage`,
    `•${NBSP}${quote('annuler')}${NBSP}: ce qui allait partir est arrêté, sinon votre dernière décision est reprise`,
  ].join('\n');

export const REPLIES = {
  help,
  /** Pinned in each desk room. */
  welcome: (): string =>
    `Votre bureau se tient aussi d’ici, depuis n’importe quel client Matrix. ${help()}\nPour relire ces lignes${NBSP}: ${quote('aide')}.`,
  moment: {
    impossible: (said: string): string => `${quoteShort(said)} n’existe pas${NBSP}: l’objet n’est pas reporté.`,
    far: (said: string): string => `${quoteShort(said)} est dans plus de dix ans${NBSP}: l’objet n’est pas reporté.`,
    past: (said: string): string => `${quoteShort(said)} est déjà passé${NBSP}: l’objet n’est pas reporté.`,
    hourless: (said: string): string =>
      `À quelle heure, ${quoteShort(said)}${NNBSP}? Le matin est passé${NBSP}: l’objet n’est pas reporté. Dites par exemple ${quote('reporter 17h')}.`,
    unreadable: (said: string): string =>
      `Je ne comprends pas ${quoteShort(said)}${NBSP}: l’objet n’est pas reporté. Dites par exemple ${quote('reporter lundi 9h')}.`,
  },
  /** A word of the desk's by itself. */
  whichMessage: `De quel objet parlez-vous${NNBSP}? Répondez à son message. Rien n’a changé.`,
  /** Her message, changed after it was read. */
  edited: `Modifier un message n’y change rien ici${NBSP}: c’est ce que vous aviez écrit d’abord qui compte. Pour demander autre chose, écrivez un nouveau message.`,
  nothingToCancel: 'Rien à annuler.',
  /** Two actions fit what she typed. */
  ambiguous: (labels: readonly string[], tool: string): string =>
    `Plusieurs actions s’appellent ainsi${NBSP}: ${list(labels.map(quote), 8)}. Laquelle${NNBSP}? ${untouched(tool)}`,
  /** Several items offer what she named. */
  whichItem: (label: string, titles: readonly string[]): string =>
    `${quote(label)} est possible pour ${list(titles.map(quote), 5)}. Répondez au message de celui que vous voulez. Rien n’a été fait.`,
  /** Before an action that has to be confirmed; `said`: what she typed after its name. */
  confirm: ({ label, title, tool, said }: { label: string; title: string; tool: string; said: string }): string =>
    `Répondez ${quote('oui')} pour ${verb(label)} ${quote(title)} dans ${tool}${said === '' ? '' : `, avec ${quoteShort(said)}`}. Sans réponse sous 15${NBSP}minutes, rien n’est fait.`,
  whichYes: (asked: readonly { label: string; title: string }[]): string =>
    `Plusieurs demandes attendent votre ${quote('oui')}${NBSP}: ${list(
      asked.map(({ label, title }) => `${verb(label)} ${quote(title)}`),
      5,
    )}. Répondez au message de celle que vous voulez. Rien n’a été fait.`,
  /** « oui » after other words. */
  toWhich: (asked: readonly { label: string; title: string }[]): string =>
    `À quoi${NNBSP}? Votre ${quote('oui')} est attendu pour ${list(
      asked.map(({ label, title }) => `${verb(label)} ${quote(title)}`),
      5,
    )}${NBSP}: répondez au message où c’est demandé. Rien n’a été fait.`,
  /** Something else in answer to the question. */
  neither: (label: string, tool: string): string =>
    `Ce n’est ni ${quote('oui')} ni ${quote('non')}. ${untouched(tool)} Répondez ${quote('oui')} pour ${verb(label)}, ${quote('non')} pour y renoncer.`,
  expired: (label: string, tool: string): string =>
    `Votre ${quote('oui')} arrive trop tard${NBSP}: la confirmation de ${quote(label)} a expiré. ${untouched(tool)} Demandez-le de nouveau.`,
  overAlready: (label: string, tool: string): string =>
    `${quote(label)} n’attend plus de réponse${NBSP}: c’est déjà répondu ou abandonné. Rien de plus n’est fait dans ${tool}.`,
  /** « non » after the « oui », or after the quarter of an hour. */
  answeredAlready: (label: string): string =>
    `${quote(label)} n’attend plus de réponse. Répondez ${quote('annuler')} pour l’arrêter, si ce n’est pas encore parti.`,
  dropped: (labels: readonly string[], tool: string): string =>
    `${list(labels.map(quote), 5)} abandonné${labels.length > 1 ? 's' : ''}. ${untouched(tool)}`,
  /** « oui » in answer to an item about which nothing was asked, or is any more. */
  nothingAsked: (tool: string): string => `Rien n’attend votre ${quote('oui')} pour cet objet. Rien de plus n’est fait dans ${tool}.`,
  /** A word or two in answer to an item, that name nothing it offers. */
  notOffered: ({ said, labels, tool }: { said: string; labels: readonly string[]; tool: string }): string => {
    const offered = [...labels.map(verb), 'fait', 'reporter', 'aide'].map(quote).join(', ');
    return `Je ne comprends pas ${quoteShort(said)} pour cet objet. ${untouched(tool)} Vous pouvez répondre${NBSP}: ${offered}.`;
  },
  needsText: ({ label, field, tool, min, max }: { label: string; field: string; tool: string; min: number; max: number }): string =>
    `Pour ${verb(label)}, répondez ${quote(`${verb(label)} …`)} avec ${quote(field)}, de ${Math.max(1, min)} à ${max}${NBSP}signes. ${untouched(tool)}`,
  /** An action that needs more than one text. */
  atDesk: (label: string, tool: string): string => `${quote(label)} se remplit sur votre bureau, ou dans l’outil. ${untouched(tool)}`,
  atTool: (label: string, href: string, tool: string): string => `${quote(label)} se fait dans ${tool}${NBSP}: ${href}\n${untouched(tool)}`,
};

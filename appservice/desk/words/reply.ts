/** What the desk bot answers to what is typed in a desk room. */
import { list, NBSP, NNBSP, quote } from './typography.ts';

const untouched = (tool: string): string => `Rien n’a été fait dans ${tool}.`;

export const REPLIES = {
  help: [
    'Répondez au message d’un objet, ou posez-y une réaction\u00a0:',
    `•${NBSP}${quote('fait')} ou ✅${NBSP}: le mettre de côté chez vous (rien n’est fait dans l’outil)`,
    `•${NBSP}${quote('reporter lundi 9h')} ou ⏰${NBSP}: il revient à ce moment-là`,
    `•${NBSP}${quote('vu')} ou 👀${NBSP}: vous l’avez vu`,
    `•${NBSP}${quote('remettre')} ou ↩${NBSP}: il revient dans votre liste`,
    `•${NBSP}${quote('note …')}${NBSP}: une note pour vous`,
    `•${NBSP}le nom d’une action de l’outil, quand elle n’engage à rien${NBSP}: elle est faite`,
    `•${NBSP}${quote('annuler')}${NBSP}: votre dernière décision est reprise`,
  ].join('\n'),
  moment: {
    impossible: (said: string): string => `${quote(said)} n’existe pas${NBSP}: l’objet n’est pas reporté.`,
    past: (said: string): string => `${quote(said)} est déjà passé${NBSP}: l’objet n’est pas reporté.`,
    unreadable: (said: string): string =>
      `Je ne comprends pas ${quote(said)}${NBSP}: l’objet n’est pas reporté. Dites par exemple ${quote('reporter lundi 9h')}.`,
  },
  nothingToCancel: 'Rien à annuler.',
  /** Two actions fit what she typed. */
  ambiguous: (labels: readonly string[], tool: string): string =>
    `Plusieurs actions s’appellent ainsi${NBSP}: ${list(labels.map(quote), 8)}. Laquelle${NNBSP}? ${untouched(tool)}`,
  /** An action that has to be confirmed is not run from here. */
  atDesk: (label: string, tool: string): string => `${quote(label)} se confirme sur votre bureau, ou dans l’outil. ${untouched(tool)}`,
  atTool: (label: string, href: string, tool: string): string => `${quote(label)} se fait dans ${tool}${NBSP}: ${href}\n${untouched(tool)}`,
};

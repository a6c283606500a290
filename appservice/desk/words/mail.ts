/** The mails that the desk sends; plain sentences, put into a letter by `appservice/mail`. */
import { list, NBSP, quote } from './typography.ts';

export const CODE_MAIL = {
  subject: 'Votre code pour Écritoire',
  hello: 'Bonjour,',
  asks: ({ who, organisations, mail }: { who: string; organisations: readonly string[]; mail: string }): string =>
    `${who} (${list(organisations)}) demande que ce qui est adressé à ${mail} arrive aussi sur son bureau Écritoire.`,
  code: `Le code à taper dans ${quote('Mes outils')}${NBSP}:`,
  until: ({ minutes, until }: { minutes: number; until: string }): string =>
    `Il vaut ${String(minutes)}${NBSP}minutes, jusqu’à ${until}, et ne sert qu’une fois.`,
  notYou: `Si ce n’est pas vous, ignorez ce message${NBSP}: sans ce code, rien ne change. Ne le donnez à personne.`,
} as const;

/** Said on the desk of the one before. */
export const MAIL_MOVED = (mail: string): string =>
  `Ce qui est adressé à ${mail} arrive désormais sur le bureau d’une autre personne, qui a prouvé en lire le courrier. Si c’est une erreur, prouvez de nouveau cette adresse dans ${quote('Mes outils')}.`;

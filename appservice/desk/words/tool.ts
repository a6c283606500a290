/** What a person is told of her accounts at tools and of what she asked of them. What did not happen there is said. */
import { count, NBSP, quote } from './typography.ts';

const nothing = (tool: string): string => `Rien n’a été fait dans ${tool}.`;

/** `tool` is the connection's label; `words` what the tool itself said. */
export const TOOL_WORDS = {
  moreRejected: (more: number): string => `${count(more, 'autre ligne inutilisable', 'autres lignes inutilisables')} de la même lecture`,
  accountRefused: (tool: string): string =>
    `${tool} n’accepte plus votre compte${NBSP}: ce qui vous y attend n’arrive plus ici. Reliez-le à nouveau dans «${NBSP}Mes outils${NBSP}».`,
  relink: (tool: string): string => `Relier de nouveau votre compte ${tool}`,
  relinkHere: 'Relier mon compte',
  noAccount: (tool: string): string =>
    `Demande refusée${NBSP}: votre compte dans ${tool} n’est pas relié, ou n’y est plus accepté. ${nothing(tool)}`,
  confirmed: ({ label, tool }: { label: string; tool: string }): string => `${quote(label)}${NBSP}: c’est fait dans ${tool}.`,
  accepted: ({ label, tool }: { label: string; tool: string }): string =>
    `${quote(label)}${NBSP}: ${tool} a reçu la demande et dira quand c’est fait.`,
  refusedByTool: (tool: string, words: string | undefined): string =>
    words === undefined ? `${tool} a refusé. ${nothing(tool)}` : `${tool} a refusé et répond${NBSP}: ${quote(words)}. ${nothing(tool)}`,
  moved: (tool: string): string =>
    `Demande refusée${NBSP}: l’objet a changé dans ${tool} entre-temps. Relisez-le avant d’agir. ${nothing(tool)}`,
  stale: (tool: string): string => `Demande refusée${NBSP}: elle a plus de 15${NBSP}minutes. ${nothing(tool)}`,
  busy: (tool: string): string => `Demande refusée${NBSP}: une autre est déjà en cours pour cet objet. ${nothing(tool)}`,
  input: ({ field, tool }: { field: string; tool: string }): string =>
    `Demande refusée${NBSP}: le champ ${quote(field)} manque ou ne convient pas. ${nothing(tool)}`,
  link: (tool: string): string => `Cette action se fait dans ${tool} même${NBSP}: ouvrez-y l’objet. Rien n’y a été fait d’ici.`,
  closed: (tool: string): string => `Demande refusée${NBSP}: plus rien n’est attendu pour cet objet. ${nothing(tool)}`,
  doneBy: ({ by, tool }: { by: string; tool: string }): string =>
    `Demande sans objet${NBSP}: ${by} vient de le faire dans ${tool}. Rien n’y a été fait une seconde fois.`,
  failed: (tool: string): string =>
    `La demande a échoué${NBSP}: ${tool} ne répond pas. Rien n’y a été fait${NBSP}; vous pouvez recommencer.`,
  /** It can still be called back. */
  window: ({ label, tool, seconds }: { label: string; tool: string; seconds: number }): string =>
    `${quote(label)} part dans ${seconds}${NBSP}s vers ${tool}. Répondez ${quote('annuler')} pour l’arrêter.`,
  calledBack: ({ label, tool }: { label: string; tool: string }): string => `${quote(label)} annulé. ${nothing(tool)}`,
  tooLate: ({ label, tool }: { label: string; tool: string }): string =>
    `Trop tard pour annuler ${quote(label)}${NBSP}: la demande est déjà partie vers ${tool}.`,
  asleep: ({ label, tool }: { label: string; tool: string }): string =>
    `${quote(label)} n’est pas parti${NBSP}: le bureau était arrêté quand le délai d’annulation a pris fin. ${nothing(tool)} Demandez-le de nouveau.`,
  doneAlready: ({ label, tool }: { label: string; tool: string }): string =>
    `${quote(label)} était déjà demandé depuis un autre écran, et fait dans ${tool}. Rien n’y a été fait une seconde fois.`,
  unknown: (tool: string): string => `Le résultat n’est pas connu. Vérifiez dans ${tool} avant de recommencer.`,
} as const;

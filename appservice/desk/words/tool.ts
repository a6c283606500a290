/** What a person is told of her accounts at tools and of what she asked of them. What did not happen there is said. */
import { capital, count, NBSP, quote } from './typography.ts';

const nothing = (tool: string): string => `Rien n’a été fait dans ${tool}.`;

type PartlySaid = {
  label: string;
  tool: string;
  done: number;
  of: number;
  isLater: boolean;
  texts: readonly { text: string; tool: string }[];
};

const REFUSED = `Demande refusée${NBSP}: `;

/** What is said of one of several, where it was done for others: how it began and that nothing was done is said already. */
const bare = (text: string, tool: string): string => text.replace(REFUSED, '').replace(nothing(tool), '').trim();

/** `tool` is the connection's label; `words` what the tool itself said. */
export const TOOL_WORDS = {
  moreRejected: (more: number): string => `${count(more, 'autre ligne inutilisable', 'autres lignes inutilisables')} de la même lecture`,
  accountRefused: (tool: string): string =>
    `${tool} n’accepte plus votre compte${NBSP}: ce qui vous y attend n’arrive plus ici. Reliez-le à nouveau dans «${NBSP}Mes outils${NBSP}».`,
  relink: (tool: string): string => `Relier de nouveau votre compte ${tool}`,
  relinkHere: 'Relier mon compte',
  noAccount: (tool: string): string => `${REFUSED}votre compte dans ${tool} n’est pas relié, ou n’y est plus accepté. ${nothing(tool)}`,
  confirmed: ({ label, tool }: { label: string; tool: string }): string => `${quote(label)}${NBSP}: c’est fait dans ${tool}.`,
  accepted: ({ label, tool }: { label: string; tool: string }): string =>
    `${quote(label)}${NBSP}: ${tool} a reçu la demande et dira quand c’est fait.`,
  /** One request for several items, and not done for all of them; `texts`: why, by the tool of each. */
  partly: ({ label, tool, done, of, isLater, texts }: PartlySaid): string => {
    const items = `${done}${NBSP}${done < 2 ? 'objet' : 'objets'} sur ${of}`;
    const said = isLater
      ? `${quote(label)}${NBSP}: la demande est reçue dans ${tool} pour ${items}`
      : `${quote(label)}${NBSP}: c’est fait dans ${tool} pour ${items}`;
    const reasons = [...new Set(texts.map((one) => bare(one.text, one.tool)))].slice(0, 3);
    return `${said}, pas pour ${of - done < 2 ? 'l’autre' : 'les autres'}. ${reasons.map(capital).join(' ')}`.trim();
  },
  refusedByTool: (tool: string, words: string | undefined): string =>
    words === undefined ? `${tool} a refusé. ${nothing(tool)}` : `${tool} a refusé et répond${NBSP}: ${quote(words)}. ${nothing(tool)}`,
  moved: (tool: string): string => `${REFUSED}l’objet a changé dans ${tool} entre-temps. Relisez-le avant d’agir. ${nothing(tool)}`,
  stale: (tool: string): string => `${REFUSED}elle a plus de 15${NBSP}minutes. ${nothing(tool)}`,
  busy: (tool: string): string => `${REFUSED}une autre est déjà en cours pour cet objet. ${nothing(tool)}`,
  input: ({ field, tool }: { field: string; tool: string }): string =>
    `${REFUSED}le champ ${quote(field)} manque ou ne convient pas. ${nothing(tool)}`,
  link: (tool: string): string => `Cette action se fait dans ${tool} même${NBSP}: ouvrez-y l’objet. Rien n’y a été fait d’ici.`,
  closed: (tool: string): string => `${REFUSED}plus rien n’est attendu pour cet objet. ${nothing(tool)}`,
  /** `other`: what a colleague did instead of what was asked. */
  doneBy: ({ by, tool, other }: { by: string; tool: string; other?: string | undefined }): string =>
    other === undefined
      ? `Demande sans objet${NBSP}: ${by} vient de le faire dans ${tool}. Rien n’y a été fait une seconde fois.`
      : `Demande sans objet${NBSP}: ${by} vient de choisir ${quote(other)} dans ${tool}. Rien d’autre n’y a été fait.`,
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

/** The catalogue of what is asked of tools, part of fr.ts. Nothing here says « fait » before the tool has. */
const named = (label: string): string => `«\u00a0${label}\u00a0»`;

export const act = {
  named,
  group: 'Agir dans l’outil',
  sending: (label: string, tool: string) => `${named(label)}\u00a0: envoi à ${tool}…`,
  checking: (label: string, tool: string) => `${named(label)}\u00a0: vérification dans ${tool}…`,
  window: (label: string, seconds: number) => `${named(label)} dans ${seconds}\u00a0s`,
  windowOpen: (label: string, seconds: number) => `${named(label)} dans ${seconds}\u00a0secondes. Échap ou Z pour annuler.`,
  sent: (label: string, tool: string) => `${named(label)}\u00a0: envoyé, ${tool} n’a pas encore confirmé.`,
  sentShort: 'envoyé…',
  waitingShort: 'en attente…',
  ended: (label: string, tool: string, outcome: string, text: string | undefined) =>
    text ?? act.outcomes[outcome]?.(label, tool) ?? `${named(label)}\u00a0: ${outcome}`,
  outcomes: {
    confirmed: (label: string, tool: string) => `${named(label)}\u00a0: c’est fait dans ${tool}.`,
    refused: (label: string, tool: string) => `${named(label)}\u00a0: refusé. Rien n’a été fait dans ${tool}.`,
    failed: (label: string, tool: string) => `${named(label)}\u00a0: échoué. Rien n’a été fait dans ${tool}.`,
    unknown: (label: string, tool: string) => `${named(label)}\u00a0: le résultat n’est pas connu. Vérifiez dans ${tool}.`,
  } as Readonly<Record<string, (label: string, tool: string) => string>>,
  short: { refused: 'refusé', failed: 'échoué', unknown: 'à vérifier' } as Readonly<Record<string, string>>,
  cancel: 'Annuler',
  cancelThis: (label: string, title: string) => `\u00a0: ${label}, ${title}`,
  callingBack: (label: string) => `${named(label)}\u00a0: annulation demandée.`,
  notSent: (label: string, tool: string) =>
    `${named(label)} n’est pas parti\u00a0: votre demande n’a pas été acceptée. Rien n’a été fait dans ${tool}.`,
  notCalledBack: (label: string) => `L’annulation de ${named(label)} n’a pas été acceptée. Vérifiez ce qui en est advenu.`,
  again: 'Réessayer',
  byYou: 'par vous',
  by: (name: string) => `par ${name}`,
  onBehalfOf: (name: string) => `pour ${name}`,
  through: {
    action: 'depuis le bureau',
    reply: 'depuis un client Matrix',
    reaction: 'depuis un client Matrix',
  } as Readonly<Record<string, string>>,
  checkIn: (tool: string) => `Vérifier dans ${tool}`,
  // The dialog
  onItem: (title: string, tool: string) => `${title} – ${tool}`,
  lengths: (min: number, max: number) => (min > 1 ? `De ${min} à ${max}\u00a0signes.` : `${max}\u00a0signes au plus.`),
  count: (n: number, max: number) => `${n}\u00a0/\u00a0${max}`,
  numbers: (min: number | undefined, max: number | undefined) =>
    min !== undefined && max !== undefined
      ? `De ${min} à ${max}.`
      : min !== undefined
        ? `${min} au moins.`
        : max !== undefined
          ? `${max} au plus.`
          : '',
  optional: (name: string) => `${name} (facultatif)`,
  required: (name: string) => `Remplissez le champ «\u00a0${name}\u00a0».`,
  misfit: (name: string) => `Le champ «\u00a0${name}\u00a0» ne convient pas.`,
  choose: 'Choisissez',
  undoAfter: (seconds: number) => `Vous aurez ${seconds}\u00a0secondes pour l’annuler.`,
  atOnce: 'La question vous sera posée une seconde fois, puis la demande part aussitôt.',
  sure: (label: string, tool: string) => `${named(label)} part aussitôt vers ${tool}. C’est bien ce que vous voulez\u202f?`,
  yes: (label: string) => `Oui, ${label.charAt(0).toLocaleLowerCase('fr')}${label.slice(1)}`,
  back: 'Revenir',
  close: 'Ne rien faire',
  moved: (tool: string) => `Cet élément a changé dans ${tool} pendant que vous lisiez. Fermez, relisez-le, puis recommencez.`,
  busy: 'Une demande est déjà en cours pour cet élément.',
};

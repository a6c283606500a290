/** The catalogue of what is asked of tools, part of fr.ts. Nothing here says « fait » before the tool has. */
const named = (label: string): string => `«\u00a0${label}\u00a0»`;

export const act = {
  named,
  of: (label: string, title: string) => `${label} – ${title}`,
  group: 'Agir dans l’outil',
  sending: (label: string, tool: string) => `${named(label)}\u00a0: envoi à ${tool}…`,
  checking: (label: string, tool: string) => `${named(label)}\u00a0: vérification dans ${tool}…`,
  window: (label: string, seconds: number) => `${named(label)} dans ${seconds}\u00a0s`,
  windowOpen: (label: string, seconds: number) => `${named(label)} dans ${seconds}\u00a0secondes. Échap ou Z pour annuler.`,
  held: (label: string) => `${named(label)}\u00a0: en attente de connexion. Rien n’est encore parti.`,
  heldShort: 'en attente de connexion',
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
  callBackHeld: (label: string) => `${named(label)}\u00a0: annulation en attente de connexion. Elle peut arriver trop tard.`,
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
};

/** The catalogue of why an item is here, and of what is not to be heard of; fetched with the item’s pane and the settings. */
const quoted = (text: string): string => `«\u00a0${text}\u00a0»`;

export const why = {
  title: 'Pourquoi je vois ça',
  reason: (tool: string, reason: string | undefined) =>
    reason === undefined ? `${tool} vous l’a adressé.` : `${tool} vous l’a adressé\u00a0: ${reason}.`,
  own: 'Vous avez ajouté cette tâche vous-même\u00a0: aucun outil ne la connaît.',
  arrived: (when: string) => `Arrivé sur votre bureau ${when}.`,
  urgent: 'Il est urgent\u00a0: il n’est jamais mis en sourdine.',
  contact: (tool: string, said: string) => `${tool}\u00a0: dernier contact ${said}`,
  silent: (tool: string, said: string) => `${tool}\u00a0: sans nouvelle depuis ${said}, cet élément peut avoir changé`,
  noContact: (tool: string) => `${tool}\u00a0: pas encore de contact`,
};

export const mutes = {
  group: 'Mettre en sourdine',
  more: 'Ce qui est en sourdine reste en bas de la liste et dans les nombres, sans être annoncé. L’urgent reste toujours visible.',
  item: 'Cet élément seulement',
  dossier: (name: string) => `Tout le dossier ${name}`,
  kind: (kind: string, tool: string) => `${quoted(kind)} de ${tool}`,
  tool: (tool: string) => `Tout ce qui vient de ${tool}`,
  labels: {
    item: (title: string) => quoted(title),
    dossier: (name: string) => `Dossier ${name}`,
    kind: (kind: string, tool: string) => `${quoted(kind)} de ${tool}`,
    tool: (tool: string) => `Tout ${tool}`,
  },
  is: (label: string) => `En sourdine\u00a0: ${label}.`,
  lift: 'Ne plus mettre en sourdine',
  liftThis: (label: string) => `Ne plus mettre en sourdine\u00a0: ${label}`,
  muted: (label: string) => `${label}\u00a0: en sourdine. Rien n’a changé dans l’outil.`,
  lifted: (label: string) => `${label}\u00a0: de nouveau entendu.`,
  failed: 'La sourdine n’a pas pu être enregistrée. Réessayez dans un instant.',
  tooMany: (n: number) => `${n}\u00a0sourdines au plus\u00a0: retirez-en une dans les réglages.`,
  settings: 'En sourdine',
  none: 'Rien n’est en sourdine. Le détail d’un élément le propose, sous «\u00a0Pourquoi je vois ça\u00a0».',
};

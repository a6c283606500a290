/** The catalogue of the dialog that asks before something is done at a tool; fetched with it. */
const named = (label: string): string => `«\u00a0${label}\u00a0»`;

export const dialog = {
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

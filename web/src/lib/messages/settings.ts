/** The catalogue of the settings’ page, part of fr.ts. */
export const settings = {
  title: 'Réglages',
  accounts: 'Vos comptes dans les outils\u00a0:',
  undo: 'Avant qu’une action engage',
  undoMore: 'Viser, valider, refuser… partent vers l’outil après un délai pendant lequel vous pouvez les annuler.',
  seconds: (n: number) => `${n}\u00a0secondes pour annuler`,
  twice: 'Me demander deux fois, puis partir aussitôt',
  keys: 'Raccourcis clavier',
  letters: 'Raccourcis d’une seule touche',
  lettersMore: 'Sans eux restent les flèches, Échap et Ctrl\u00a0K.',
  keyFor: (act: string) => `Touche pour\u00a0: ${act}`,
  usual: 'Touches habituelles',
  save: 'Enregistrer',
  saved: 'Réglages enregistrés.',
  failed: 'Les réglages n’ont pas pu être enregistrés. Réessayez dans un instant.',
  twiceKey: (key: string) => `La touche ${key.toUpperCase()} sert à deux actions. Choisissez-en une autre.`,
  noKey: (key: string) => `«\u00a0${key}\u00a0» ne convient pas\u00a0: une lettre, un chiffre ou un signe, sauf G.`,
};

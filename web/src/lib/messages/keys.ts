/** The catalogue of the list of keys and of the palette, part of fr.ts. */
export const keys = {
  title: 'Raccourcis clavier',
  more: 'Sans effet pendant que vous écrivez dans un champ.',
  change: 'Les changer ou les désactiver',
  close: 'Fermer',
  unreachable: 'Ceci n’a pas pu être chargé. Réessayez quand la connexion est revenue.',
  nothing: 'Rien ne correspond.',
  escape: 'Échap',
  then: 'puis',
  sections: { move: 'Se déplacer', item: 'Sur l’élément', go: 'Aller à', page: 'La page' },
};

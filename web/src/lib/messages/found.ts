/** The catalogue of what a search finds in rooms; fetched with it. */
export const found = {
  title: (n: number, more: boolean) =>
    n === 0 ? 'Messages' : `Messages\u00a0: ${more ? `plus de ${n} résultats` : n < 2 ? `${n} résultat` : `${n} résultats`}`,
  searching: 'Recherche dans vos salons…',
  none: (words: string) => `Aucun message de vos salons ne contient «\u00a0${words}\u00a0».`,
  failed: 'Les messages n’ont pas pu être cherchés. Réessayez dans un instant.',
  tooMany: 'Trop de recherches à la suite\u00a0: réessayez dans quelques secondes.',
  impossible: 'Votre serveur ne permet pas de chercher dans les messages.',
  again: 'Réessayer',
  more: 'Afficher plus de messages',
  in: (room: string) => `dans ${room}`,
  tooOld: 'Ce message est trop loin dans le fil pour être affiché ici.',
};

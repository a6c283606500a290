/** The catalogue of what is found in the store, part of fr.ts. */
import { plural } from './plural.ts';

export const results = {
  results: (n: number, words: string) => `Dossiers\u00a0: ${plural(n, 'résultat', 'résultats')} pour «\u00a0${words}\u00a0»`,
  everywhere: (words: string) => `Rechercher «\u00a0${words}\u00a0» partout, éléments terminés compris`,
  none: (words: string) => `Aucun élément ne contient «\u00a0${words}\u00a0».`,
  searching: 'Recherche…',
  failed: 'La recherche n’est pas possible pour l’instant. Réessayez dans un instant.',
  closedTitle: 'Terminés',
  closedEmpty: 'Rien n’est terminé pour l’instant.',
};

/** The catalogue of the first visit, part of fr.ts. */
export const firstVisit = {
  title: 'Voici votre bureau',
  sentences: (organisation: string) => [
    `Dès qu’un outil de ${organisation} attend quelque chose de vous, cela apparaît ici, sans recharger la page.`,
    'Mettre de côté ou reporter range votre bureau\u202f; rien n’est fait dans l’outil tant que vous n’y avez pas agi.',
    'Le fil garde la trace de tout, et se lit aussi depuis un autre client Matrix.',
  ],
  start: 'C’est parti',
};

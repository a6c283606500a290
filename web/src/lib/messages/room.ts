/** The catalogue of one of her other rooms, part of fr.ts. */
export const room = {
  unknown: 'Ce salon n’existe pas, ou vous n’en êtes pas membre.',
  invited: 'Vous êtes invité à rejoindre ce salon.',
  join: 'Rejoindre',
  write: 'Votre message',
  placeholder: (name: string) => `Écrire dans ${name}`,
  older: 'Afficher les messages précédents',
  readOnly: 'Vous pouvez lire ce salon, pas y écrire.',
  encrypted: 'Ce salon est chiffré\u00a0: ses messages se lisent dans votre client Matrix.',
  unreadable: 'Message chiffré, lisible dans votre client Matrix.',
  image: (name: string) => `Image\u00a0: ${name}`,
  file: (name: string) => `Fichier\u00a0: ${name}`,
};

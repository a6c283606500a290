/** The catalogue of the desk as a conversation, part of fr.ts. */
import { plural } from './plural.ts';

export const thread = {
  title: 'Fil du bureau',
  label: 'Fil',
  toDo: 'À traiter',
  switch: 'Vue du bureau',
  older: 'Afficher les messages précédents',
  beginning: 'Le fil commence ici.',
  empty: 'Rien encore dans ce fil.',
  write: 'Votre message',
  placeholder: 'Écrire dans votre fil',
  send: 'Envoyer',
  elsewhere: 'Tout ce qui est écrit ici se lit aussi depuis votre client Matrix.',
  edited: (at: string) => `, modifié ${at}`,
  didAside: (title: string) => `Vous avez mis de côté «\u00a0${title}\u00a0».`,
  didSnooze: (title: string) => `Vous avez reporté «\u00a0${title}\u00a0».`,
  didRestore: (title: string) => `Vous avez remis «\u00a0${title}\u00a0» à traiter.`,
  about: 'À propos de',
  done: (closed: string, act: string, who: string, at: string) => `${closed} · ${act} ${who}, ${at}`,
  several: (n: number) => plural(n, 'élément', 'éléments'),
  sending: 'envoi en cours…',
  failed: 'Ce message n’est pas parti.',
  desks: 'Bureaux',
};

/** The catalogue of what she decided of an item, in its history; fetched with the item’s pane. */
import { plural } from './plural.ts';

export const history = {
  did: {
    'desk.aside': 'Mis de côté par vous',
    'desk.restore': 'Remis à traiter par vous',
    'desk.snooze': 'Reporté par vous',
    'desk.pin': 'Épinglé par vous',
    'desk.unpin': 'Désépinglé par vous',
    'desk.seen': 'Vu par vous',
    'desk.unseen': 'Marqué comme non vu par vous',
    'desk.note': 'Note écrite par vous',
    'desk.task': 'Tâche ajoutée par vous',
    end: 'Tâche terminée par vous',
  } as const,
  others: (n: number) => (n === 0 ? '' : `, avec ${plural(n, 'autre', 'autres')}`),
  elsewhere:
    'Ce que vous avez décidé plus tôt, ou écrit dans le fil, n’est pas dans cette liste\u00a0: les boutons de l’élément le défont.',
  undoThis: (text: string) => `\u00a0: ${text}`,
};

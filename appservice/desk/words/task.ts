/** What the desk bot answers about tasks of one's own. */
import { NBSP, quote } from './typography.ts';

export const TASK_WORDS = {
  made: (title: string): string => `Tâche ajoutée${NBSP}: ${quote(title)}.`,
  ended: 'Tâche terminée.',
  undone: `Annulé${NBSP}: votre liste est comme avant.`,
  over: `Demande refusée${NBSP}: cette tâche est déjà terminée.`,
  unreadable: `Tâche refusée${NBSP}: il lui faut un titre, et son échéance doit être une date qui existe. Rien n’a été ajouté.`,
} as const;

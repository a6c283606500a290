/** The catalogue of her own tasks, part of fr.ts. */
export const task = {
  add: 'Ajouter une tâche',
  title: 'Ce qu’il y a à faire',
  due: 'Échéance (facultatif)',
  desk: 'Bureau',
  needsTitle: 'Dites ce qu’il y a à faire.',
  keep: 'Ajouter',
  cancel: 'Ne rien ajouter',
};

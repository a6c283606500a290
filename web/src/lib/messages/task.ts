/** The catalogue of her own tasks, part of fr.ts. */
export const task = {
  add: 'Ajouter une tâche',
  title: 'Ce qu’il y a à faire',
  due: 'Échéance (facultatif)',
  desk: 'Bureau',
  needsTitle: 'Dites ce qu’il y a à faire.',
  tooLong: (n: number, max: number) => `C’est trop long\u00a0: ${n}\u00a0signes, ${max} au plus.`,
  dueFaults: {
    impossible: (said: string) => `«\u00a0${said}\u00a0» n’existe pas\u00a0: donnez une autre échéance.`,
    far: (said: string) => `«\u00a0${said}\u00a0» est dans plus de dix ans\u00a0: donnez une autre échéance.`,
    past: (said: string) => `«\u00a0${said}\u00a0» est déjà passé\u00a0: donnez une autre échéance.`,
    hourless: (said: string) => `À quelle heure, «\u00a0${said}\u00a0»\u202f? Le matin est passé\u00a0: donnez une autre échéance.`,
    unreadable: (said: string) => `«\u00a0${said}\u00a0» n’est pas compris\u00a0: donnez une autre échéance.`,
  },
  keep: 'Ajouter',
  cancel: 'Ne rien ajouter',
};

/** The catalogue of filters and views; fetched with their bar. */
export const filters = {
  label: 'Filtres et vues',
  active: 'Filtres en place',
  kinds: { outil: 'Outil', dossier: 'Dossier', echeance: 'Échéance', organisation: 'Organisation', etat: 'État' },
  due: {
    retard: 'En retard',
    jour: 'Aujourd’hui',
    semaine: 'Cette semaine',
    'plus-tard': 'Plus tard',
    aucune: 'Sans échéance',
  } as Readonly<Record<string, string>>,
  state: {
    nouveau: 'Nouveau',
    urgent: 'Urgent',
    'a-faire': 'À faire',
    'en-cours': 'En cours',
    'en-attente': 'En attente',
    termine: 'Terminé',
    annule: 'Annulé',
    expire: 'Expiré',
  } as Readonly<Record<string, string>>,
  chip: (kind: string, value: string) => `${kind}\u00a0: ${value}`,
  remove: 'Retirer le filtre',
  all: 'Tout montrer',
  any: 'Choisir…',
  count: (n: number) => (n < 2 ? `${n} élément affiché` : `${n} éléments affichés`),
  option: (label: string, n: number) => `${label} (${n})`,
  close: 'Fermer les filtres',
  none: 'Rien ne correspond à ces filtres.',
};

export const views = {
  label: 'Mes vues',
  name: 'Nom de la vue',
  save: 'Garder cette vue',
  rename: 'Renommer',
  remove: 'Supprimer la vue',
  key: (key: string) => `G puis ${key}`,
  saved: (name: string, key: string | undefined) =>
    `Vue «\u00a0${name}\u00a0» gardée${key === undefined ? '' : `\u00a0: G puis ${key} y mène`}.`,
  renamed: (name: string) => `La vue s’appelle «\u00a0${name}\u00a0».`,
  removed: (name: string) => `Vue «\u00a0${name}\u00a0» supprimée.`,
  nameless: 'Donnez un nom à cette vue.',
  taken: (name: string) => `Une vue s’appelle déjà «\u00a0${name}\u00a0».`,
  tooMany: (n: number) => `${n}\u00a0vues au plus\u00a0: supprimez-en une d’abord.`,
  failed: 'La vue n’a pas pu être enregistrée. Réessayez dans un instant.',
};

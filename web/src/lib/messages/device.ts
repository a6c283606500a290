/** The catalogue of what stays on a device; fetched with the settings. */
export const device = {
  title: 'Ce poste',
  own: 'C’est mon poste personnel',
  more: 'Votre bureau reste lisible sans réseau, même après un redémarrage, et ce que vous décidez alors part au retour du réseau. Tout est effacé quand vous vous déconnectez.',
  shared: 'Poste partagé\u00a0: rien n’est gardé sur ce poste.',
  kept: 'Votre bureau est gardé sur ce poste.',
  wiped: 'Plus rien n’est gardé sur ce poste.',
  /** `titles`: of the items it was about, as far as they are known. */
  left: (titles: readonly string[], n: number) => {
    const named = titles.slice(0, 3).map((title) => `«\u00a0${title}\u00a0»`);
    const others = Math.max(titles.length, n) - named.length;
    const rest = others === 0 ? [] : [others === 1 ? '1\u00a0autre' : `${others}\u00a0autres`];
    const what = named.length === 0 ? '' : `\u00a0: ${[...named, ...rest].join(', ')}`;
    return `Décidé sans connexion pendant votre session précédente, et pas renvoyé${what}. Vos éléments sont affichés tels qu’ils sont\u00a0; recommencez s’il le faut.`;
  },
  failed: 'Ce navigateur ne permet pas de garder le bureau sur ce poste.',
};

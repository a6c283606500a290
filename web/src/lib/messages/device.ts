/** The catalogue of what stays on a device; fetched with the settings. */
export const device = {
  title: 'Ce poste',
  own: 'C’est mon poste personnel',
  more: 'Votre bureau reste lisible sans réseau, même après un redémarrage, et ce que vous décidez alors part au retour du réseau. Tout est effacé quand vous vous déconnectez.',
  shared: 'Poste partagé\u00a0: rien n’est gardé sur ce poste.',
  kept: 'Votre bureau est gardé sur ce poste.',
  wiped: 'Plus rien n’est gardé sur ce poste.',
  failed: 'Ce navigateur ne permet pas de garder le bureau sur ce poste.',
};

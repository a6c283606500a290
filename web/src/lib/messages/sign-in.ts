/** The catalogue of the sign-in page, part of fr.ts. */
export const signIn = {
  title: 'Connexion',
  welcome: 'Tout ce que vos outils attendent de vous, en un seul endroit.',
  proconnect: 'S’identifier avec ProConnect',
  proconnectMore: 'Qu’est-ce que ProConnect\u202f?',
  franceconnect: 'S’identifier avec FranceConnect',
  shared: 'Poste partagé\u00a0: la session se ferme après 30\u00a0minutes sans activité, et rien n’est gardé sur ce poste.',
  notShared: 'Vous n’êtes pas sur votre poste\u202f?',
  makeShared: 'Se connecter sur un poste partagé',
  makeOwn: 'C’est mon poste',
  errors: {
    expired: 'La connexion a pris trop de temps. Recommencez.',
    left: 'Ce compte n’a plus accès au bureau. Adressez-vous à l’administrateur de votre collectivité.',
    unknown_organisation: 'Votre collectivité n’utilise pas Écritoire\u00a0: aucun bureau n’a été ouvert.',
    refused: 'Votre identité n’a pas pu être reliée à un bureau. Adressez-vous à l’administrateur de votre collectivité.',
    denied: 'Vous avez annulé la connexion, ou le fournisseur d’identité l’a refusée.',
    unavailable: 'La connexion n’est pas possible pour l’instant. Réessayez dans quelques minutes.',
    ended: 'Votre session est terminée. Connectez-vous de nouveau.',
  } as Readonly<Record<string, string>>,
  error: 'La connexion n’a pas abouti. Réessayez.',
  signedOut: 'Vous êtes déconnecté.',
};

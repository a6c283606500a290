/** The texts of the pages that the law asks for. What the site itself decides (contacts, source) comes from its configuration. */

const NB = '\u00a0';
const together = (names: readonly string[]): string => new Intl.ListFormat('fr', { type: 'conjunction' }).format(names.slice(0, 6));

export const accessibility = {
  title: `Accessibilité${NB}: non conforme`,
  intro: (names: readonly string[]) =>
    `${together(names)} s’engage à rendre ses services numériques accessibles, conformément à l’article 47 de la loi n°${NB}2005-102 du 11 février 2005. Cette déclaration concerne le bureau virtuel Écritoire.`,
  state: 'État de conformité',
  stateText: `Écritoire n’est pas encore conforme au référentiel général d’amélioration de l’accessibilité (RGAA 4.1)${NB}: aucun audit n’a été mené par un tiers. Il est conçu et vérifié à chaque version pour atteindre cette conformité.`,
  content: 'Ce qui peut manquer',
  contents: [
    'Les documents et les pages ouverts dans les outils métier relèvent de ces outils.',
    'Les messages écrits par des personnes dans les salons, et les fichiers qu’elles y joignent.',
  ],
  made: 'Ce qui est fait',
  measures: [
    'Tout s’utilise au clavier seul, avec un repère visible.',
    'Les arrivées sont annoncées aux lecteurs d’écran sans interrompre, et groupées.',
    'Aucune information n’est donnée par la couleur seule.',
    'L’affichage s’adapte à 320 pixels de large et à un agrandissement de 400 %, en clair comme en sombre.',
    'Les animations cessent si votre poste le demande.',
  ].map((text) => text.replace(' %', `${NB}%`)),
  contact: 'Signaler un défaut',
  contactText: 'Si vous ne parvenez pas à accéder à un contenu ou à un service, écrivez-nous pour obtenir une solution.',
  noContact: 'Adressez-vous au service informatique de votre collectivité.',
  remedy: 'Voies de recours',
  remedyText:
    'Si vous avez signalé un défaut et n’avez pas reçu de réponse satisfaisante, vous pouvez saisir le Défenseur des droits\u00a0:',
  remedies: [
    `en écrivant par le formulaire de defenseurdesdroits.fr${NB};`.replace(`${NB};`, '\u202f;'),
    'en appelant le 09\u00a069\u00a039\u00a000\u00a000\u202f;',
    'par courrier gratuit, sans affranchir\u00a0: Défenseur des droits, Libre réponse 71120, 75342 Paris CEDEX 07.',
  ],
};

export const personal = {
  title: 'Données personnelles',
  intro: (names: readonly string[]) =>
    `${together(names)} utilise Écritoire pour vous montrer, en un seul endroit, ce que vos outils métier attendent de vous. Ce traitement relève de sa mission de service public (article 6.1.e du RGPD).`,
  what: 'Ce qui est traité',
  whats: [
    'Votre identité professionnelle, donnée par votre fournisseur d’identité\u00a0: nom, adresse de messagerie, collectivité.',
    'Les adresses de messagerie que vous ajoutez vous-même dans «\u00a0Mes outils\u00a0», jusqu’à ce que vous les retiriez\u202f; celles où un code est demandé, deux heures au plus.',
    'Les éléments que les outils vous adressent\u00a0: titre, échéance, personnes concernées, lien. Le contenu des documents reste dans l’outil.',
    'Ce que vous en faites ici\u00a0: vu, mis de côté, reporté, et les messages que vous écrivez.',
    'La trace des connexions et des actes, pour la sécurité.',
  ],
  where: 'Où elles sont',
  whereText:
    'Sur les serveurs de votre collectivité ou de son prestataire. Les salons de bureau ne sont pas partagés avec d’autres serveurs. Aucun service tiers n’est appelé par cette page, et rien n’est mesuré de votre usage.',
  cookies: 'Témoins de connexion',
  cookiesText: (hours: number) =>
    `Un seul témoin, nécessaire à la connexion\u00a0: il est chiffré et dure ${hours}\u00a0heures au plus. Il n’y a ni publicité ni mesure d’audience, donc pas de bandeau.`,
  rights: 'Vos droits',
  rightsText:
    'Vous pouvez demander l’accès à vos données, leur rectification ou leur effacement, et vous opposer au traitement, auprès du délégué à la protection des données\u00a0:',
  noContact: 'adressez-vous à votre collectivité.',
  complaint: 'Vous pouvez aussi adresser une réclamation à la Commission nationale de l’informatique et des libertés (cnil.fr).',
};

export const licence = {
  title: 'Licence et code source',
  free: 'Écritoire est un logiciel libre, publié sous la licence publique de l’Union européenne (EUPL), version 1.2.',
  rights: 'Chacun peut l’utiliser, l’étudier, le modifier et le partager, dans les conditions de cette licence.',
  source: 'Code source',
  sourceAt: 'Le code de cette installation\u00a0:',
  noSource: 'Demandez-le au service informatique de votre collectivité, qui vous le doit.',
  others: 'Ce qui vient d’ailleurs',
  font: 'Les caractères sont Atkinson Hyperlegible Next, du Braille Institute (licence SIL Open Font).',
};

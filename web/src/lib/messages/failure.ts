/** The catalogue of the page that stands in another’s place, part of fr.ts. */
export const failure = {
  title: 'Cette page n’a pas pu être affichée',
  notFound: 'Cette page n’existe pas',
  notFoundMore: 'L’adresse est peut-être incomplète, ou la page a changé de place.',
  more: 'Réessayez dans un instant. Si cela se répète, donnez ce code à votre support\u00a0:',
  home: 'Revenir au bureau',
};

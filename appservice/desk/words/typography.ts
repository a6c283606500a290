/** French typography: spaces that do not break, before and inside marks. */
export const NBSP = '\u00a0';
export const NNBSP = '\u202f';

/** « quoted » */
export function quote(text: string): string {
  return `«${NBSP}${text}${NBSP}»`;
}

/** « 1 objet », « 2 objets »: in French 0 and 1 are singular. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${new Intl.NumberFormat('fr-FR').format(number)}${NBSP}${number < 2 ? one : many}`;
}

/** « A », « A et B », « A, B et 3 autres ». */
export function list(names: readonly string[], max = 3): string {
  const shown = names.length > max ? [...names.slice(0, max - 1), `${names.length - max + 1}${NBSP}autres`] : names;
  return new Intl.ListFormat('fr-FR', { type: 'conjunction' }).format(shown);
}

/** Begins a sentence. */
export function capital(text: string): string {
  const [first = '', ...rest] = text;
  return first.toLocaleUpperCase('fr-FR') + rest.join('');
}

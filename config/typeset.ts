/**
 * Sets a French sentence for reading: the spaces that do not break. Sentences of this folder are written with plain
 * spaces, since most are pieces put together, and pass here on their way out.
 */
export function typeset(text: string): string {
  return text
    .replaceAll(/(?<=\S) (?=[:»](?:\s|$|\)))/g, '\u00a0')
    .replaceAll(/« /g, '«\u00a0')
    .replaceAll(/(?<=\S) (?=[;?!](?:\s|$|\)))/g, '\u202f');
}

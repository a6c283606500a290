/** Words as they are compared: without case, accents, typographic signs or what a phone put around them. */

const MARKS = /\p{Mn}/gu;
const SOFT = /[\u00ad\u200b-\u200d\u2060\ufe00-\ufe0f]/gu; // soft hyphens, zero widths, variation selectors
const APOSTROPHES = /[\u2018\u2019\u201b\u02bc\u2032`´]/gu;
const DASHES = /[\u2010-\u2015\u2212]/gu;
const EDGES = /^[\s"'«»“”„.,;:!?…()]+|[\s"'«»“”„.,;:!?…()]+$/gu;

/** One word folded: « Rejeter… » and « REJETER » are `rejeter`, « d’une » is `d'une`, « œuvre » is `oeuvre`. */
export function foldWord(word: string): string {
  return word
    .normalize('NFD')
    .replace(MARKS, '')
    .replace(SOFT, '')
    .replace(APOSTROPHES, "'")
    .replace(DASHES, '-')
    .toLowerCase()
    .replaceAll('œ', 'oe')
    .replaceAll('æ', 'ae')
    .replace(EDGES, '');
}

/** A word as it was typed, and folded. */
export type Word = { typed: string; folded: string };

/** The words of a text; what folds to nothing (« … », an emoji selector) is no word. */
export function wordsOf(text: string): Word[] {
  return text
    .split(/\s+/u)
    .map((typed) => ({ typed, folded: foldWord(typed) }))
    .filter(({ folded }) => folded !== '');
}

/** The folded words of a text, with one space between them. */
export function foldText(text: string): string {
  return wordsOf(text)
    .map(({ folded }) => folded)
    .join(' ');
}

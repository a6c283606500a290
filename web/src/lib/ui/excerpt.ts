/** A found message in one line: the part around the first word that matched, with what matched apart. Pure. */
export type Part = { text: string; isHit: boolean };

const AROUND = 60; // characters before the first match
const LONGEST = 240;

const escaped = (word: string): string => word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

export function excerptOf(body: string, words: readonly string[]): Part[] {
  const line = body.replaceAll(/\s+/g, ' ').trim();
  const known = words.filter((word) => word !== '').toSorted((a, b) => b.length - a.length);
  const pattern = known.length === 0 ? undefined : new RegExp(`(${known.map(escaped).join('|')})`, 'giu');
  const first = pattern ? line.search(pattern) : -1;
  const from = first > AROUND ? line.lastIndexOf(' ', first - AROUND) + 1 : 0;
  const cut = line.slice(from, from + LONGEST);
  const text = `${from > 0 ? '… ' : ''}${cut}${from + LONGEST < line.length ? '…' : ''}`;
  if (!pattern) return [{ text, isHit: false }];
  return text
    .split(pattern)
    .map((part, index) => ({ text: part, isHit: index % 2 === 1 }))
    .filter((part) => part.text !== '');
}

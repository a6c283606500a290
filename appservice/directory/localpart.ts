/**
 * The localpart of a new person: `prenom.nom`, accents taken off, numbered on a clash. It is computed once, kept in
 * `record.people` and never again derived from a name or a mail (DESIGN §4). Matrix allows `a-z 0-9 . _ = - / +`; ours
 * hold no `_`, so none is ever a bot's (`ecritoire_…`), and always a dot, so none is a site's `admin`.
 */
const LIGATURES: Record<string, string> = { œ: 'oe', æ: 'ae', ß: 'ss', ø: 'o', ł: 'l', đ: 'd' };
const LONGEST = 80; // a full Matrix id has at most 255 bytes, server name included

/** One name as a part of a localpart: « Jean-Éric de La Tour » → `jean-eric-de-la-tour`; empty when nothing of it is Latin. */
function plain(name: string): string {
  return name
    .toLowerCase()
    .replace(/[œæßøłđ]/g, (letter) => LIGATURES[letter] ?? '')
    .normalize('NFD')
    .replace(/\p{Mark}/gu, '')
    .replace(/['’]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, LONGEST / 2);
}

/** `given` and `family` when an identity tells them apart; else the first word of `name` is taken for the given name. */
export function localpartOfName({ name, given, family }: { name: string; given?: string; family?: string }): string {
  const words = name.trim().split(/\s+/);
  const first = plain(given ?? words[0] ?? '');
  const rest = plain(family ?? words.slice(1).join(' '));
  if (first === '' || rest === '') {
    return `agent.${first || rest || 'sans-nom'}`;
  }
  return `${first}.${rest}`;
}

/** The localpart itself, or the first of `…2`, `…3` that nobody has. */
export function firstFree(wanted: string, taken: ReadonlySet<string>): string {
  let free = wanted;
  for (let number = 2; taken.has(free); number += 1) {
    free = `${wanted}${String(number)}`;
  }
  return free;
}

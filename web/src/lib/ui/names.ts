/** Names of people, shortened as the desk shows them. */

/** « CM » for Claire Morel. */
export function initials(name: string): string {
  const words = name.split(/[\s-]+/).filter((word) => /^\p{L}/u.test(word));
  const [first, last] = [words[0], words.length > 1 ? words.at(-1) : undefined];
  return [first, last].map((word) => word?.charAt(0).toLocaleUpperCase('fr') ?? '').join('');
}

/** « Claire » for Claire Morel; compound first names keep their hyphen. */
export function firstName(name: string): string {
  return name.trim().split(/\s+/)[0] ?? name;
}

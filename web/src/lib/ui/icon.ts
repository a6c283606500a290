/** The page's icon, as an address that needs no request: the pen case, and how many items wait. */

const LETTERS = { one: 13, two: 11 }; // px of the number, so that two digits fit the dot

export function iconHref(open = 0): string {
  const badge = open > 99 ? '99' : String(open);
  const size = badge.length > 1 ? LETTERS.two : LETTERS.one;
  const dot =
    open > 0
      ? `<circle cx="22" cy="10" r="10" fill="#a5231b"/><text x="22" y="14.5" text-anchor="middle" font-family="sans-serif" font-weight="bold" font-size="${size}" fill="#fff">${badge}</text>`
      : '';
  return `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#53389b"/><path d="M6 25h20M9 25l2-9h10l2 9M13 16c0-5 4-10 11-11-1 7-5 11-10 11" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/>${dot}</svg>`)}`;
}

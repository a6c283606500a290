/** Links come from tools: only web addresses are followed, and the page says where they lead. */

export type Link = { href: string; host: string };

/** The address when it is one for a browser (`http:` or `https:`, no user name in it); undefined for everything else. */
export function safeLink(url: string | undefined): Link | undefined {
  if (url === undefined) return undefined;
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return undefined;
  }
  const web = parsed.protocol === 'https:' || parsed.protocol === 'http:';
  return web && parsed.username === '' && parsed.password === '' ? { href: parsed.href, host: parsed.host } : undefined;
}

export type Part = { text: string; link?: Link };

const ADDRESS = /https?:\/\/[^\s<>"«»]+/g;
/** What ends a sentence, not an address. */
const TAIL = /[.,;:!?)\]'’\u00a0\u202f]+$/;

/** The text cut at its web addresses. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(TAIL, '');
    const link = safeLink(address);
    if (!link) continue;
    if (match.index > from) parts.push({ text: text.slice(from, match.index) });
    parts.push({ text: address, link });
    from = match.index + address.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

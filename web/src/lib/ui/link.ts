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

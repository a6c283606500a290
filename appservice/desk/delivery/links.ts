/** Links in an item: `https:` to a host that its connection declares, or `http:` to this very machine (trials, local agents). */
import { countPoints, hasControl } from '../text.ts';

const INCOMPLETE = 'lien https: complet attendu';
const LONGEST = 2000; // code points: what browsers and mail programs carry without loss

/** What is wrong with a link whatever the connection, in French; undefined when nothing is. */
export function linkFault(text: string): string | undefined {
  if (countPoints(text) > LONGEST) return 'lien trop long (2 000 caractères au plus)';
  // WHATWG parsers mend such texts silently, and differently from what a person reads.
  const authority = hasControl(text) || /[\s\\]/.test(text) ? undefined : /^https?:\/\/([^/?#]+)/i.exec(text)?.[1];
  const url = URL.parse(text);
  if (authority === undefined || url === null) return INCOMPLETE;
  if (authority.includes('@')) return 'lien sans nom d’utilisateur attendu';
  if (url.protocol === 'http:' && !isLoopback(url)) return 'lien https: attendu (http: vers cette machine seulement)';
  return undefined;
}

/** Whether a link without fault goes where this connection may send people. Host and port are compared. */
export function isDeclared(text: string, hosts: readonly string[]): boolean {
  const url = new URL(text);
  return url.protocol === 'http:' || hosts.some((host) => canonicalHost(host) === url.host);
}

function canonicalHost(host: string): string | undefined {
  return URL.parse(`https://${host}`)?.host;
}

/** 127.0.0.0/8, ::1, and `localhost` with what stands below it (RFC 6761 §6.3). */
function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

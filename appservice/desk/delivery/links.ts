/** Links in an item: `https:` to a host that its connection declares, or `http:` to this very machine (trials, local agents). */
import { countPoints, hasControl } from '../text.ts';

const INCOMPLETE = 'lien https: complet attendu';
const LONGEST = 2000; // code points: what browsers and mail programs carry without loss

/** What is wrong with a link whatever the connection, in French; undefined when nothing is. */
export function linkFault(text: string): string | undefined {
  if (text.length > LONGEST && countPoints(text) > LONGEST) return 'lien trop long (2 000 caractères au plus)';
  const origin = originOf(text);
  return origin === undefined ? INCOMPLETE : origin.fault;
}

/** Whether a link without fault goes where this connection may send people. Host and port are compared. */
export function isDeclared(text: string, hosts: readonly string[]): boolean {
  const origin = originOf(text);
  return origin !== undefined && (origin.protocol === 'http:' || hosts.some((host) => originOf(`https://${host}`)?.host === origin.host));
}

type Origin = { protocol: string; host: string; fault: string | undefined };

/** Read origins, as they were written: a tool's links have one or two, and nothing behind them can make a link incomplete. */
const origins = new Map<string, Origin | undefined>();
const MOST_ORIGINS = 1000;

function originOf(text: string): Origin | undefined {
  // WHATWG parsers mend such texts silently, and differently from what a person reads.
  const written = hasControl(text) || /[\s\\]/.test(text) ? undefined : /^https?:\/\/[^/?#]+/i.exec(text)?.[0];
  if (written === undefined) return undefined;
  if (origins.size >= MOST_ORIGINS) origins.clear();
  if (!origins.has(written)) origins.set(written, readOrigin(written));
  return origins.get(written);
}

function readOrigin(written: string): Origin | undefined {
  const url = URL.parse(written);
  return url === null ? undefined : { protocol: url.protocol, host: url.host, fault: originFault(written, url) };
}

function originFault(written: string, url: URL): string | undefined {
  if (written.includes('@')) return 'lien sans nom d’utilisateur attendu';
  return url.protocol === 'http:' && !isLoopback(url) ? 'lien https: attendu (http: vers cette machine seulement)' : undefined;
}

/** 127.0.0.0/8, ::1, and `localhost` with what stands below it (RFC 6761 §6.3). */
function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

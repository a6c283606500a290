/** Whether a mail is from whom it says (RFC 8601), as far as the site's own mail server knows. Pure. */
import type { MailHead } from './io-imap.ts';

const LONGEST = 4000; // of what a server writes; who sends may write more, in brackets within brackets

/** By the word of the site's own server alone, the first it wrote: whoever sends may write such headers too, below. */
export function isAuthenticated({ from, headers }: MailHead, authserv: string): boolean {
  const own = authserv.toLowerCase();
  const results = headers.flatMap(([name, value]) => (name === 'authentication-results' ? [partsOf(value.slice(0, LONGEST))] : []));
  const [, ...parts] = results.find(([id = '']) => id.trim().split(' ')[0]?.toLowerCase() === own) ?? [];
  const domain = from[0]?.split('@')[1] ?? '';
  return parts.some((part) => {
    if (/^\s*dmarc=pass\b/i.test(part)) return true;
    const signer = /^\s*dkim=pass\b/i.test(part) ? /\bheader\.(?:d=|i=[^\s@]*@)([^\s;]+)/i.exec(part)?.[1]?.toLowerCase() : undefined;
    return signer !== undefined && (domain === signer || domain.endsWith(`.${signer}`));
  });
}

/** Comments and quoted texts go first: OpenDKIM writes « (2048-bit key; unprotected) », and who sends chooses what is quoted. */
function partsOf(value: string): string[] {
  const plain = value.replace(/"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)/g, (aside) => (aside.startsWith('"') ? '""' : ' '));
  return plain === value ? plain.split(';') : partsOf(plain);
}

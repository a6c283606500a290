/** Whether a mail is from whom it says (RFC 8601), as far as the site's own mail server knows. Pure. */
import type { MailHead } from './io-imap.ts';

/** By the word of the site's own server alone, the first it wrote: whoever sends may write such headers too, below. */
export function isAuthenticated({ from, headers }: MailHead, authserv: string): boolean {
  const results = headers.find(
    ([name, value]) => name === 'authentication-results' && value.split(';')[0]?.trim().split(' ')[0] === authserv,
  );
  const domain = from[0]?.split('@')[1] ?? '';
  const parts = (results?.[1] ?? '').split(';').slice(1);
  return parts.some((part) => {
    if (/^\s*dmarc=pass\b/i.test(part)) return true;
    const signer = /^\s*dkim=pass\b/i.test(part) ? /\bheader\.(?:d=|i=[^\s@]*@)([^\s;]+)/i.exec(part)?.[1]?.toLowerCase() : undefined;
    return signer !== undefined && (domain === signer || domain.endsWith(`.${signer}`));
  });
}

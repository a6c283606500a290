/**
 * Whether a mail is from whom it says (RFC 8601), as far as the site's own mail server knows. Pure.
 *
 * OpenDKIM, OpenDMARC and others each write a header of their own, and whoever sends may write the same, below. What stands above the
 * `Received` by which the site took the mail is the site's for certain, so all of it counts. Below it only the first one does: some
 * servers write there (OpenDMARC, rspamd), and a second one could be the sender's as well.
 */
import type { MailHead } from './io-imap.ts';

const LONGEST = 4000; // of what a server writes; who sends may write more, in brackets within brackets

/** By the word of the site's own server alone. */
export function isAuthenticated({ from, headers }: MailHead, authserv: string): boolean {
  const own = authserv.toLowerCase();
  const ours = headersOfOurs(headers, own);
  const isOwn = ([name, value]: Header): boolean => name === RESULTS && idOf(value) === own;
  const certain = ours.slice(0, takenAt(ours)).filter(isOwn);
  const counted = certain.length > 0 ? certain : ours.filter(isOwn).slice(0, 1);
  const domain = from[0]?.split('@')[1] ?? '';
  return counted.flatMap(([, value]) => partsOf(value).slice(1)).some((part) => vouchesFor(part, domain));
}

type Header = MailHead['headers'][number];
const RESULTS = 'authentication-results';

/** Of which sender a policy held is asked too: who he is in « a@outil.example <b@ailleurs.example> », servers do not agree. */
function vouchesFor(part: string, domain: string): boolean {
  if (/^\s*dmarc=pass\b/i.test(part)) return /\bheader\.from=([^\s;]+)/i.exec(part)?.[1]?.toLowerCase() === domain;
  const signer = /^\s*dkim=pass\b/i.test(part) ? /\bheader\.(?:d=|i=[^\s@]*@)([^\s;]+)/i.exec(part)?.[1]?.toLowerCase() : undefined;
  return signer !== undefined && (domain === signer || domain.endsWith(`.${signer}`));
}

/** From the top down to what a server of somebody else received. */
function headersOfOurs(headers: readonly Header[], own: string): readonly Header[] {
  const hosts = headers.map(([name, value]) => (name === 'received' ? (hostOf(value) ?? '?') : undefined));
  const first = hosts.find((host) => host !== undefined) ?? own; // the mailbox is ours, so whoever delivered into it is
  const isForeign = (host: string | undefined): boolean =>
    host !== undefined && host.includes('.') && ![first, own].some((one) => host === one || host.endsWith(`.${siteOf(one)}`));
  const end = hosts.findIndex((host) => isForeign(host));
  return end === -1 ? headers : headers.slice(0, end);
}

/** Where the site took the mail, by its topmost `Received`; one that only hands on within the site (LMTP) is passed over. */
function takenAt(headers: readonly Header[]): number {
  const at = headers.findIndex(([name, value]) => name === 'received' && !/^lmtps?a?$/i.test(lastOf(value, PROTOCOL) ?? ''));
  return Math.max(at, 0);
}

const PROTOCOL = /\swith\s+([^\s;]+)(?:\s+id\s|\s*;)/gi;
const HOST = /(?:^|\s)by\s+(\S+)/gi;

const hostOf = (received: string): string | undefined => lastOf(received, HOST)?.toLowerCase();
const siteOf = (host: string): string => (host.split('.').length > 2 ? host.slice(host.indexOf('.') + 1) : host);
const idOf = (value: string): string | undefined => partsOf(value)[0]?.trim().split(' ')[0]?.toLowerCase();

/** The last one is the server's: before it stands the name by which the other greeted, which may be any text. */
function lastOf(received: string, what: RegExp): string | undefined {
  return [...withoutAsides(received).matchAll(what)].at(-1)?.[1];
}

const partsOf = (value: string): string[] => withoutAsides(value).split(';');

/** Comments and quoted texts go first: OpenDKIM writes « (2048-bit key; unprotected) », and who sends chooses what is quoted. */
function withoutAsides(value: string): string {
  const short = value.slice(0, LONGEST);
  const plain = short.replace(/"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)/g, (aside) => (aside.startsWith('"') ? '""' : ' '));
  return plain === short ? plain : withoutAsides(plain);
}

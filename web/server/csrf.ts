/**
 * Whether a piped request comes from our own page. A cookie is sent by any site's request; a custom header is not
 * without a CORS preflight, which we never answer. Origin and Sec-Fetch-Site say the same once more (RFC 10017 §6.1.3).
 */
import type { IncomingHttpHeaders } from 'node:http';

export const OWN_HEADER = 'x-ecritoire';

/** `media` is fetched by `<img>` and links, which carry no header of ours; a browser says then where it comes from. */
export function isFromOwnPage(headers: IncomingHttpHeaders, { origin, media }: { origin: string; media: boolean }): boolean {
  const site = headers['sec-fetch-site'];
  if (headers.origin !== undefined && headers.origin !== origin) {
    return false;
  }
  if (site !== undefined && site !== 'same-origin' && !(media && site === 'none')) {
    return false; // `none`: the person opened the address herself
  }
  return media || headers[OWN_HEADER] === '1';
}

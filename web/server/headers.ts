/** Headers of every answer, and the address the browser knows us by. The pages' own Content-Security-Policy is SvelteKit's. */
import type { RequestHandler, Response } from 'express';

/** `publicUrl` decides the host and protocol that SvelteKit and the provider see: never what a request claims. */
export function secure(publicUrl: string): RequestHandler {
  const { protocol, host, hostname } = new URL(publicUrl);
  const isTls = protocol === 'https:';
  return (request, response, next) => {
    response.removeHeader('x-powered-by');
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('cross-origin-resource-policy', 'same-origin');
    if (!request.url.startsWith(BUILT)) secureDocument(response);
    if (isTls) {
      response.setHeader('strict-transport-security', 'max-age=31536000');
    }
    const asked = request.headers.host ?? '';
    if (isOtherLoopbackName(asked, { host, hostname }) && request.method === 'GET' && request.headers['sec-fetch-mode'] === 'navigate') {
      response.redirect(307, publicUrl + request.originalUrl);
      return;
    }
    request.headers['x-forwarded-proto'] = protocol.slice(0, -1);
    request.headers['x-forwarded-host'] = host;
    next();
  };
}

/** What browsers heed of documents alone: on each of fifty scripts and styles it would weigh as much as the script of a page. */
const BUILT = '/_app/immutable/';

function secureDocument(response: Response): void {
  response.setHeader('x-frame-options', 'DENY');
  // Not `no-referrer`: browsers then send `Origin: null` with our own forms, and signing out would look like another site's doing.
  response.setHeader('referrer-policy', 'same-origin');
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('permissions-policy', 'camera=(), microphone=(), geolocation=(), payment=(), usb=()');
}

/** `127.0.0.1` and `localhost` are two sites to a browser: whoever typed the other name would lose her cookies on the way. */
function isOtherLoopbackName(asked: string, { host, hostname }: { host: string; hostname: string }): boolean {
  const names = ['localhost', '127.0.0.1', '[::1]'];
  return asked !== host && (names.includes(hostname) || hostname.endsWith('.localhost')) && names.includes(asked.replace(/:\d+$/, ''));
}

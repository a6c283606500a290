/**
 * `/_matrix` to the homeserver, with the token of the caller's session: bytes as they come, in both directions, no body
 * limit, an abort passed on. Plain node:http, which took 12,100 requests/s where SvelteKit's route took 2,800 (measured).
 */
import http, { type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import https from 'node:https';
import {
  cookieAge,
  cookieRules,
  openSession,
  renewed,
  sealSession,
  type Session,
  SESSION_COOKIE,
  type SessionSettings,
} from '../src/lib/server/session.ts';
import { isQueryAllowed, type Rule, ruleFor } from './allow.ts';
import { readCookie, writeCookie } from './cookies.ts';
import { isFromOwnPage } from './csrf.ts';

/** What of a request the homeserver needs; never the cookie, an Authorization or the browser's origin. */
const REQUEST_HEADERS = [
  'accept',
  'accept-encoding',
  'content-type',
  'content-length',
  'transfer-encoding',
  'if-none-match',
  'if-modified-since',
  'range',
];
/** What of an answer the page needs; never a Set-Cookie, nor CORS headers. */
const ANSWER_HEADERS = [
  'content-type',
  'content-length',
  'content-encoding',
  'content-range',
  'accept-ranges',
  'etag',
  'last-modified',
  'retry-after',
];
/** Media of others stands on our own origin: whatever it is, it must not run there. */
const MEDIA_HEADERS = {
  'content-security-policy':
    "sandbox; default-src 'none'; script-src 'none'; object-src 'none'; style-src 'unsafe-inline'; media-src 'self'",
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'private, max-age=86400',
};
const FREE_SOCKET_MS = 30_000; // shorter than Synapse keeps an idle connection (60 s), so that none is used while it closes

export type PipeSettings = SessionSettings & { homeserver: { url: string } };

/** The middleware; it answers every request, `next` is never called. */
export function makePipe(config: PipeSettings): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const target = new URL(config.homeserver.url);
  const { origin } = new URL(config.publicUrl);
  const { request: send, Agent } = target.protocol === 'https:' ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity, timeout: FREE_SOCKET_MS });
  const rules = cookieRules(config.publicUrl);

  return async (request, response) => {
    const [path, query] = split(request.url ?? '');
    const session = await openSession(readCookie(request.headers.cookie, rules.name(SESSION_COOKIE)), config, Date.now());
    const rule = ruleFor(request.method ?? '', path, session?.mxid ?? '@:');
    const refusal = refuse({ request, rule, session, query, path, origin });
    if (refusal || !session || !rule) {
      say(response, refusal ?? NOT_FOUND);
      return;
    }
    if (rule.method === 'PUT') {
      await renewCookie(session, config, response);
    }
    const upstream = send(target, {
      agent,
      method: rule.method,
      path: target.pathname.replace(/\/$/, '') + path + (query && `?${query}`),
      headers: forward(request.headers, REQUEST_HEADERS, {
        authorization: `Bearer ${session.accessToken}`,
        'x-forwarded-for': callerOf(request),
      }),
    });
    connect({ request, response, upstream, media: rule.media === true });
  };
}

function connect(ends: { request: IncomingMessage; response: ServerResponse; upstream: http.ClientRequest; media: boolean }): void {
  const { request, response, upstream, media } = ends;
  upstream.on('response', (answer) => {
    const status = answer.statusCode ?? 502;
    if (status >= 300 && status < 400 && status !== 304) {
      answer.resume();
      say(response, BAD_GATEWAY); // a redirect would take the page, and its trust, to another host
      return;
    }
    response.writeHead(
      status,
      forward(answer.headers, ANSWER_HEADERS, media ? mediaHeaders(answer.headers) : { 'cache-control': 'no-store' }),
    );
    answer.pipe(response);
    answer.on('error', () => response.destroy());
  });
  upstream.on('error', () => (response.headersSent ? response.destroy() : say(response, BAD_GATEWAY)));
  response.on('close', () => upstream.destroy());
  request.pipe(upstream);
}

function mediaHeaders(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const disposition = headers['content-disposition']?.replace(/^\s*[a-z]+/i, 'attachment') ?? 'attachment';
  return { ...MEDIA_HEADERS, 'content-disposition': disposition };
}

function forward(headers: IncomingHttpHeaders, names: readonly string[], more: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const kept: OutgoingHttpHeaders = {};
  for (const name of names) {
    if (headers[name] !== undefined) kept[name] = headers[name];
  }
  return { ...kept, ...more };
}

type Refusal = { status: number; errcode: string; error: string };
const NOT_FOUND: Refusal = { status: 404, errcode: 'M_UNRECOGNIZED', error: 'Chemin non relayé' };
const FORBIDDEN: Refusal = { status: 403, errcode: 'M_FORBIDDEN', error: 'Requête étrangère au bureau' };
const SIGNED_OUT: Refusal = { status: 401, errcode: 'M_UNKNOWN_TOKEN', error: 'Session terminée' };
const BAD_GATEWAY: Refusal = { status: 502, errcode: 'M_UNKNOWN', error: 'Le serveur Matrix ne répond pas' };

function refuse(at: {
  request: IncomingMessage;
  rule: Rule | undefined;
  session: Session | undefined;
  path: string;
  query: string;
  origin: string;
}): Refusal | undefined {
  const { request, rule, session, query, origin } = at;
  if (!rule && session) {
    return NOT_FOUND;
  }
  if (!isFromOwnPage(request.headers, { origin, media: rule?.media === true || (!session && isMedia(at.path)) })) {
    return FORBIDDEN;
  }
  if (!session) {
    return SIGNED_OUT;
  }
  return isQueryAllowed(new URLSearchParams(query)) ? undefined : NOT_FOUND;
}

function isMedia(path: string): boolean {
  return path.startsWith('/_matrix/client/v1/media/');
}

function say(response: ServerResponse, { status, errcode, error }: Refusal): void {
  if (!response.headersSent) {
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  }
  response.end(JSON.stringify({ errcode, error }));
}

/** On a shared computer, writing is what shows that somebody is there; polling is not. */
async function renewCookie(session: Session, config: PipeSettings, response: ServerResponse): Promise<void> {
  const now = Date.now();
  const next = renewed(session, now);
  if (next) {
    const { name, options } = cookieRules(config.publicUrl);
    response.setHeader(
      'set-cookie',
      writeCookie(name(SESSION_COOKIE), await sealSession(next, config), { ...options, maxAge: cookieAge(next, now) }),
    );
  }
}

function split(url: string): [string, string] {
  const at = url.indexOf('?');
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
}

/** The caller's address, for the homeserver's own limits and device list; a balancer in front of us wrote it last. */
function callerOf(request: IncomingMessage): string {
  const said = request.headers['x-forwarded-for'];
  const last = (Array.isArray(said) ? said.join(',') : said)?.split(',').at(-1)?.trim();
  return last ?? request.socket.remoteAddress ?? '127.0.0.1';
}

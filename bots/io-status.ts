/** What an HTTP answer or a broken connection means: the one place that maps them to DeskErrors. */
import { DeskError, type ErrorCode } from '#desk/errors.ts';
import { cleanProse } from '#desk/text.ts';

const STATUSES: Readonly<Record<number, ErrorCode>> = {
  401: 'auth',
  403: 'denied',
  404: 'not_found',
  407: 'config',
  408: 'unavailable',
  409: 'conflict',
  410: 'not_found',
  412: 'conflict',
  423: 'conflict',
  425: 'unavailable',
  429: 'rate_limited',
};

export function codeOf(status: number): ErrorCode {
  return STATUSES[status] ?? (status >= 500 ? 'unavailable' : 'invalid');
}

/** A definite « no »: the tool did not do what was asked. */
export function isDefinite(status: number): boolean {
  return status >= 300 && status < 500 && status !== 408;
}

const LONGEST_RETRY_MS = 86_400_000;

/** `Retry-After` in seconds or as a date; never more than a day. */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  if (value === undefined || value.trim() === '') return undefined;
  const ms = /^\s*\d+\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), LONGEST_RETRY_MS);
}

/** What the tool said in its own words, from the usual places of a JSON problem; nothing of an HTML page. */
export function wordsOf(body: unknown): string | undefined {
  const places = ['detail', 'message', 'error_description', 'error-message', 'title'];
  const found = places.map((name) => member(body, name)).find((text) => typeof text === 'string' && text.trim() !== '');
  const ocs = member(member(member(body, 'ocs'), 'meta'), 'message');
  const text = found ?? ocs;
  return typeof text === 'string' ? cleanProse(text, 200) || undefined : undefined;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** Addresses and pages by which a session's end looks like an answer (CAS, LemonLDAP, SAML, OIDC, forms). */
const LOGIN_ADDRESS =
  /log-?in|sign-?in|connexion|\bauth|\/cas\b|[?&](service|SAMLRequest|redirect_uri)=|saml|oauth|oidc|\bsso\b|lemonldap/gi;
const LOGIN_PAGE = /type=["']?password|log-?in|sign-?in|connexion|identifi|se connecter|saml|openid/i;

/** Whether a redirect leads to one: by a word that the address it comes from (a token's, under `/auth`) has not itself. */
export function leadsToLogin(location: string, from: string): boolean {
  const words = (address: string): string[] => (address.match(LOGIN_ADDRESS) ?? []).map((word) => word.toLowerCase());
  const own = words(from);
  return words(location).some((word) => !own.includes(word));
}

export function isLoginPage(html: string): boolean {
  return LOGIN_PAGE.test(html);
}

/** Errors after which it is certain that the tool got nothing. */
const UNSENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
]);
/** Certificates that do not hold: trying again does not help, somebody has to look. */
const CERTIFICATE = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|ERR_SSL_|HOSTNAME_MISMATCH)/;

export function isUnsent(error: unknown): boolean {
  const code = errorCode(error);
  return error instanceof DeskError || UNSENT.has(code) || CERTIFICATE.test(code);
}

/** A connection that broke or never was, as a DeskError; `what` is method and path. */
export function networkError(error: unknown, what: string): DeskError {
  if (error instanceof DeskError) return error;
  const code = errorCode(error);
  if (CERTIFICATE.test(code)) return new DeskError('config', `${what}: the certificate does not hold (${code})`, { cause: error });
  return new DeskError('unavailable', `${what}: no answer (${code === '' ? 'time-out' : code})`, { cause: error });
}

/** undici wraps what the socket said, sometimes twice. */
function errorCode(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    if (at instanceof AggregateError) return errorCode(at.errors[0]);
    const code: unknown = Reflect.get(at, 'code');
    if (typeof code === 'string' && code !== '') return code;
  }
  return '';
}

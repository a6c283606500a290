/** The answers of the door for tools: problem documents (RFC 9457) that repeat neither secret nor payload. */
import type { ServerResponse } from 'node:http';
import type { BodyError } from '#desk/delivery.ts';

export type Answer = { status: number; headers?: Record<string, string>; body?: unknown; type?: string };

export type HookProblem =
  | 'starting'
  | 'not_found'
  | 'method'
  | 'body_too_large'
  | 'signature'
  | 'retired'
  | 'content_type'
  | 'events_too_large'
  | 'invalid'
  | 'delivery_conflict'
  | 'too_many'
  | 'store';

const SECONDS = { starting: '5', too_many: '1', store: '5' }; // Retry-After

/** Status, title and headers of each; the order is that of the checks. */
const PROBLEMS: Record<HookProblem, { status: number; title: string; headers?: Record<string, string> }> = {
  starting: { status: 503, title: 'Démarrage en cours', headers: { 'Retry-After': SECONDS.starting } },
  not_found: { status: 404, title: 'Adresse inconnue' },
  method: { status: 405, title: 'Méthode non admise', headers: { Allow: 'POST, OPTIONS' } },
  body_too_large: { status: 413, title: 'Corps trop grand (5 Mo au plus)' },
  signature: { status: 401, title: 'Signature absente, incorrecte ou trop ancienne', headers: { 'WWW-Authenticate': 'StandardWebhooks' } },
  retired: { status: 410, title: 'Connexion retirée' },
  content_type: {
    status: 415,
    title: 'Type de contenu non admis',
    headers: { Accept: 'application/cloudevents+json, application/cloudevents-batch+json' },
  },
  events_too_large: { status: 413, title: 'Événements trop grands ou trop nombreux' },
  invalid: { status: 400, title: 'Contenu incorrect' },
  delivery_conflict: { status: 409, title: 'Identifiant déjà employé avec un autre contenu' },
  too_many: { status: 429, title: 'Trop de dépôts en cours', headers: { 'Retry-After': SECONDS.too_many } },
  store: { status: 503, title: 'Enregistrement impossible pour le moment', headers: { 'Retry-After': SECONDS.store } },
};

export function problem(code: HookProblem, more: { detail?: string; errors?: readonly BodyError[] } = {}): Answer {
  const { status, title, headers } = PROBLEMS[code];
  return {
    status,
    ...(headers && { headers }),
    type: 'application/problem+json',
    body: { type: 'about:blank', title, status, code, ...more },
  };
}

/** Sends an answer as it is: no ETag, hence never a 304, and nothing cached. */
export function send(response: ServerResponse, { status, headers = {}, body, type = 'application/json' }: Answer): void {
  const text = body === undefined ? '' : JSON.stringify(body);
  response.removeHeader('X-Powered-By');
  response.writeHead(status, {
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'Content-Length': String(Buffer.byteLength(text)),
    ...(body !== undefined && { 'Content-Type': type }),
    ...headers,
  });
  response.end(text);
}

/** How a Nextcloud server writes what it answers: the envelope of OCS, and its pages. */
import type { TwinAnswer } from '../twin.ts';

/** The envelope; of OCS v2 its code is the status. */
export function ocs({
  status = 200,
  code = status,
  message,
  data = [],
}: {
  status?: number;
  code?: number;
  message?: string;
  data?: unknown;
}): TwinAnswer {
  const isWell = code === 100 || code < 300;
  return { status, json: { ocs: { meta: { status: isWell ? 'ok' : 'failure', statuscode: code, message: message ?? null }, data } } };
}

/** Where an agent says who she is, of Login Flow v2. */
export const GRANT_FORM = `<h1>Accorder l’accès</h1><p>Vous êtes sur le point d’accorder à Ecritoire l’accès à votre compte Nextcloud.</p>
<form method="post"><label>Utilisateur <input name="user" required></label> <button>Accorder l’accès</button></form>`;

export const page = (html: string, status = 200): TwinAnswer => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: `<!doctype html><html lang="fr"><head><title>Nextcloud</title></head><body>${html}</body></html>`,
});

/** What Login Flow v2 is polled with: as JSON or as a form, which clients do as they like. */
export function tokenOf(body: Buffer): string {
  const text = body.toString();
  return text.startsWith('{') ? String((JSON.parse(text) as { token?: unknown }).token) : (new URLSearchParams(text).get('token') ?? '');
}

/** Before every page: who is signed in, and whether the homeserver still agrees. */
import { redirect } from '@sveltejs/kit';
import type { Handle, HandleServerError } from '@sveltejs/kit/hooks';
import { isTokenAlive } from '#lib/server/alive.ts';
import { log } from '#lib/server/log.ts';
import { tookLogout } from '#lib/server/pending.ts';
import { cookieAge, cookieRules, openSession, renewed, sealSession, SESSION_COOKIE } from '#lib/server/session.ts';
import { settings } from '#lib/server/settings.ts';

export const handle: Handle = async ({ event, resolve }) => {
  const config = await settings();
  const { name, options } = cookieRules(config.publicUrl);
  const now = Date.now();
  const cookie = event.cookies.get(name(SESSION_COOKIE));
  const session = await openSession(cookie, config, now);
  if (session && (await isTokenAlive(config.homeserver.url, session))) {
    event.locals.session = session;
    const next = renewed(session, now);
    if (next) {
      event.cookies.set(name(SESSION_COOKIE), await sealSession(next, config), { ...options, maxAge: cookieAge(next, now) });
    }
  } else if (cookie !== undefined) {
    event.cookies.delete(name(SESSION_COOKIE), options); // altered, too old, of another installation, or its device is gone
  }
  if (event.url.pathname === '/connexion' && event.url.searchParams.has('state')) {
    const ours = tookLogout(event.cookies, config, event.url.searchParams.get('state') ?? '');
    redirect(303, ours ? '/connexion?deconnexion=1' : '/connexion');
  }
  const response = await resolve(event);
  if (!response.headers.has('cache-control')) {
    response.headers.set('cache-control', 'no-store'); // a page is one person's
  }
  return response;
};

/** Whatever went wrong gets a code that stands on the page and in the log, so that support can find one by the other. */
export const handleError: HandleServerError = ({ kind, error, event }) => {
  const status = kind === 'unknown' ? 500 : error.status;
  if (status < 500) {
    return { message: status === 404 ? 'Cette page n’existe pas.' : 'Cette demande n’a pas pu être traitée.' };
  }
  const code = crypto.randomUUID().slice(0, 8).toUpperCase();
  log.error({ err: error, code, method: event.request.method, route: event.route.id }, 'a page failed');
  return { message: 'Une erreur est survenue. Réessayez dans un instant.', code };
};

/** The way back from a provider: the code becomes a session, or one sentence on the sign-in page. */
import { error, redirect } from '@sveltejs/kit';
import { type Opened, InternalError, openAtDirectory } from '#lib/server/internal.ts';
import { log } from '#lib/server/log.ts';
import { finish, ProviderDown, SignInFailed } from '#lib/server/oidc.ts';
import { takePending } from '#lib/server/pending.ts';
import { cookieAge, cookieRules, sealSession, type Session, SESSION_COOKIE, SHARED_IDLE_MS } from '#lib/server/session.ts';
import { settings } from '#lib/server/settings.ts';
import { unavailablePage } from '#lib/server/plain-pages.ts';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = async ({ params, url, cookies }) => {
  const config = await settings();
  const provider = config.providers.find((one) => one.id === params.provider);
  if (!provider) {
    error(404, 'Ce fournisseur d’identité n’existe pas ici.');
  }
  const pending = await takePending(cookies, config, url.searchParams.get('state') ?? '', Date.now());
  if (pending?.provider !== provider.id) {
    redirect(303, '/connexion?erreur=expired');
  }
  let opened: Opened;
  try {
    const proof = await finish(config, provider, pending, url.search);
    opened = await openAtDirectory(config, { provider: provider.id, ...proof, nonce: pending.nonce, sharedPost: pending.sharedPost });
  } catch (cause) {
    return refuse(cause);
  }
  const now = Date.now();
  const { session: id, mxid, localpart, name, deviceId, accessToken, expiresAt, desks } = opened;
  const idleUntil = pending.sharedPost ? now + SHARED_IDLE_MS : undefined;
  const session: Session = { id, mxid, localpart, name, deviceId, accessToken, expiresAt, provider: provider.id, desks, idleUntil };
  const rules = cookieRules(config.publicUrl);
  cookies.set(rules.name(SESSION_COOKIE), await sealSession(session, config), { ...rules.options, maxAge: cookieAge(session, now) });
  redirect(303, pending.back);
};

/** What went wrong as the sign-in page says it (`?erreur=`), or a page of its own when a part is down. */
function refuse(cause: unknown): Response {
  log.warn({ why: cause instanceof Error ? cause.message : 'unknown' }, 'a sign-in did not hold'); // not the whole error: it may carry tokens
  if (cause instanceof ProviderDown) {
    return unavailablePage({ what: 'provider' });
  }
  if (cause instanceof InternalError && (cause.status >= 500 || cause.status === 429)) {
    return unavailablePage({ what: 'desk' });
  }
  const code = cause instanceof SignInFailed || (cause instanceof InternalError && cause.status === 403) ? cause.code : 'failed';
  redirect(303, `/connexion?erreur=${encodeURIComponent(code)}`);
}

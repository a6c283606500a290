/** Signs out at both ends: the Matrix device, the cookie, then the provider's own session. SvelteKit checks the form's origin. */
import { redirect } from '@sveltejs/kit';
import { randomState } from 'openid-client';
import type { LoadedConfig } from '../../../../../config/load.ts';
import { endAtDirectory } from '#lib/server/internal.ts';
import { log } from '#lib/server/log.ts';
import { endSessionUrl } from '#lib/server/oidc.ts';
import { keepLogout } from '#lib/server/pending.ts';
import { cookieRules, type Session, SESSION_COOKIE } from '#lib/server/session.ts';
import { onwardPage } from '#lib/server/plain-pages.ts';
import { settings } from '#lib/server/settings.ts';
import type { RequestHandler } from './$types';

export const POST: RequestHandler = async ({ locals, cookies, setHeaders }) => {
  const config = await settings();
  const rules = cookieRules(config.publicUrl);
  cookies.delete(rules.name(SESSION_COOKIE), rules.options);
  // Not "cookies": that would take the note of this very logout with it. Ours are deleted by name.
  setHeaders({ 'clear-site-data': '"cache", "storage"' });
  if (locals.session === undefined) {
    redirect(303, '/connexion');
  }
  const state = randomState();
  const there = await signOut(config, locals.session, state);
  if (there === undefined) {
    redirect(303, '/connexion?deconnexion=1');
  }
  keepLogout(cookies, config, state);
  return onwardPage(there);
};

/** Where logout goes on at the provider. A part that is down does not keep anyone signed in here: her cookie goes anyway. */
async function signOut(config: LoadedConfig, session: Session, state: string): Promise<URL | undefined> {
  try {
    const ended = await endAtDirectory(config, session);
    const provider = config.providers.find((one) => one.id === session.provider);
    return provider && (await endSessionUrl(config, provider, { idToken: ended?.idToken, state }));
  } catch (error) {
    log.warn({ why: error instanceof Error ? error.message : 'unknown' }, 'a sign-out was not complete'); // the device ends with its time at the latest
    return undefined;
  }
}

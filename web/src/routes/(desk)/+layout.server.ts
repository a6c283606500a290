/** The desk of whoever is signed in, drawn with her own token. Nothing of the session but her name and ids leaves the server. */
import { error, redirect } from '@sveltejs/kit';
import { Refusal } from '#lib/matrix/homeserver.ts';
import { drawDesk } from '#lib/server/desk.ts';
import { log } from '#lib/server/log.ts';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = async ({ locals, url, untrack }) => {
  if (!locals.session) {
    const back = untrack(() => url.pathname + url.search);
    redirect(303, back === '/' ? '/connexion' : `/connexion?retour=${encodeURIComponent(back)}`);
  }
  try {
    return { snapshot: await drawDesk(locals.session) };
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    if (cause.signedOut) redirect(303, '/connexion?erreur=ended');
    log.error({ err: cause }, 'the homeserver did not answer');
    error(503, 'Le bureau ne répond pas pour l’instant.');
  }
};

/** The desk as it stands, for a page that is open and draws it anew itself: what SvelteKit cannot draw anew it gives up. */
import { error } from '@sveltejs/kit';
import { Refusal } from '#lib/matrix/homeserver.ts';
import { drawDesk } from '#lib/server/desk.ts';
import { sessionFromDesk } from '#lib/server/from-desk.ts';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = async (event) => {
  const session = sessionFromDesk(event);
  try {
    return Response.json(await drawDesk(session));
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    error(cause.signedOut ? 401 : 503, 'Le bureau ne répond pas pour l’instant.');
  }
};

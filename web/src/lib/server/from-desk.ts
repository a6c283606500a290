/** Who asks from an open page of the desk: what that page reads anew begins with the same two refusals. */
import { error } from '@sveltejs/kit';
import { OWN_HEADER } from '../../../server/csrf.ts';
import type { Session } from './session.ts';

/** Throws SvelteKit's 401 when the session is over, 403 for what another site's page may have asked. */
export function sessionFromDesk({ locals, request }: { locals: App.Locals; request: Request }): Session {
  if (!locals.session) error(401, 'Votre session est terminée.');
  if (request.headers.get(OWN_HEADER) !== '1') error(403, 'Cette adresse ne s’ouvre que depuis le bureau.');
  return locals.session;
}

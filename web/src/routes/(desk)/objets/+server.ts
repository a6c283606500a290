/** Rows beyond the first screen, for the page: the appservice is asked with the agent's own token, which stays here. */
import { error } from '@sveltejs/kit';
import { readItems } from '#lib/server/items.ts';
import type { RequestHandler } from './$types';

const MOST_EVENTS = 50;
const MOST_ROWS = 200;
const MOST_WORDS = 200; // characters of a search

export const GET: RequestHandler = async ({ locals, url, request }) => {
  if (!locals.session) error(401, 'Votre session est terminée.');
  if (request.headers.get('x-ecritoire') !== '1') error(403, 'Cette adresse ne s’ouvre que depuis le bureau.');
  const list = url.searchParams.get('list');
  const q = url.searchParams.get('q')?.slice(0, MOST_WORDS).trim();
  const limit = Number(url.searchParams.get('limit') ?? Number.NaN);
  const after = url.searchParams.get('after');
  const found = await readItems(locals.session.accessToken, {
    rooms: locals.session.desks.map((desk) => desk.room),
    eventIds: url.searchParams.getAll('event_id').slice(0, MOST_EVENTS),
    ...(after !== null && { after }),
    ...(Number.isInteger(limit) && limit > 0 && { limit: Math.min(limit, MOST_ROWS) }),
    ...(q !== undefined && q !== '' && { q }),
    ...((list === 'aside' || list === 'closed') && { list }),
  });
  if (!found) error(503, 'Le bureau ne répond pas pour l’instant.');
  return Response.json({ rows: found.rows, next: found.next });
};

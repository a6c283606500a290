/** Rows beyond the first screen, for the page: the appservice is asked with the agent's own token, which stays here. */
import { error } from '@sveltejs/kit';
import { sessionFromDesk } from '#lib/server/from-desk.ts';
import { readItems } from '#lib/server/items.ts';
import type { RequestHandler } from './$types';

const MOST_EVENTS = 50;
const MOST_ROWS = 200;
const MOST_WORDS = 200; // characters of a search

export const GET: RequestHandler = async (event) => {
  const session = sessionFromDesk(event);
  const { searchParams: asked } = event.url;
  const list = asked.get('list');
  const q = asked.get('q')?.slice(0, MOST_WORDS).trim();
  const limit = Number(asked.get('limit') ?? Number.NaN);
  const after = asked.get('after');
  const found = await readItems(session.accessToken, {
    rooms: session.desks.map((desk) => desk.room),
    eventIds: asked.getAll('event_id').slice(0, MOST_EVENTS),
    ...(after !== null && { after }),
    ...(Number.isInteger(limit) && limit > 0 && { limit: Math.min(limit, MOST_ROWS) }),
    ...(q !== undefined && q !== '' && { q }),
    ...((list === 'aside' || list === 'closed') && { list }),
  });
  if (!found) error(503, 'Le bureau ne répond pas pour l’instant.');
  return Response.json({ rows: found.rows, next: found.next });
};

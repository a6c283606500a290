/** Rows beyond the first screen, through our own server (which asks the appservice with the agent's token). */
import type { StoredRow } from '#lib/desk/snapshot.ts';

export type Asked = { after?: string; limit?: number; list?: 'aside' | 'closed'; q?: string; eventIds?: readonly string[] };
/** A list of the store: what is set aside or over, or what was searched for. */
export type Wanted = { list: 'aside' | 'closed' } | { q: string };
export type Found = { rows: StoredRow[]; next: string | null };

/** Undefined when they cannot be had now. */
export async function askRows({ after, limit, list, q, eventIds = [] }: Asked): Promise<Found | undefined> {
  const query = new URLSearchParams(eventIds.map((eventId) => ['event_id', eventId]));
  if (after !== undefined) query.set('after', after);
  if (limit !== undefined) query.set('limit', String(limit));
  if (list !== undefined) query.set('list', list);
  if (q !== undefined) query.set('q', q);
  try {
    const response = await fetch(`/objets?${query.toString()}`, { headers: { 'x-ecritoire': '1' } });
    return response.ok ? ((await response.json()) as Found) : undefined;
  } catch {
    return undefined;
  }
}

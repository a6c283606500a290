/** Rows of the desk from the appservice's internal listener, asked with the agent's own token: it serves only rooms she is in. */
import { z } from 'zod';
import { Placement } from '#desk/placement.ts';
import type { StoredRow } from '#lib/desk/snapshot.ts';
import { log } from './log.ts';
import { settings } from './settings.ts';

/** One screen of rows. */
export const FIRST_ROWS = 60;

const TIMEOUT_MS = 4_000; // the page is drawn without these rather than late

const Triage = z.object({
  seen: z.boolean(),
  aside: z.boolean(),
  snoozedUntil: z.number().optional(),
  snoozedRevision: z.number().optional(),
  pinned: z.boolean(),
  note: z.string().optional(),
});

const Rows = z.object({
  rows: z.array(z.object({ eventId: z.string(), room: z.string(), sentAt: z.number(), placement: Placement, triage: Triage })),
  next: z
    .string()
    .nullish()
    .transform((next) => next ?? null),
  triage: z.record(z.string(), Triage).default({}),
  /** What the agent has set, by desk room. */
  settings: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});
export type Rows = z.infer<typeof Rows> & { rows: StoredRow[] };

/** What to ask: the open rows after a cursor, another list, or the rows of given messages. */
export type Asked = {
  rooms: readonly string[];
  limit?: number;
  after?: string;
  list?: 'closed' | 'aside';
  q?: string;
  eventIds?: readonly string[];
};

function query({ rooms, limit = FIRST_ROWS, after, list, q, eventIds = [] }: Asked): string {
  const query = new URLSearchParams();
  for (const room of rooms) query.append('room', room);
  for (const eventId of eventIds) query.append('event_id', eventId);
  if (eventIds.length === 0) query.set('limit', String(limit));
  if (after !== undefined) query.set('after', after);
  if (list !== undefined) query.set('list', list);
  if (q !== undefined) query.set('q', q);
  return query.toString();
}

/** Undefined when the appservice does not answer as it should: the desk is then drawn from the homeserver alone. */
export async function readItems(accessToken: string, asked: Asked): Promise<Rows | undefined> {
  const { web } = await settings();
  try {
    const response = await fetch(`${web.internalUrl}/items?${query(asked)}`, {
      headers: { authorization: `Bearer ${accessToken}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return Rows.parse(await response.json());
  } catch (error) {
    log.warn({ err: error }, 'the appservice gave no rows');
    return undefined;
  }
}

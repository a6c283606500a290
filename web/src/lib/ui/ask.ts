/** What the page asks of our own server, which asks the homeserver or the appservice with the agent's token. */
import type { ToolAccount } from '#desk/account.ts';
import type { OwnMails } from '#desk/own-mail.ts';
import type { Snapshot, StoredRow } from '#lib/desk/snapshot.ts';

export type Asked = { after?: string; limit?: number; list?: 'aside' | 'closed'; q?: string; eventIds?: readonly string[] };
/** A list of the store: what is set aside or over, or what was searched for. */
export type Wanted = { list: 'aside' | 'closed' } | { q: string };
export type Found = { rows: StoredRow[]; next: string | null };
/** How her accounts and addresses stand. */
export type Standings = { accounts: ToolAccount[] | undefined; mails: OwnMails | undefined };

/** Rows beyond the first screen. Undefined when they cannot be had now. */
export async function askRows({ after, limit, list, q, eventIds = [] }: Asked): Promise<Found | undefined> {
  const query = new URLSearchParams(eventIds.map((eventId) => ['event_id', eventId]));
  if (after !== undefined) query.set('after', after);
  if (limit !== undefined) query.set('limit', String(limit));
  if (list !== undefined) query.set('list', list);
  if (q !== undefined) query.set('q', q);
  const response = await ask(`/objets?${query.toString()}`);
  return response?.ok === true ? ((await response.json()) as Found) : undefined;
}

/** Undefined when they cannot be had now. */
export async function askStandings(): Promise<Standings | undefined> {
  const response = await ask('/comptes');
  return response?.ok === true ? ((await response.json()) as Standings) : undefined;
}

/** The desk drawn anew. Undefined when it cannot be had now. */
export async function askDesk(): Promise<Snapshot | 'signed-out' | undefined> {
  const response = await ask('/bureau');
  if (response?.status === 401) return 'signed-out';
  return response?.ok === true ? ((await response.json()) as Snapshot) : undefined;
}

async function ask(path: string): Promise<Response | undefined> {
  try {
    return await fetch(path, { headers: { 'x-ecritoire': '1' } });
  } catch {
    return undefined;
  }
}

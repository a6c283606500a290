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
  return (await ask(`/objets?${query.toString()}`)).body as Found | undefined;
}

/** Undefined when they cannot be had now. */
export async function askStandings(): Promise<Standings | undefined> {
  return (await ask('/comptes')).body as Standings | undefined;
}

/** The desk drawn anew. Undefined when it cannot be had now. */
export async function askDesk(): Promise<Snapshot | 'signed-out' | undefined> {
  const { status, body } = await ask('/bureau');
  return status === 401 ? 'signed-out' : (body as Snapshot | undefined);
}

/** Our own server's answer is trusted; one that breaks off half-way is none. */
async function ask(path: string): Promise<{ status?: number; body?: unknown }> {
  try {
    const response = await fetch(path, { headers: { 'x-ecritoire': '1' } });
    return response.ok ? { status: response.status, body: await response.json() } : { status: response.status };
  } catch {
    return {};
  }
}

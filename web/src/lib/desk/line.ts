/** A message of the desk room as it stands in the thread. Pure. */
import { type MatrixEvent, readAnswer, type ReadOutcome } from '#desk/event.ts';
import type { Request } from '#desk/request.ts';
import type { Line } from './snapshot.ts';

type Around = { outcome: ReadOutcome | undefined; lines: readonly Line[]; requests: readonly Request[] };

/** Undefined for what is no message. An answer is about the item that it answers, what the desk says about that of the request. */
export function lineOf({ type, content, ...event }: MatrixEvent, { outcome, lines, requests }: Around): Line | undefined {
  const body = content['body'];
  if (type !== 'm.room.message' || typeof body !== 'string') return undefined;
  const line = { eventId: event.event_id, sender: event.sender, at: event.origin_server_ts, body };
  const about = outcome ? askedAbout(outcome.request, { lines, requests }) : readAnswer({ type, content, ...event })?.about;
  return about === undefined ? line : { ...line, about };
}

/** What is asked by words alone, or of a tool, is no decision here, but its message names the item. */
function askedAbout(request: string, { lines, requests }: Omit<Around, 'outcome'>): string | undefined {
  const typed = lines.find(({ eventId }) => eventId === request);
  return typed?.about ?? requests.find(({ eventId }) => eventId === request)?.items[0];
}

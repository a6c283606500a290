/** The desk room as a conversation: items, sentences and what the agent did with them, in order of time. Pure. */
import type { Request } from '#desk/request.ts';
import type { DeskRoom } from './room.ts';
import type { Known, Line } from './snapshot.ts';

export type Entry =
  | { kind: 'item'; id: string; at: number; known: Known }
  | { kind: 'line'; id: string; at: number; line: Line }
  | { kind: 'did'; id: string; at: number; request: Request };

/** Requests a reader wants to see in the thread: opening an item is not one. */
const TOLD = new Set(['desk.aside', 'desk.restore', 'desk.snooze']);

/** Rows known from the list alone do not stand before the thread's beginning. */
export function entriesOf(desk: DeskRoom): Entry[] {
  const from = startOf(desk);
  const items = [...desk.items.values()]
    .filter((known) => known.at >= from)
    .map((known): Entry => ({ kind: 'item', id: known.eventId, at: known.at, known }));
  const lines = desk.lines.map((line): Entry => ({ kind: 'line', id: line.eventId, at: line.at, line }));
  const done = desk.requests
    .filter((request) => TOLD.has(request.action) && request.source === 'action')
    .map((request): Entry => ({ kind: 'did', id: request.eventId, at: request.at, request }));
  return [...items, ...lines, ...done].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
}

/** Where what is known of the timeline begins: with everything known to the room's beginning, at once. */
function startOf(desk: DeskRoom): number {
  if (desk.older === undefined) return 0;
  const whole = [...desk.items.values()].filter((known) => known.whole || known.inThread).map((known) => known.at);
  const all = [...whole, ...desk.lines.map((line) => line.at), ...desk.requests.map((request) => request.at)];
  return all.length === 0 ? 0 : all.reduce((a, b) => Math.min(a, b));
}

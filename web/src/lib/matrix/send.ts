/** Sends one event to a room until the homeserver has it: the same transaction id each time, so it comes once (spec: txnId). */
import { backOff } from './follow.ts';
import type { Call } from './homeserver.ts';
import { Refusal } from './homeserver.ts';
import { events, fields, text } from './raw.ts';

/** `change`: of settings, which are made from it and what holds at the moment it goes; `content` is what they were when she decided. */
export type Sending = { room: string; type: string; content: unknown; txn: string; change?: Readonly<Record<string, unknown>> };
/** Taking an event of one's own back. `redacts`: its id, or as long as it has none `~` and its transaction id. */
export type Redacting = { room: string; redacts: string; txn: string };

/** A transaction id that no other tab or visit uses. */
export function newTxn(): string {
  return `web-${crypto.randomUUID()}`;
}

/** `wait` is told how long to wait after a failure that will pass, and may come back sooner; `contentOf` is asked at each try. */
export type Trying = { wait?: (ms: number) => Promise<void>; contentOf?: (sending: Sending) => unknown };

/** Gives the id of the event, or of its redaction. Throws the Refusal that will not pass by itself. */
export async function sendEvent(
  call: Call,
  sending: Sending | Redacting,
  { wait = pause, contentOf = asDecided }: Trying = {},
): Promise<string> {
  for (let failures = 1; ; failures += 1) {
    const { path, body } = 'redacts' in sending ? redaction(sending) : { path: eventPath(sending), body: contentOf(sending) };
    try {
      return text(fields(await call('PUT', path, { body }))['event_id']) ?? '';
    } catch (error) {
      if (!(error instanceof Refusal) || !error.passing) throw error;
      await wait(error.retryAfterMs ?? backOff(failures, Math.random()));
    }
  }
}

const rooms = (room: string): string => `/_matrix/client/v3/rooms/${encodeURIComponent(room)}`;

export const asDecided = ({ content }: Sending): unknown => content;

const eventPath = ({ room, type, txn }: Sending): string => `${rooms(room)}/send/${encodeURIComponent(type)}/${encodeURIComponent(txn)}`;

const redaction = ({ room, redacts, txn }: Redacting) => ({
  path: `${rooms(room)}/redact/${encodeURIComponent(redacts)}/${encodeURIComponent(txn)}`,
  body: {},
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Tells the homeserver that the room was read up to this event, so that other clients' badges clear. It never means *seen*. */
export async function sendRead(call: Call, room: string, eventId: string): Promise<void> {
  await call('POST', `${rooms(room)}/receipt/m.read/${encodeURIComponent(eventId)}`, { body: {} });
}

/** Older events of a room, newest first, and where to go on; undefined at the room's beginning. */
export async function readOlder(call: Call, room: string, from: string, limit = 50) {
  const query = new URLSearchParams({ dir: 'b', from, limit: String(limit) });
  const answer = fields(await call('GET', `${rooms(room)}/messages?${query.toString()}`));
  return { chunk: events(answer['chunk']), next: text(answer['end']) };
}

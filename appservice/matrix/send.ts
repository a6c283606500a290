/**
 * Sends one frozen request, with the row's id as transaction id and always with `user_id` and `device_id`: so Synapse
 * answers a repetition with the first event's id, also after its own restart (reference/matrix.md §4.2); and before a
 * repetition the room is asked whether it has it. What came of it is data, never an exception.
 */
import { z } from 'zod';
import { DESK_BOT } from '#desk/access.ts';
import { EVENT } from '#desk/event.ts';
import type { SendOutcome, Trouble } from '#store/outbox.ts';
import type { Frozen } from '#store/tables.ts';
import type { Bots } from './bridge.ts';
import type { Answer, MatrixClient } from './client.ts';
import { DEVICE } from './names.ts';

/** `isRepeated`: an earlier try may have reached the room. */
export type Sending = { roomId: string; sender: string; id: string; frozen: Frozen; isRepeated?: boolean };

export interface Sender {
  send(sending: Sending): Promise<SendOutcome>;
}

export type SenderOptions = {
  client: MatrixClient;
  bots: Bots;
  serverName: string;
  /** Invites and joins a bot that turned out not to be in the room. False: it cannot be brought in. */
  rejoin: (roomId: string, sender: string) => Promise<boolean>;
};

export function makeSender(options: SenderOptions): Sender {
  const { bots, rejoin } = options;
  const put = (sending: Sending): Promise<Answer> => putOnce(options, sending);
  return {
    async send(sending) {
      const before = sending.isRepeated === true ? await look(options, sending) : undefined;
      if (before !== undefined) return before;
      const first = await put(sending);
      if (isUnknownDevice(first)) {
        bots.forget(sending.sender);
        await bots.ensure(sending.sender);
        return readOutcome(await put(sending));
      }
      // 403 for a bot that is not in the room: it was removed, or the room was made before it came.
      if (first.status === 403 && first.errcode === 'M_FORBIDDEN' && (await rejoin(sending.roomId, sending.sender))) {
        return readOutcome(await put(sending));
      }
      return readOutcome(first);
    },
  };
}

function putOnce({ client, serverName }: SenderOptions, sending: Sending): Promise<Answer> {
  const as = `@${sending.sender}:${serverName}`;
  return client.call('PUT', pathOf(sending), { as, device: DEVICE, body: sending.frozen.content });
}

/**
 * Whether an earlier try is in the room. Asked at every repetition: the homeserver forgets a transaction after 24 h, and at
 * once with the device it came by, which may have been made anew without our seeing it. The row, if sent, is among the
 * sender's newest, since no later row of the room is sent before this one is marked. Undefined: not there, or nobody may say.
 */
async function look({ client, serverName }: SenderOptions, { roomId, sender, id, frozen }: Sending): Promise<SendOutcome | undefined> {
  if (frozen.stateKey !== undefined) return undefined; // the same state again is no new event
  const filter = JSON.stringify({ types: [frozen.type], senders: [`@${sender}:${serverName}`] });
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/messages`;
  const answer = await client.call('GET', path, {
    as: `@${DESK_BOT}:${serverName}`,
    query: { dir: 'b', limit: String(LOOK_BACK), filter },
  });
  const found = findRow(answer.body?.chunk, id);
  if (found !== undefined) return { kind: 'sent', eventId: found };
  // Who refuses to show the room (403, 404) judges the send as well; who does not answer is not asked to send.
  const outcome = readOutcome(answer);
  return outcome.kind === 'later' && answer.body?.chunk === undefined ? outcome : undefined;
}

const LOOK_BACK = 20;

function findRow(chunk: unknown, id: string): string | undefined {
  const events: unknown[] = Array.isArray(chunk) ? chunk : [];
  for (const event of events) {
    const read = Sent.safeParse(event);
    if (read.success && read.data.content[EVENT.row] === id) return read.data.event_id;
  }
  return undefined;
}

const Sent = z.object({ event_id: z.string(), content: z.object({ [EVENT.row]: z.string() }) });

function pathOf({ roomId, id, frozen }: Sending): string {
  const room = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}`;
  const type = encodeURIComponent(frozen.type);
  return frozen.stateKey === undefined ? `${room}/send/${type}/${id}` : `${room}/state/${type}/${encodeURIComponent(frozen.stateKey)}`;
}

/** Before and after MSC4326 became part of the specification; Synapse still says the former. */
const isUnknownDevice = (answer: Answer): boolean =>
  answer.errcode === 'M_UNKNOWN_DEVICE' || answer.errcode === 'ORG.MATRIX.MSC4326.M_UNKNOWN_DEVICE';

/** Reads an answer to a send: only what the homeserver itself refuses in Matrix's words ends a row. */
export function readOutcome(answer: Answer): SendOutcome {
  const eventId = answer.body?.event_id;
  if (answer.status >= 200 && answer.status < 300 && typeof eventId === 'string') return { kind: 'sent', eventId };
  if (answer.status === 429) return { kind: 'later', afterMs: answer.retryAfterMs ?? 1000, trouble: 'limited', reason: answer.reason };
  // A proxy's limit answers HTML; 413 says the same whoever says it.
  if (answer.status === 413) return { kind: 'refused', reason: answer.reason };
  if ([400, 403, 404].includes(answer.status) && answer.errcode !== undefined && answer.errcode !== 'M_UNRECOGNIZED') {
    return { kind: 'refused', reason: answer.reason };
  }
  const reason = answer.reason === '' ? `${String(answer.status)} without an event id` : answer.reason;
  return { kind: 'later', afterMs: answer.retryAfterMs, trouble: readTrouble(answer), reason };
}

/** What an answer without success says of the homeserver; undefined when it answered in Matrix's words. */
export function readTrouble({ status, errcode, isLate }: Answer): Exclude<Trouble, 'limited'> | undefined {
  if (status === 0) return isLate === true ? 'slow' : 'silent';
  if ([502, 503, 504].includes(status)) return 'failing';
  if (errcode !== undefined) return undefined;
  return status >= 500 ? 'failing' : 'foreign';
}

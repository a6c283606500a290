/**
 * Sends one frozen request, with the row's id as transaction id and always with `user_id` and `device_id`: so Synapse
 * answers a repetition with the first event's id, also after its own restart (reference/matrix.md §4.2). What came of
 * it is data, never an exception.
 */
import type { SendOutcome } from '#store/outbox.ts';
import type { Frozen } from '#store/tables.ts';
import type { Bots } from './bridge.ts';
import type { Answer, MatrixClient } from './client.ts';
import { DEVICE } from './names.ts';

export type Sending = { roomId: string; sender: string; id: string; frozen: Frozen };

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

export function makeSender({ client, bots, serverName, rejoin }: SenderOptions): Sender {
  const put = (sending: Sending): Promise<Answer> =>
    client.call('PUT', pathOf(sending), { as: `@${sending.sender}:${serverName}`, device: DEVICE, body: sending.frozen.content });
  return {
    async send(sending) {
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
  if (answer.status === 429) return { kind: 'later', afterMs: answer.retryAfterMs ?? 1000, down: false, reason: answer.reason };
  // A proxy's limit answers HTML; 413 says the same whoever says it.
  if (answer.status === 413) return { kind: 'refused', reason: answer.reason };
  if ([400, 403, 404].includes(answer.status) && answer.errcode !== undefined && answer.errcode !== 'M_UNRECOGNIZED') {
    return { kind: 'refused', reason: answer.reason };
  }
  const down = answer.status === 0 || [502, 503, 504].includes(answer.status) || answer.errcode === undefined;
  return {
    kind: 'later',
    afterMs: answer.retryAfterMs,
    down,
    reason: answer.reason === '' ? `${String(answer.status)} without an event id` : answer.reason,
  };
}

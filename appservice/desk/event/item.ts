/**
 * Items in rooms: `m.room.message` with `fr.ecritoire.item`, and its edits. Writing never fails and never grows above
 * the limit; reading takes only what is whole and ours to read (who may have written it: `access.ts`).
 */
import { splitKey } from '../item.ts';
import { isClosed, Placement } from '../placement.ts';
import { jsonBytes } from '../text.ts';
import { itemBody } from '../words/item.ts';
import { fieldsOf, matrixSafe, relationOf, textOf } from './content.ts';
import { fit } from './fit.ts';
import { type Draft, EVENT, MATRIX, type MatrixEvent } from './names.ts';

/** DESIGN §3 allows an event 30 KB; what the homeserver adds (hashes, signatures, parents) stays below the difference. */
const CONTENT_MAX = 27_000;

export type ItemWriting = {
  /** The outbox row's id, by which « was this sent? » can be asked of the room. */
  row: string;
  /** The mxid of the desk's agent. */
  agent: string;
  /** The tool's name as agents know it. */
  tool: string;
  timeZone: string;
  /** ms: decides whether a date needs its year. */
  now: number;
};

/** The first message of a placement. `m.mentions` is always there (empty: clients and servers then guess no mention from the body). */
export function itemMessage(placement: Placement, at: ItemWriting): Draft {
  return fitted(placement, (shown) => ({ ...messageOf(shown, at), [EVENT.row]: at.row }));
}

/** An edit in place. It notifies only when the placement became urgent; clients without edits show the `* ` body. */
export function itemEdit(placement: Placement, at: ItemWriting & { original: string; becameUrgent: boolean }): Draft {
  return fitted(placement, (shown) => {
    const message = messageOf(shown, at);
    return {
      msgtype: message.msgtype,
      body: `* ${message.body}`,
      'm.mentions': at.becameUrgent ? { user_ids: [at.agent] } : {},
      'm.new_content': message,
      'm.relates_to': { rel_type: 'm.replace', event_id: at.original },
      [EVENT.row]: at.row,
    };
  });
}

function messageOf(shown: Placement, { agent, tool, timeZone, now }: ItemWriting) {
  const isUrgent = shown.severity === 'urgent' && !isClosed(shown);
  return {
    msgtype: isClosed(shown) || shown.severity === 'info' ? 'm.notice' : 'm.text',
    body: itemBody(shown, { tool, timeZone, now }),
    'm.mentions': isUrgent ? { user_ids: [agent] } : {},
    external_url: shown.url,
    [EVENT.item]: shown,
  };
}

function fitted(placement: Placement, write: (shown: Placement) => Record<string, unknown>): Draft {
  const shown = fit(placement, { bytesOf: (candidate) => jsonBytes(matrixSafe(write(candidate))), max: CONTENT_MAX });
  return { type: MATRIX.message, content: matrixSafe(write(shown)) };
}

export type ReadItem = {
  eventId: string;
  sender: string;
  placement: Placement;
  /** ms: when the original message was sent. */
  at: number;
  /** ms: when it was last edited, if it was. */
  editedAt?: number;
  /** ms: the first edit known that shows its object as it stands; none where it stands as in the original message. */
  movedAt?: number;
  /** The outbox row of the original message. */
  row?: string;
};

/** The item of an original message, with the edit bundled to it applied when that is the same sender's, of the same key. */
export function readItem(event: MatrixEvent): ReadItem | undefined {
  if (event.type !== MATRIX.message || event.state_key !== undefined || relationOf(event.content).kind === 'm.replace') return undefined;
  const first = readPlacement(event.content);
  if (!first) return undefined;
  const edit = bundledEdit(event);
  const edited = edit?.sender === event.sender && edit.placement.key === first.key ? edit : undefined;
  const row = textOf(event.content[EVENT.row]);
  return {
    eventId: event.event_id,
    sender: event.sender,
    placement: edited?.placement ?? first,
    at: event.origin_server_ts,
    ...(edited && { editedAt: edited.at }),
    ...(edited && edited.placement.revision !== first.revision && { movedAt: edited.at }),
    ...(row !== undefined && { row }),
  };
}

export type ReadEdit = { original: string; sender: string; placement: Placement; at: number; row?: string };

/** An edit as it comes alone; whether it may change the original (same sender, same key) is asked of the original. */
export function readEdit(event: MatrixEvent): ReadEdit | undefined {
  const { kind, eventId } = relationOf(event.content);
  if (event.type !== MATRIX.message || event.state_key !== undefined || kind !== 'm.replace' || eventId === undefined) return undefined;
  const placement = readPlacement(fieldsOf(event.content['m.new_content']) ?? {});
  if (!placement) return undefined;
  const row = textOf(event.content[EVENT.row]);
  return { original: eventId, sender: event.sender, placement, at: event.origin_server_ts, ...(row !== undefined && { row }) };
}

/** Homeservers bundle the newest edit with its original (spec: « Server-side aggregation of m.replace relationships »). */
function bundledEdit(event: MatrixEvent): ReadEdit | undefined {
  const bundled = fieldsOf(fieldsOf(event.unsigned?.['m.relations'])?.['m.replace']);
  const { event_id, type, sender, origin_server_ts, content } = bundled ?? {};
  const edit = { event_id, type, sender, origin_server_ts, content: fieldsOf(content) };
  if (!isWhole(edit)) return undefined;
  const read = readEdit(edit);
  return read?.original === event.event_id ? read : undefined;
}

function isWhole(event: { [Name in keyof MatrixEvent]?: unknown }): event is MatrixEvent {
  return (
    typeof event.event_id === 'string' &&
    typeof event.type === 'string' &&
    typeof event.sender === 'string' &&
    typeof event.origin_server_ts === 'number' &&
    event.content !== undefined
  );
}

/** A placement whose bot and connection are those of its key. */
function readPlacement(content: Record<string, unknown>): Placement | undefined {
  const read = Placement.safeParse(content[EVENT.item]);
  if (!read.success) return undefined;
  const { bot, connection } = splitKey(read.data.key);
  return bot === read.data.bot && connection === read.data.connection ? read.data : undefined;
}

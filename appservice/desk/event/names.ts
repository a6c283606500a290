/** The names on the wire: namespace `fr.ecritoire`, for good (DESIGN §3). */

export const EVENT = {
  desk: 'fr.ecritoire.desk',
  tool: 'fr.ecritoire.tool',
  item: 'fr.ecritoire.item',
  action: 'fr.ecritoire.action',
  outcome: 'fr.ecritoire.outcome',
  settings: 'fr.ecritoire.settings',
  connection: 'fr.ecritoire.connection',
  banner: 'fr.ecritoire.banner',
  row: 'fr.ecritoire.row',
} as const;

/** The events of Matrix itself that we read or write. */
export const MATRIX = { message: 'm.room.message', reaction: 'm.reaction', redaction: 'm.room.redaction' } as const;

/** An event as homeservers give it to clients and appservices; everything in `content` is untrusted. */
export type MatrixEvent = {
  event_id: string;
  type: string;
  sender: string;
  /** ms, by the clock of the sender's homeserver. */
  origin_server_ts: number;
  room_id?: string;
  state_key?: string;
  content: Record<string, unknown>;
  unsigned?: Record<string, unknown>;
  redacts?: string;
};

/** A message or other timeline event to be sent. */
export type Draft = { type: string; content: Record<string, unknown> };

/** A state event to be sent. */
export type StateDraft = Draft & { stateKey: string };

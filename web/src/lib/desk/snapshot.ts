/**
 * What the server sends the page: the desk decoded, never a token and never a raw payload. The page's own state is made from
 * it, so that server and browser draw the same thing.
 */
import type { Banner, ConnectionHealth, ReadTool } from '#desk/event.ts';
import type { Placement } from '#desk/placement.ts';
import type { Request } from '#desk/request.ts';
import type { Triage } from '#desk/triage.ts';
import type { Told } from './acts.ts';

/** An item as it stands in a desk room. Times in ms. */
export type Known = {
  eventId: string;
  sender: string;
  at: number;
  /** When its message was last edited; undefined when never. */
  editedAt?: number;
  /** The first edit known that shows its object as it stands; undefined where it stands as in the original message. */
  movedAt?: number | undefined;
  placement: Placement;
  /** Its message is in the window of the timeline, so every request about it is known here. */
  whole: boolean;
  /** Its triage as the store had it; requests seen since are folded on top. */
  base: Triage;
  /** Its triage is not known yet, so it is in no list. */
  unsure?: boolean;
  /** Read further up in the thread, before the window. */
  inThread?: boolean;
};

/** A row as the store gives it. `sentAt` in ms. */
export type StoredRow = { eventId: string; room: string; sentAt: number; placement: Placement; triage: Triage };

/** A message that is not an item: written by a person, or a sentence of the desk bot. */
export type Line = {
  eventId: string;
  sender: string;
  at: number;
  body: string;
  /** The item it is about, when it says so. */
  about?: string;
  /** Sent from this page and not yet confirmed, or refused. */
  fate?: 'sending' | 'failed';
};

/** One desk room at one moment. */
export type RoomSnapshot = {
  room: string;
  organisationRoom: string;
  organisation: string;
  name: string;
  timeZone: string;
  items: Known[];
  requests: Request[];
  lines: Line[];
  tools: ReadTool[];
  health: ConnectionHealth[];
  banners: Banner[];
  /** The tools' one or two letters, by connection id. */
  marks: Record<string, string>;
  /** Their names, for a tool that has written no numbers yet. */
  labels: Record<string, string>;
  /** Where the list of open items goes on; null when all of them are here; undefined when it could not be asked. */
  next?: string | null | undefined;
  /** Where the thread goes on backwards. */
  older?: string | undefined;
  /** What was said of requests to tools, by request. */
  told?: Record<string, Told>;
  /** What the agent has set, as the wire has it. */
  settings?: Record<string, unknown> | undefined;
  /** The newest event of the timeline, for the read receipt. */
  latest?: string | undefined;
};

/** Everything the page is drawn from. */
export type Snapshot = {
  now: number;
  pos: string;
  feed: 'sliding' | 'classic';
  connId: string;
  agent: string;
  name: string;
  serverName: string;
  /** Transaction ids hold on one device. */
  device: string;
  /** « Poste partagé »: nothing may stay on it. */
  isShared: boolean;
  rooms: RoomSnapshot[];
};

/** Events of one desk room, written by the core's own codec, for the tests of the page's state. */
import { type MatrixEvent, itemEdit, itemMessage, requestEvent } from '#desk/event.ts';
import { itemKey } from '#desk/item.ts';
import { Placement } from '#desk/placement.ts';
import type { RoomSnapshot, Snapshot } from '../../../../../web/src/lib/desk/snapshot.ts';

export const SERVER = 'desk.localhost';
export const AGENT = `@claire.morel:${SERVER}`;
export const DESK_BOT = `@ecritoire_desk:${SERVER}`;
export const ROOM = '!desk:desk.localhost';
export const NOW = Date.parse('2026-11-26T10:00:00+01:00');
const WRITING = { row: 'row', agent: AGENT, tool: 'Astre', timeZone: 'Europe/Paris', now: NOW };

export function placement(externalId: string, over: Partial<Placement> = {}): Placement {
  return Placement.parse({
    v: 1,
    bot: 'astre',
    connection: 'astre',
    key: itemKey('astre', 'astre', externalId),
    revision: 1,
    title: `Facture ${externalId}`,
    updatedAt: '2026-11-26T08:00:00Z',
    ...over,
  });
}

let count = 0;
export const event = (event: Partial<MatrixEvent> & { type: string }): MatrixEvent => ({
  event_id: `$event${(count += 1)}`,
  sender: AGENT,
  origin_server_ts: NOW - 60_000,
  content: {},
  ...event,
});

export function itemEvent(eventId: string, over: Partial<Placement> = {}, sender = `@ecritoire_astre:${SERVER}`): MatrixEvent {
  return event({ ...itemMessage(placement(eventId.slice(1), over), WRITING), event_id: eventId, sender });
}

export function editEvent(original: string, over: Partial<Placement>, sender = `@ecritoire_astre:${SERVER}`): MatrixEvent {
  return event({ ...itemEdit(placement(original.slice(1), over), { ...WRITING, original, becameUrgent: false }), sender });
}

export function requestOf(action: string, items: string[], over: Partial<MatrixEvent> = {}, input?: Record<string, unknown>): MatrixEvent {
  return event({ ...requestEvent({ items, action, ...(input && { input }), askedAt: NOW }), ...over });
}

export const reaction = (key: string, on: string): MatrixEvent =>
  event({ type: 'm.reaction', content: { 'm.relates_to': { rel_type: 'm.annotation', event_id: on, key } } });

export const redaction = (of: string): MatrixEvent => event({ type: 'm.room.redaction', content: { redacts: of } });

export function toolState(counts: { open: number; due?: Record<string, number>; first?: string[] }, sender = DESK_BOT): MatrixEvent {
  const due = counts.due ?? {};
  const dated = Object.values(due).reduce((a, b) => a + b, 0);
  const first = (counts.first ?? []).map((event_id) => ({ event_id }));
  return event({
    type: 'fr.ecritoire.tool',
    state_key: 'astre',
    sender,
    content: {
      v: 1,
      bot: 'astre',
      label: 'Astre',
      counts: { open: counts.open, urgent: 0, undated: counts.open - dated, aside: 0 },
      due,
      before: 0,
      after: 0,
      first,
      more: counts.open - first.length,
    },
  });
}

export const emptySnapshot = (over: Partial<RoomSnapshot> = {}): RoomSnapshot => ({
  room: ROOM,
  organisationRoom: '!org:desk.localhost',
  organisation: 'ville-claire',
  name: 'Ville-Claire',
  timeZone: 'Europe/Paris',
  items: [],
  requests: [],
  lines: [],
  tools: [],
  health: [],
  banners: [],
  marks: {},
  labels: { astre: 'Astre' },
  next: null,
  ...over,
});

/** A desk as the server draws it. */
export const snapshot = (over: Partial<Snapshot> = {}): Snapshot => ({
  now: NOW,
  pos: 'p',
  feed: 'sliding',
  connId: 'c',
  agent: AGENT,
  name: 'Claire Morel',
  serverName: SERVER,
  device: 'D',
  isShared: false,
  rooms: [emptySnapshot()],
  ...over,
});

/** What handling an event needs to know of the desk it is in, and how a request of its agent is kept. */
import { localpartOf } from '#desk/access.ts';
import type { MatrixEvent, Request } from '#desk/event.ts';
import { isTask, OWN } from '#desk/task.ts';
import { writeAudit } from '#store/audit.ts';
import type { Store } from '#store/open.ts';
import type { PlacementRow } from '#store/placements.ts';
import { keepRequest } from '#store/requests.ts';
import { findAddress, readAddress } from '#store/rooms.ts';

/** `zones` by organisation, `labels` by connection; `clock` is the homeserver's, whose times the events have. */
export type Surroundings = {
  serverName: string;
  zones: ReadonlyMap<string, string>;
  labels: ReadonlyMap<string, string>;
  clock: () => number;
  /** What the admins' rooms do with an event; false when it was none of theirs. */
  toAdmin: (db: Store, event: MatrixEvent) => Promise<boolean>;
  /** Whether the account of an agent who left her desk was deactivated; rejects when nobody can say. */
  isDeactivated: (localpart: string) => Promise<boolean>;
};

/** The event cannot be judged yet: a message is in the room whose row is not marked. It waits, and its room with it. */
export class NotYet extends Error {}

export type Desk = { address: string; organisation: string; agent: string; roomId: string; timeZone: string };

export async function findDesk(db: Store, roomId: string, { serverName, zones }: Surroundings): Promise<Desk | undefined> {
  const text = await findAddress(db, roomId);
  const address = text === undefined ? undefined : readAddress(text);
  if (text === undefined || address?.kind !== 'desk') return undefined;
  const { organisation, localpart } = address;
  return { address: text, organisation, agent: `@${localpart}:${serverName}`, roomId, timeZone: zones.get(organisation) ?? 'Europe/Paris' };
}

/** Keeps a request with what came of it so far; false when it was kept before. */
export function keep(
  db: Store,
  desk: Desk,
  request: Request,
  found: readonly PlacementRow[],
  outcome: 'waiting' | 'confirmed' | 'refused',
): Promise<boolean> {
  const revisions = Object.fromEntries(found.map((row) => [row.event_id ?? '', row.sent_revision ?? row.revision]));
  return keepRequest(db, request, { roomId: desk.roomId, localpart: localpartOf(desk.agent), outcome, revisions });
}

/** The tool's name, or that there are several. */
export function toolsOf(rows: readonly PlacementRow[], { labels }: Surroundings): string {
  const tools = [...new Set(rows.map(({ connection, content }) => labels.get(connection) ?? (isTask(content) ? OWN.label : content.bot)))];
  return tools.length === 1 ? (tools[0] ?? '') : 'les outils';
}

export function audit(
  db: Store,
  event: MatrixEvent,
  desk: Desk | undefined,
  { what, ...details }: { what: string } & Record<string, unknown>,
): Promise<void> {
  const where = { ...details, room: event.room_id };
  return writeAudit(db, {
    ...(desk && { organisation: desk.organisation }),
    who: event.sender,
    what,
    subject: event.event_id,
    details: where,
  });
}

/**
 * One room of the rebuild: its history is read outside of any transaction (nothing is sent to it meanwhile), then written
 * in one, beside what was accepted in that time. `record` is only read; what the agent asked and nobody handled goes to
 * the inbox, or is answered as unknown where a tool would act.
 */
import { DESK_BOT, mayBelieveState } from '#desk/access.ts';
import { isDeskAction } from '#desk/triage.ts';
import { type MatrixEvent, outcomeMessage, readTool } from '#desk/event.ts';
import type { Order } from '#desk/order.ts';
import { isClosed } from '#desk/placement.ts';
import { type Awaiting, holdAwaiting, markRead } from '#store/awaiting.ts';
import { type Received, settleEvents, storeEvents } from '#store/inbox.ts';
import type { Store } from '#store/open.ts';
import { enqueue, newRowId, type NewRow, toolRow } from '#store/outbox.ts';
import {
  dropSaid,
  findKept,
  overruleObjects,
  restoreDeliveries,
  restoreObjects,
  restorePlacements,
  type RestoredPlacement,
  restoreToolStates,
  type SaidObject,
} from '#store/rebuilt.ts';
import { knownRequests, standingRequests } from '#store/requests.ts';
import type { SortAt } from '#store/write.ts';
import type { RoomNow } from '../matrix/history.ts';
import { foldMarks, type Marks, NO_MARKS } from './marks.ts';
import { isOverruled, isTakenAway, merge, type Merged } from './merge.ts';
import type { Card, RoomReading } from './read.ts';

export type Surroundings = {
  serverName: string;
  sortAt: SortAt;
  /** By organisation. */
  zones: ReadonlyMap<string, string>;
  /** By connection. */
  orders: ReadonlyMap<string, Order>;
};

/** A desk as it was read. */
export type ReadDesk = { claim: Awaiting; agent: string; localpart: string; organisation: string; now: RoomNow; reading: RoomReading };

/** Answers false when another replica was quicker; then nothing was written. */
export function writeDesk(store: Store, desk: ReadDesk, around: Surroundings): Promise<boolean> {
  return store.transaction().execute(async (trx) => {
    if (!(await holdAwaiting(trx, desk.claim))) return false;
    await writeCards(trx, desk, around);
    await writeIndicators(trx, desk, around);
    await handOver(trx, desk);
    await markRead(trx, desk.claim, desk.now.bots);
    return true;
  });
}

async function writeCards(trx: Store, desk: ReadDesk, around: Surroundings): Promise<void> {
  const { claim, localpart, organisation, reading } = desk;
  const cards = [...reading.cards.values()];
  await restoreDeliveries(trx, reading.deliveries);
  const objects = new Map(cards.map((card) => [card.placement.key, objectOf(card, organisation)]));
  const standings = await restoreObjects(trx, [...objects.values()]);
  const orderOf = ({ placement }: Card): Order => around.orders.get(placement.connection) ?? 'time';
  const overruled = cards.filter((card) => {
    const accepted = standings.get(card.placement.key);
    return accepted !== undefined && isOverruled(card.placement, accepted, orderOf(card));
  });
  await overruleObjects(
    trx,
    overruled.flatMap(({ placement }) => objects.get(placement.key) ?? []),
  );
  const kept = await findKept(trx, localpart, [...objects.keys()]);
  const marks = foldMarks(await standingRequests(trx, claim.roomId), { sender: desk.agent, timeZone: zoneOf(organisation, around) });
  const merged = cards
    .filter(({ placement }) => kept.get(placement.key)?.hasMessage !== true)
    .map((card) => ({ card, ...mergeCard(card, { standings, kept, order: orderOf(card) }) }));
  await restorePlacements(
    trx,
    merged.map(({ card, ...one }) => placementOf(card, one, { desk, marks: marks.get(card.eventId) ?? NO_MARKS, around })),
  );
  const keysOf = (row: Merged['row']): string[] => merged.filter((one) => one.row === row).map(({ card }) => card.placement.key);
  await dropSaid(trx, claim.address, keysOf('drop'));
  const told = merged.filter(({ row }) => row === 'queue').map(({ placement }) => placement);
  await enqueue(
    trx,
    told.map(({ key, bot }): NewRow => ({ address: claim.address, kind: 'item', subject: key, sender: `ecritoire_${bot}` })),
  );
}

type Beside = { standings: Awaited<ReturnType<typeof restoreObjects>>; kept: Awaited<ReturnType<typeof findKept>>; order: Order };

function mergeCard({ placement }: Card, { standings, kept, order }: Beside): Merged {
  const standing = standings.get(placement.key) ?? { revision: placement.revision, digest: '', closed: isClosed(placement), last: null };
  const accepted = isOverruled(placement, standing, order) ? { ...standing, last: null } : standing;
  return merge(placement, { accepted, kept: kept.get(placement.key), order });
}

/** What she keeps of what is somebody else's now says how it was for her, not how the object stands. */
function objectOf({ placement, changedAt }: Card, organisation: string): SaidObject {
  const { key, connection, revision, via } = placement;
  return {
    key,
    connection,
    organisation,
    revision,
    digest: via?.contentDigest ?? '',
    at: changedAt,
    closed: !isTakenAway(placement) && isClosed(placement),
  };
}

function placementOf(
  card: Card,
  { placement, addressed }: Merged,
  { desk, marks, around }: { desk: ReadDesk; marks: Marks; around: Surroundings },
): RestoredPlacement {
  const { key, connection, revision, state, severity } = placement;
  const { triage, seenAt, asideAt, pinnedAt } = marks;
  const shown = card.placement;
  return {
    key,
    agent: desk.localpart,
    address: desk.claim.address,
    connection,
    revision,
    content: placement,
    addressed,
    state,
    severity,
    due_at: placement.dueAt ?? null,
    sort_at: around.sortAt(desk.organisation, placement) ?? null,
    event_id: card.eventId,
    sent_revision: shown.revision,
    sent_at: card.sentAt,
    sent_pressing: shown.severity === 'urgent' && !isClosed(shown),
    seen_at: seenAt,
    aside_at: asideAt,
    pinned_at: pinnedAt,
    note: triage.note ?? null,
    snoozed_until: triage.snoozedUntil ?? null,
    snoozed_revision: triage.snoozedRevision ?? null,
    changed_at: Math.max(card.changedAt, marks.at),
  };
}

function zoneOf(organisation: string, { zones }: Surroundings): string {
  return zones.get(organisation) ?? 'Europe/Paris';
}

/** What the indicators say is known again; then they are counted, and written where the count says otherwise. */
async function writeIndicators(trx: Store, { claim, now, reading }: ReadDesk, { serverName }: Surroundings): Promise<void> {
  const states = now.state.filter((event) => mayBelieveState(event, { serverName }) && readTool(event) !== undefined);
  await restoreToolStates(
    trx,
    claim.address,
    states.map(({ state_key = '', content }) => ({ connection: state_key, content })),
  );
  const connections = new Set([...reading.cards.values()].map(({ placement }) => placement.connection));
  await enqueue(
    trx,
    [...connections].map((connection) => toolRow(claim.address, connection)),
  );
}

/**
 * Requests come behind each other, so what `record` lacks is what came after the last one it has. The desk's own are
 * handled now, as if they had come now; one that a tool would carry out may have been: it is never run again.
 */
async function handOver(trx: Store, { claim, reading }: ReadDesk): Promise<void> {
  const known = await knownRequests(trx, claim.roomId);
  const last = reading.asked.findLastIndex(({ event }) => known.has(event.event_id));
  const fresh = reading.asked.slice(last + 1);
  const isHarmless = (action: string): boolean => isDeskAction(action) && action !== 'desk.task';
  const handled = fresh.filter(({ event, request }) => {
    if (request === undefined) return !reading.answered.has(event.event_id);
    return isHarmless(request.action) && (request.source === 'action' || request.items.some((item) => reading.isCard(item)));
  });
  const unknown = fresh.filter(({ request }) => request !== undefined && !isHarmless(request.action));
  const takenBack = [...reading.redactions].filter(([request]) => known.get(request) === 'standing').map(([, event]) => event);
  const inbox = (event: MatrixEvent): Received => ({ ...event, room_id: claim.roomId });
  await storeEvents(trx, 'rebuild', [...handled.map(({ event }) => event), ...takenBack].map(inbox));
  const unanswered = unknown.map(({ event }) => inbox(event)).filter(({ event_id }) => !reading.answered.has(event_id));
  const settled = await settleEvents(trx, unanswered, 'found by a rebuild: it may have been carried out');
  await enqueue(
    trx,
    settled.map(({ event_id }) => unknownRow(claim.address, event_id)),
  );
}

function unknownRow(address: string, request: string): NewRow {
  const id = newRowId();
  const draft = outcomeMessage({ request, outcome: 'unknown', row: id });
  return { id, address, kind: 'outcome', subject: request, sender: DESK_BOT, draft };
}

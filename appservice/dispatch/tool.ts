/**
 * Requests that a tool carries out: kept with one act for each item, in one commit; whoever acts does the rest. Until it was
 * sent, taking the request back stops it.
 */
import { MATRIX, type MatrixEvent, type Request } from '#desk/event.ts';
import { onlyAsked } from '#desk/input.ts';
import { staleSentence, TOOL_WORDS } from '#desk/words.ts';
import { keepOutcome, queueActs } from '#store/acts.ts';
import { isRedactedAhead } from '#store/inbox.ts';
import type { Store } from '#store/open.ts';
import type { NewRow } from '#store/outbox.ts';
import type { PlacementRow } from '#store/placements.ts';
import type { RequestRow } from '#store/requests.ts';
import { callBackActs } from '#store/windows.ts';
import { audit, type Desk, keep, type Surroundings, toolsOf } from './desk.ts';
import { bareRow, sentenceRow, tell } from './outcome.ts';

export type Asked = { found: readonly PlacementRow[]; around: Surroundings };

/** What acts at a tool. Taken back before it could be read, it is over at once. */
export async function askTool(db: Store, desk: Desk, request: Request, event: MatrixEvent, { found, around }: Asked): Promise<void> {
  const isTakenBack = await isRedactedAhead(db, event);
  if (!(await keep(db, desk, request, found, isTakenBack ? 'refused' : 'waiting'))) return;
  if (isTakenBack) return tell(db, desk.address, calledBackRow(desk.address, request, saidOf(request, { found, around })), []);
  const acts = request.items.flatMap((item, place) => {
    const row = found.find((one) => one.event_id === item);
    if (row === undefined) return [];
    const revision = request.items.length === 1 ? (request.revision ?? row.sent_revision) : row.sent_revision;
    const { key, connection, agent } = row;
    const action = row.content.actions.find(({ id }) => id === request.action);
    const input = onlyAsked(action?.input, request.input ?? {});
    const asked = { action: request.action, label: action?.label ?? '', input, askedAt: request.askedAt, source: request.source };
    return [{ request: request.eventId, item, place, key, connection, agent, address: desk.address, revision, ...asked }];
  });
  await queueActs(db, acts);
  await audit(db, event, desk, { what: 'request.kept', action: request.action, items: request.items.length });
}

export async function refuseStale(db: Store, desk: Desk, request: Request, event: MatrixEvent, { found, around }: Asked): Promise<void> {
  await audit(db, event, desk, { what: 'request.refused', action: request.action, reason: 'stale' });
  if (!(await keep(db, desk, request, found, 'refused'))) return;
  const asked = { at: Math.min(request.askedAt, request.at), timeZone: desk.timeZone, now: around.clock() };
  const text = staleSentence({ ...saidOf(request, { found, around }), ...asked });
  await tell(db, desk.address, sentenceRow(desk.address, request.eventId, 'refused', text), []);
}

/** How an action and its tool are called. */
function saidOf({ action }: Request, { found, around }: Asked): { label: string; tool: string } {
  return { label: found[0]?.content.actions.find(({ id }) => id === action)?.label ?? action, tool: toolsOf(found, around) };
}

/** That nothing comes of it any more: her own page has shown it already, another client reads it. */
function calledBackRow(
  address: string,
  { eventId, source }: Pick<Request, 'eventId' | 'source'>,
  said: { label: string; tool: string },
): NewRow {
  if (source === 'action') return bareRow(address, eventId, 'refused');
  return sentenceRow(address, eventId, 'refused', TOOL_WORDS.calledBack(said));
}

/** Stops what has not been sent of a request that was taken back. What is on its way, or done, stays: that is said. */
export async function callBack(db: Store, desk: Desk, row: RequestRow, event: MatrixEvent, around: Surroundings): Promise<void> {
  const of = await db
    .selectFrom('record.acts')
    .select(['connection', 'label', 'action'])
    .where('request', '=', row.event_id)
    .executeTakeFirst();
  const tool = around.labels.get(of?.connection ?? '') ?? of?.connection ?? 'l’outil';
  const said = { label: of?.label || row.action, tool };
  const { stopped, rest } = await callBackActs(db, row.event_id, TOOL_WORDS.calledBack(said));
  if (stopped.length === 0 && rest === 0) return;
  await audit(db, event, desk, {
    what: 'request.called_back',
    action: row.action,
    request: row.event_id,
    stopped: stopped.length,
    sent: rest,
  });
  if (rest > 0) return tell(db, desk.address, sentenceRow(desk.address, row.event_id, 'sent', TOOL_WORDS.tooLate(said)), []);
  await keepOutcome(db, row.event_id, 'refused');
  const source = event.type === MATRIX.redaction ? row.source : 'reply'; // typed, it is answered where it was typed
  await tell(db, desk.address, calledBackRow(desk.address, { eventId: row.event_id, source }, said), []);
}

/**
 * One event of a room: is it a request of the desk's agent, may she ask it, what comes of it. Everything is written in
 * the transaction it is given. What is forged changes nothing and leaves a line in the audit.
 */
import { mayRequest, type Refusal, toolBot } from '#desk/access.ts';
import { EVENT, MATRIX, type MatrixEvent, readRedaction, readRequest, readSettings, type Request } from '#desk/event.ts';
import { isClosed } from '#desk/placement.ts';
import { hasNoMoment, isCutNote, isDeskAction } from '#desk/triage.ts';
import { REFUSALS, REPLIES, TASK_WORDS, triageSentence, undoneSentence, UNREADABLE } from '#desk/words.ts';
import { endConfirmations, passOver } from '#store/confirmations.ts';
import type { Store } from '#store/open.ts';
import { tellHelp } from '#store/helps.ts';
import { hasUnmarkedItems, wasAnswered } from '#store/outbox.ts';
import { findByEvents, type PlacementRow } from '#store/placements.ts';
import { hasRequest, redactRequest } from '#store/requests.ts';
import { dropSettings, keepSettings } from '#store/settings.ts';
import { audit, type Desk, findDesk, keep, NotYet, type Surroundings, toolsOf } from './desk.ts';
import { meetLife } from './life.ts';
import { bareRow, confirmRow, sentenceRow, tell } from './outcome.ts';
import { answerReply } from './reply.ts';
import { isStale } from './stale.ts';
import { endTasks, isOwn, makeTask, takeTaskBack } from './task.ts';
import { askTool, callBack, refuseStale } from './tool.ts';
import { refold } from './triage.ts';

export async function handleEvent(db: Store, event: MatrixEvent, around: Surroundings): Promise<void> {
  const isLife = await meetLife(db, event, around);
  const roomId = event.room_id ?? '';
  const desk = await findDesk(db, roomId, around);
  if (desk !== undefined && event.sender === desk.agent && event.content.membership !== 'leave')
    await tellHelp(db, desk, REPLIES.welcome());
  if (isLife) return;
  if (desk === undefined && (await around.toAdmin(db, event))) return;
  const redaction = readRedaction(event);
  if (redaction !== undefined) {
    if (desk !== undefined && redaction.sender === desk.agent) await takeBack(db, desk, redaction.redacts, event, around);
    return;
  }
  const edited = editedBy(event);
  if (edited !== undefined) return desk === undefined ? undefined : answerEdit(db, desk, event, edited);
  if (isEmptied(event)) return endUnread(db, desk, event);
  const request = readRequest(event, desk);
  if (event.type === EVENT.settings) {
    await keepChoices(db, desk, event);
  } else if (desk === undefined) {
    if (event.type === EVENT.action) await audit(db, event, undefined, { what: 'request.forged', reason: 'not_a_desk' });
  } else if (request !== undefined) {
    // A « oui » that comes after another decision of hers, in words, is not taken for the answer to what was asked before it.
    if (request.source === 'reply' && request.sender === desk.agent) await passOver(db, desk.address);
    await answer(db, desk, request, event, around);
  } else if (event.type === EVENT.action) {
    await refuseUnreadable(db, desk, event);
  } else {
    await answerReply(db, event, {
      desk,
      toolOf: (rows) => toolsOf(rows, around),
      ask: (asked) => answer(db, desk, asked, event, around),
      takeBack: (eventId) => takeBack(db, desk, eventId, event, around),
    });
  }
}

/** What an edit replaces. An edit of a request asks nothing: what was asked first counts. */
function editedBy({ content }: MatrixEvent): string | undefined {
  const relation = content['m.relates_to'];
  if (typeof relation !== 'object' || relation === null || Reflect.get(relation, 'rel_type') !== 'm.replace') return undefined;
  return String(Reflect.get(relation, 'event_id'));
}

/** Of what she had asked, or was answered to, it is said: she may believe that it is corrected. */
async function answerEdit(db: Store, desk: Desk, event: MatrixEvent, edited: string): Promise<void> {
  if (event.sender !== desk.agent) return;
  if ((await hasRequest(db, edited)) || (await wasAnswered(db, desk.address, edited)))
    await tell(db, desk.address, sentenceRow(desk.address, event.event_id, 'refused', REPLIES.edited), []);
}

/** Redacted before it reached us. */
function isEmptied({ unsigned }: MatrixEvent): boolean {
  return unsigned?.redacted_because !== undefined;
}

/** What she asked on her page, and took back before we could read it: it waits for an end there, and nothing else comes of it. */
async function endUnread(db: Store, desk: Desk | undefined, event: MatrixEvent): Promise<void> {
  if (desk === undefined || event.type !== EVENT.action || event.sender !== desk.agent) return;
  if (await hasRequest(db, event.event_id)) return;
  await tell(db, desk.address, bareRow(desk.address, event.event_id, 'refused'), []);
}

/** Only the desk's own agent sets what holds there. */
async function keepChoices(db: Store, desk: Desk | undefined, event: MatrixEvent): Promise<void> {
  const settings = readSettings(event);
  if (settings !== undefined && settings.sender === desk?.agent) await keepSettings(db, desk.address, settings);
}

async function answer(db: Store, desk: Desk, request: Request, event: MatrixEvent, around: Surroundings): Promise<void> {
  const found = await findByEvents(db, desk.address, request.items);
  if (found.length < request.items.length && request.sender === desk.agent && (await hasUnmarkedItems(db, desk.address)))
    throw new NotYet();
  const refusal = judge(desk, request, found, around);
  if (refusal !== undefined) return refuse(db, desk, request, event, { refusal, found, around });
  if (!isDeskAction(request.action) && isStale(request, around.clock())) return refuseStale(db, desk, request, event, { found, around });
  if (request.action === 'desk.task') return makeTask(db, desk, request, event);
  if (!isDeskAction(request.action) && found.every(isOwn)) return endTasks(db, desk, request, event, found);
  if (!isDeskAction(request.action)) return askTool(db, desk, request, event, { found, around });
  const kept = await keep(db, desk, request, found, 'confirmed');
  if (!kept) return;
  const { moved, triage } = await refold(db, request.items, { ...desk, sender: desk.agent, at: request.at });
  const first = triage.get(request.items[0] ?? '');
  const sentence = triageSentence(request.action, {
    tool: toolsOf(moved, around),
    timeZone: desk.timeZone,
    now: around.clock(),
    until: first?.snoozedUntil,
    items: request.items.length,
    isCut: isCutNote(request),
    isOver: found.every(({ content }) => isClosed(content)),
    isTask: found.every(isOwn),
  });
  await tell(db, desk.address, confirmRow(desk.address, request, sentence), request.action === 'desk.seen' ? [] : moved);
  await audit(db, event, desk, { what: 'request.confirmed', action: request.action, items: request.items.length });
}

function judge(desk: Desk, request: Request, found: readonly PlacementRow[], { serverName }: Surroundings): Refusal | undefined {
  const common = { sender: request.sender, deskAgent: desk.agent, room: desk.roomId, serverName, action: request.action };
  const items = new Map(found.map((row) => [row.event_id, row.content]));
  const asked = request.items.length === 0 ? [undefined] : request.items.map((id) => items.get(id));
  for (const content of asked) {
    // A placement's message is known only after our own bot sent it into this very desk: sender and room follow from it.
    const item = content && { sender: toolBot(content.bot, serverName), room: desk.roomId, actions: content.actions };
    const verdict = mayRequest({ ...common, item });
    if (verdict !== 'yes') return verdict;
  }
  return hasNoMoment(request, desk.timeZone) ? 'no_moment' : undefined;
}

type Refusing = { refusal: Refusal; found: readonly PlacementRow[]; around: Surroundings };

/** It is answered, unless somebody merely reacted to some other message, or another member did not speak of an item. */
async function refuse(db: Store, desk: Desk, request: Request, event: MatrixEvent, { refusal, found }: Refusing): Promise<void> {
  const said = sentenceRow(desk.address, request.eventId, 'refused', REFUSALS[refusal]);
  const isHers = request.sender === desk.agent;
  await audit(db, event, desk, { what: isHers ? 'request.refused' : 'request.forged', action: request.action, reason: refusal });
  if (!isHers) return found.length > 0 || request.source === 'action' ? tell(db, desk.address, said, []) : undefined;
  if (request.source !== 'reaction' && (await keep(db, desk, request, found, 'refused'))) await tell(db, desk.address, said, []);
}

async function refuseUnreadable(db: Store, desk: Desk, event: MatrixEvent): Promise<void> {
  const isHers = event.sender === desk.agent;
  await audit(db, event, desk, { what: isHers ? 'request.refused' : 'request.forged', reason: 'malformed' });
  const text = isHers ? UNREADABLE : REFUSALS.not_the_agent;
  await tell(db, desk.address, sentenceRow(desk.address, event.event_id, 'refused', text), []);
}

/** A redacted reaction or request no longer counts: triage is folded anew without it. What ran at a tool stays run. */
async function takeBack(db: Store, desk: Desk, eventId: string, event: MatrixEvent, around: Surroundings): Promise<void> {
  if (await dropSettings(db, desk.address, eventId)) return;
  const [unasked] = await endConfirmations(db, desk.address, [eventId]);
  if (unasked !== undefined) {
    const tool = toolsOf(await findByEvents(db, desk.address, [unasked.item]), around);
    return tell(db, desk.address, sentenceRow(desk.address, eventId, 'refused', REPLIES.dropped([unasked.label], tool)), []);
  }
  const row = await redactRequest(db, desk.roomId, eventId);
  if (row?.outcome === 'confirmed' && (await takeTaskBack(db, desk, row, event.origin_server_ts))) {
    if (event.type !== MATRIX.redaction) await tell(db, desk.address, sentenceRow(desk.address, eventId, 'refused', TASK_WORDS.undone), []);
    return audit(db, event, desk, { what: 'request.redacted', action: row.action, request: eventId });
  }
  if (row !== undefined && !isDeskAction(row.action)) return callBack(db, desk, row, event, around);
  if (row?.outcome !== 'confirmed' || !isDeskAction(row.action)) return;
  const { moved } = await refold(db, row.items, { ...desk, sender: desk.agent, at: event.origin_server_ts });
  // From another client it reads as a sentence; her own page shows the redaction itself.
  const isRedaction = event.type === MATRIX.redaction;
  const isSilent = row.action === 'desk.seen' || (row.source === 'action' && isRedaction) || moved.length === 0;
  const sort = isRedaction ? 'confirmed' : 'refused'; // typed: her request stands in the room, and has to be read as void
  const outcome = isSilent
    ? undefined
    : sentenceRow(desk.address, eventId, sort, moved.every(isOwn) ? TASK_WORDS.undone : undoneSentence(toolsOf(moved, around)));
  await tell(db, desk.address, outcome, moved);
  await audit(db, event, desk, { what: 'request.redacted', action: row.action, request: eventId });
}

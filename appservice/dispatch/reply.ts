/**
 * What the agent types in her desk room and is no request by itself: a call for help, a moment that cannot be, taking back
 * what she decided last, the name of a tool's action, « oui », a word of the desk that names no item. Everything else is conversation and stays without an answer.
 */
import { readAnswer, type MatrixEvent } from '#desk/event.ts';
import { isClosed } from '#desk/placement.ts';
import { type Match, matchActions, readReply, type Reply } from '#desk/reply.ts';
import { isTask } from '#desk/task.ts';
import { REFUSALS, REPLIES, TOOL_WORDS } from '#desk/words.ts';
import { confirmationAbout, passOver } from '#store/confirmations.ts';
import type { Store } from '#store/open.ts';
import { findByEvents, openPlacements } from '#store/placements.ts';
import { lastStanding } from '#store/requests.ts';
import { lastCallable, sentAct } from '#store/windows.ts';
import { askAgain, askBack, confirm, decline, flawOf, inputOf, type ReplyPlace, textField, type Typed, type Wanted } from './confirm.ts';
import { sentenceRow, tell } from './outcome.ts';

export async function answerReply(db: Store, event: MatrixEvent, where: ReplyPlace): Promise<void> {
  const answer = readAnswer(event);
  if (answer === undefined) return;
  const reply = readReply(answer.body, { now: event.origin_server_ts, timeZone: where.desk.timeZone });
  const { address } = where.desk;
  const outcome = reply.kind === 'help' || reply.kind === 'no' ? 'confirmed' : 'refused';
  const say = (text: string) => tell(db, address, sentenceRow(address, event.event_id, outcome, text), []);
  const typed: Typed = { event, about: answer.about, place: { ...where, say } };
  if (event.sender !== where.desk.agent) return refuseOther(db, reply, typed);
  if (reply.kind === 'help') return say(REPLIES.help());
  if (reply.kind === 'cancel') return cancel(db, typed);
  if (reply.kind === 'yes') return confirm(db, typed);
  if (reply.kind === 'no') {
    if (!(await decline(db, typed))) await sayTooLate(db, typed);
    return;
  }
  if (reply.kind === 'moment' && answer.about !== undefined) return say(REPLIES.moment[reply.problem](reply.said));
  if (reply.kind === 'words' && ((await act(db, reply, typed)) || (await askAgain(db, typed)) || (await askWhich(db, reply, typed))))
    return;
  await passOver(db, address);
  if (isOurs(reply) && answer.about === undefined) return say(REPLIES.whichMessage);
  if (reply.kind === 'words') await sayNotOffered(db, reply, typed);
}

/** Another member's word counts for nothing: said where it would have been a request, of an item or in answer to a question. */
async function refuseOther(db: Store, reply: Reply, { about, place }: Typed): Promise<void> {
  if (about === undefined) return;
  const { address } = place.desk;
  const rows = await findByEvents(db, address, [about]);
  const isAction = reply.kind === 'words' && rows.some(({ content }) => matchActions(reply.words, content.actions).length > 0);
  const isAnswer = reply.kind === 'yes' && (await confirmationAbout(db, address, about)) !== undefined;
  if (isAction || isAnswer) await place.say(REFUSALS.not_the_agent);
}

/** The desk's own words need the item that is meant. « vu » by itself is said to somebody. */
const isOurs = (reply: Reply): boolean => reply.kind === 'moment' || (reply.kind === 'triage' && reply.action !== 'desk.seen');

/**
 * The way back from whatever is the most urgent: what is about to leave, what waits for a « oui », what she decided last. As the
 * answer to a message, from what that is about. What has gone to a tool is said to have gone, and nothing older is taken for it.
 */
async function cancel(db: Store, typed: Typed): Promise<void> {
  const { about, place } = typed;
  const { address, roomId } = place.desk;
  const leaving = about === undefined ? await lastCallable(db, address) : undefined;
  if (leaving !== undefined) return place.takeBack(leaving);
  if (await decline(db, typed)) return;
  // Of the question, or of what she had typed: what came of her « oui ».
  const asked = about === undefined ? undefined : await confirmationAbout(db, address, about);
  const last = await lastStanding(db, { roomId, address, about: asked?.item ?? about });
  if (last === undefined) return place.say(REPLIES.nothingToCancel);
  const sent = await sentAct(db, last.event_id);
  if (sent === undefined) return place.takeBack(last.event_id);
  const tool = place.toolOf(await findByEvents(db, address, last.items));
  await place.say(TOOL_WORDS.tooLate({ label: sent.label || last.action, tool }));
}

/** « non » to what she has answered already: it may be about to leave. */
async function sayTooLate(db: Store, { about, place }: Typed): Promise<void> {
  const asked = about === undefined ? undefined : await confirmationAbout(db, place.desk.address, about);
  if (asked !== undefined && asked.item !== about) await place.say(REPLIES.answeredAlready(asked.label));
}

/** The name of an action; false when it is none. As the answer to an item, or alone: then it is asked which item is meant. */
async function act(db: Store, { words }: Extract<Reply, { kind: 'words' }>, typed: Typed): Promise<boolean> {
  const { about, place } = typed;
  const { address } = place.desk;
  const rows = about === undefined ? await openPlacements(db, address) : await findByEvents(db, address, [about]);
  const wanted = rows.flatMap((row) =>
    matchActions(words, row.content.actions)
      // Words after the name of an action that takes none are a sentence about it, not the wish to run it.
      .filter(({ action, rest }) => rest === '' || (about !== undefined && textField(action) !== undefined))
      .map(({ action, rest }): Wanted => ({ row, action, rest })),
  );
  const [first, ...others] = wanted;
  if (first === undefined) return false;
  if (isClosed(first.row.content) && !isTask(first.row.content)) {
    await place.say(TOOL_WORDS.closed(place.toolOf([first.row])));
    return true;
  }
  const items = new Set(wanted.map(({ row }) => row.key));
  if (items.size > 1)
    await place.say(REPLIES.whichItem(wanted[0]?.action.label ?? '', [...new Set(wanted.map(({ row }) => row.content.title))]));
  else if (others.length > 0)
    await place.say(
      REPLIES.ambiguous(
        wanted.map(({ action }) => action.label),
        place.toolOf(rows),
      ),
    );
  else await runOne(db, first, typed);
  return true;
}

const SHORT = 3; // words: an order is no longer, a sentence about the object mostly is

/** A word or two in answer to an item, which name nothing that it offers: she may believe that it was done. */
async function sayNotOffered(db: Store, { words }: Extract<Reply, { kind: 'words' }>, { about, place }: Typed): Promise<void> {
  const [row] = about === undefined ? [] : await findByEvents(db, place.desk.address, [about]);
  if (row === undefined || words.length === 0 || words.length > SHORT) return;
  const labels = isClosed(row.content) ? [] : row.content.actions.map(({ label }) => label);
  await place.say(REPLIES.notOffered({ said: words.map(({ typed }) => typed).join(' '), labels, tool: place.toolOf([row]) }));
}

/**
 * The very name of an action, in answer to what is no item (a sentence of ours, her own words), or by itself with the words that go with
 * it: it is not known which is meant.
 */
async function askWhich(db: Store, { words }: Extract<Reply, { kind: 'words' }>, { about, place }: Typed): Promise<boolean> {
  const { address } = place.desk;
  if (about !== undefined && (await findByEvents(db, address, [about])).length > 0) return false;
  const open = await openPlacements(db, address);
  const isMeant = ({ action, rest }: Match<Wanted['action']>): boolean =>
    rest === '' || (about === undefined && textField(action) !== undefined);
  const isNamed = open.some(({ content }) => matchActions(words, content.actions).some(isMeant));
  if (isNamed) await place.say(REPLIES.whichMessage);
  return isNamed;
}

async function runOne(db: Store, wanted: Wanted, typed: Typed): Promise<void> {
  const { event, about, place } = typed;
  const { row, action } = wanted;
  const tool = place.toolOf([row]);
  if (action.risk === 'red') return place.say(REPLIES.atTool(action.label, action.href ?? row.content.url ?? '', tool));
  // Typed by itself, it is asked about however harmless it is: it may have been meant for somebody.
  if (action.risk === 'amber' || about === undefined) return askBack(db, wanted, typed);
  const flaw = flawOf(wanted, tool);
  if (flaw !== undefined) return place.say(flaw);
  const at = event.origin_server_ts;
  const input = inputOf(wanted);
  const asked = { eventId: event.event_id, sender: event.sender, items: [row.event_id ?? ''], action: action.id, askedAt: at, at };
  await place.ask({ ...asked, source: 'reply', ...(Object.keys(input).length > 0 && { input }) });
}

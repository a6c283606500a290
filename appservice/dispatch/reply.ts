/**
 * What the agent types in her desk room and is no request by itself: a call for help, a moment that cannot be, taking back
 * what she decided last, the name of a tool's action. Everything else is conversation and stays without an answer.
 */
import { readAnswer, type MatrixEvent, type Request } from '#desk/event.ts';
import { type Match, matchActions, readReply, type Reply } from '#desk/reply.ts';
import type { Placement } from '#desk/placement.ts';
import { REPLIES } from '#desk/words.ts';
import type { Store } from '#store/open.ts';
import { findByEvents, type PlacementRow } from '#store/placements.ts';
import { lastStanding } from '#store/requests.ts';
import { sentenceRow, tell } from './outcome.ts';

type Action = Placement['actions'][number];

/** What handling gives: where she is, and what it does itself with a request or a redaction. */
export type ReplyPlace = {
  desk: { address: string; roomId: string; agent: string; timeZone: string };
  toolOf: (rows: readonly PlacementRow[]) => string;
  ask: (request: Request) => Promise<void>;
  takeBack: (eventId: string) => Promise<void>;
};

export async function answerReply(db: Store, event: MatrixEvent, place: ReplyPlace): Promise<void> {
  const answer = readAnswer(event);
  if (answer === undefined || event.sender !== place.desk.agent) return;
  const reply = readReply(answer.body, { now: event.origin_server_ts, timeZone: place.desk.timeZone });
  const say = (text: string) =>
    tell(
      db,
      place.desk.address,
      sentenceRow(place.desk.address, event.event_id, reply.kind === 'help' ? 'confirmed' : 'refused', text),
      [],
    );
  if (reply.kind === 'help') return say(REPLIES.help);
  if (reply.kind === 'cancel') return cancel(db, place, say);
  if (answer.about === undefined) return;
  if (reply.kind === 'moment') return say(REPLIES.moment[reply.problem](reply.said));
  if (reply.kind === 'words') await act(db, { event, about: answer.about, reply, place, say });
}

async function cancel(db: Store, { desk, takeBack }: ReplyPlace, say: (text: string) => Promise<void>): Promise<void> {
  const last = await lastStanding(db, desk.roomId);
  if (last === undefined) return say(REPLIES.nothingToCancel);
  await takeBack(last.event_id);
}

type Naming = {
  event: MatrixEvent;
  about: string;
  reply: Extract<Reply, { kind: 'words' }>;
  place: ReplyPlace;
  say: (text: string) => Promise<void>;
};

/** The name of an action of this item, and of no other message: a word in conversation never reaches a tool. */
async function act(db: Store, { event, about, reply, place, say }: Naming): Promise<void> {
  const rows = await findByEvents(db, place.desk.address, [about]);
  const [row] = rows;
  if (row === undefined) return;
  // Words after the name of an action that takes none are a sentence about it, not the wish to run it.
  const matches = matchActions(reply.words, row.content.actions).filter((one) => one.rest === '' || textField(one.action) !== undefined);
  const [only] = matches;
  if (only === undefined) return;
  const tool = place.toolOf(rows);
  if (matches.length > 1)
    return say(
      REPLIES.ambiguous(
        matches.map(({ action }) => action.label),
        tool,
      ),
    );
  if (only.action.risk === 'amber') return say(REPLIES.atDesk(only.action.label, tool));
  if (only.action.risk === 'red') return say(REPLIES.atTool(only.action.label, only.action.href ?? row.content.url ?? '', tool));
  const at = event.origin_server_ts;
  const asked = { eventId: event.event_id, sender: event.sender, items: [about], action: only.action.id, askedAt: at, at };
  await place.ask({ ...asked, source: 'reply', ...withInput(only) });
}

/** What follows the name fills the action's one text field. */
function withInput({ action, rest }: Match<Action>): { input?: Record<string, unknown> } {
  const field = textField(action);
  return rest === '' || field === undefined ? {} : { input: { [field]: rest } };
}

/** The name of the one text field of an action; undefined when it has none, or several. */
function textField({ input = {} }: Action): string | undefined {
  const names = Object.entries(input).flatMap(([name, field]) => (field.type === 'string' ? [name] : []));
  return names.length === 1 ? names[0] : undefined;
}

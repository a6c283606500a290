/**
 * Requests in rooms: the agent's own `fr.ecritoire.action`, or a reaction or a reply in French of hers from any client; and redactions, which
 * take them back.
 */
import * as z from 'zod/mini';
import { Instant, Revision } from '../item.ts';
import { readReply } from '../reply.ts';
import { MAX_ITEMS, type Request } from '../request.ts';
import { parseInstant } from '../zone.ts';
import { fieldsOf, matrixSafe, relationOf, textOf } from './content.ts';
import { type Draft, EVENT, MATRIX, type MatrixEvent } from './names.ts';

/** `askedAt` is an instant; milliseconds are understood too. */
const ActionContent = z.object({
  v: z.literal(1),
  items: z.array(z.string().check(z.startsWith('$'), z.maxLength(255))).check(z.maxLength(MAX_ITEMS)),
  action: z.string().check(z.regex(/^(desk\.)?[a-z0-9_-]{1,40}$/)),
  input: z.optional(z.record(z.string(), z.unknown())),
  revision: z.optional(Revision),
  askedAt: z.optional(z.union([Instant, Revision])),
});

/** Reactions and what they ask for; emoji are compared without their variation selectors. */
const REACTIONS: ReadonlyMap<string, string> = new Map([
  ['\u2705', 'desk.aside'], // ✅
  ['\u{1f440}', 'desk.seen'], // 👀
  ['\u23f0', 'desk.snooze'], // ⏰
  ['\u21a9', 'desk.restore'], // ↩
]);
const VARIATION_SELECTORS = /[\ufe00-\ufe0f]/g;

/** The event that asks. `askedAt` in ms. */
export function requestEvent(request: Pick<Request, 'items' | 'action' | 'input' | 'revision' | 'askedAt'>): Draft {
  const { items, action, input, revision, askedAt } = request;
  return { type: EVENT.action, content: matrixSafe({ v: 1, items, action, input, revision, askedAt: new Date(askedAt).toISOString() }) };
}

/**
 * What an event asks for; undefined when it asks nothing, was redacted, or is an edit (edits of requests are ignored).
 * `timeZone`: the organisation's, for the moments that replies name.
 */
export function readRequest(event: MatrixEvent, { timeZone = 'Europe/Paris' }: { timeZone?: string } = {}): Request | undefined {
  if (event.state_key !== undefined) return undefined;
  if (event.type === EVENT.action) return readAction(event);
  if (event.type === MATRIX.message) return readTyped(event, timeZone);
  return event.type === MATRIX.reaction ? readReaction(event) : undefined;
}

/** The message that a message of a person answers, and what she typed; undefined for anything else. */
export function readAnswer({ type, state_key, content }: MatrixEvent): { about: string | undefined; body: string } | undefined {
  if (type !== MATRIX.message || state_key !== undefined || content['msgtype'] !== 'm.text' || EVENT.item in content) return undefined;
  const body = textOf(content['body']);
  if (body === undefined || relationOf(content).kind === 'm.replace') return undefined;
  return { about: answeredIn(content), body };
}

/** In a thread that is what the thread is about: the message named beside it is there for clients without threads (spec, `is_falling_back`). */
function answeredIn(content: Record<string, unknown>): string | undefined {
  const relation = fieldsOf(content['m.relates_to']);
  const answered = textOf(fieldsOf(relation?.['m.in_reply_to'])?.['event_id']);
  const isOfThread = relation?.['rel_type'] === 'm.thread' && (answered === undefined || relation['is_falling_back'] === true);
  return isOfThread ? textOf(relation['event_id']) : answered;
}

/** Only the desk's own words are a request by themselves, and only as the answer to an item. */
function readTyped(event: MatrixEvent, timeZone: string): Request | undefined {
  const answer = readAnswer(event);
  if (answer?.about === undefined) return undefined;
  const at = event.origin_server_ts;
  const reply = readReply(answer.body, { now: at, timeZone });
  if (reply.kind !== 'triage') return undefined;
  const { action, input } = reply;
  const asked = { eventId: event.event_id, sender: event.sender, items: [answer.about], action, ...(input && { input }) };
  return { ...asked, askedAt: at, at, source: 'reply' };
}

function readAction(event: MatrixEvent): Request | undefined {
  const read = ActionContent.safeParse(event.content);
  if (!read.success || relationOf(event.content).kind === 'm.replace') return undefined;
  const { items, action, input, revision, askedAt } = read.data;
  const asked = typeof askedAt === 'string' ? parseInstant(askedAt) : (askedAt ?? event.origin_server_ts);
  return {
    eventId: event.event_id,
    sender: event.sender,
    items: [...new Set(items)],
    action,
    ...(input && { input }),
    ...(revision !== undefined && { revision }),
    askedAt: Math.min(asked, event.origin_server_ts),
    at: event.origin_server_ts,
    source: 'action',
  };
}

function readReaction(event: MatrixEvent): Request | undefined {
  const { kind, eventId, key } = relationOf(event.content);
  const action = kind === 'm.annotation' && key !== undefined ? REACTIONS.get(key.replace(VARIATION_SELECTORS, '')) : undefined;
  if (action === undefined || eventId === undefined) return undefined;
  const at = event.origin_server_ts;
  return { eventId: event.event_id, sender: event.sender, items: [eventId], action, askedAt: at, at, source: 'reaction' };
}

/** What a redaction takes out; room versions before 11 name it outside the content. */
export function readRedaction(event: MatrixEvent): { redacts: string; sender: string } | undefined {
  if (event.type !== MATRIX.redaction) return undefined;
  const redacts = textOf(fieldsOf(event.content)?.['redacts']) ?? event.redacts;
  return redacts === undefined ? undefined : { redacts, sender: event.sender };
}

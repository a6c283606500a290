/**
 * Outcomes: what came of a request, by the desk bot, related to it. A sentence when a person needs to know, otherwise
 * the bare event.
 */
import * as z from 'zod/mini';
import { Instant } from '../item.ts';
import { Outcome } from '../request.ts';
import { cleanLines, shorten } from '../text.ts';
import { outcomeSentence } from '../words/outcome.ts';
import { parseInstant } from '../zone.ts';
import { matrixSafe, textOf } from './content.ts';
import { type Draft, EVENT, MATRIX, type MatrixEvent } from './names.ts';

const TEXT_MAX = 1500; // code points: the help, or five titles and what is asked of her

const OutcomeContent = z.object({
  v: z.literal(1),
  request: z.string(),
  outcome: Outcome,
  until: z.optional(Instant),
  text: z.optional(z.string()),
});

/** `request` is its event id, `until` (of *waiting*) in ms, `text` a French sentence, `row` the outbox row. */
export type OutcomeWriting = { request: string; outcome: Outcome; text?: string | undefined; until?: number | undefined; row: string };

/** A notice that reads as a sentence in any client. */
export function outcomeMessage(at: OutcomeWriting): Draft {
  const body = at.text === undefined ? outcomeSentence(at.outcome) : cleanSaid(at.text);
  return {
    type: MATRIX.message,
    content: matrixSafe({
      msgtype: 'm.notice',
      body,
      'm.mentions': {},
      ...related(at),
      [EVENT.outcome]: contentOf(at),
      [EVENT.row]: at.row,
    }),
  };
}

/** The bare event, for what only programs need to know. */
export function outcomeEvent(at: OutcomeWriting): Draft {
  return { type: EVENT.outcome, content: matrixSafe({ ...contentOf(at), ...related(at), [EVENT.row]: at.row }) };
}

function contentOf({ request, outcome, text, until }: OutcomeWriting): Record<string, unknown> {
  return {
    v: 1,
    request,
    outcome,
    ...(until !== undefined && { until: new Date(until).toISOString() }),
    ...(text !== undefined && { text: cleanSaid(text) }),
  };
}

/** Its lines stay: the help is a list. */
function cleanSaid(text: string): string {
  return shorten(cleanLines(text), TEXT_MAX);
}

/** A reference, not a reply: clients cannot show a reply to a reaction. */
function related({ request }: OutcomeWriting): Record<string, unknown> {
  return { 'm.relates_to': { rel_type: 'm.reference', event_id: request } };
}

export type ReadOutcome = {
  eventId: string;
  sender: string;
  request: string;
  outcome: Outcome;
  /** ms */
  until?: number;
  text?: string;
  /** ms */
  at: number;
  row?: string;
};

/** Reads both forms; who may have written it is asked of `access.ts`. */
export function readOutcome(event: MatrixEvent): ReadOutcome | undefined {
  const content = event.type === EVENT.outcome ? event.content : event.type === MATRIX.message ? event.content[EVENT.outcome] : undefined;
  const read = OutcomeContent.safeParse(content);
  if (!read.success || event.state_key !== undefined) return undefined;
  const { request, outcome, until, text } = read.data;
  const row = textOf(event.content[EVENT.row]);
  return {
    eventId: event.event_id,
    sender: event.sender,
    request,
    outcome,
    ...(until !== undefined && { until: parseInstant(until) }),
    ...(text !== undefined && { text }),
    at: event.origin_server_ts,
    ...(row !== undefined && { row }),
  };
}

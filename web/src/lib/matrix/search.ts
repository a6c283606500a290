/**
 * What was written in the agent's rooms, found by the homeserver with her own token: it looks in no room that she is not in.
 * Encrypted messages it cannot read, so they are not found.
 */
import { EVENT, type MatrixEvent } from '#desk/event.ts';
import type { Call } from './homeserver.ts';
import { events, fields, type Fields, text } from './raw.ts';

export type FoundMessage = { eventId: string; room: string; sender: string; name: string | undefined; at: number; body: string };
/** `words`: what of the text matched, as the homeserver says it. `next`: where it goes on. */
export type FoundMessages = { messages: FoundMessage[]; words: string[]; next: string | undefined };

const PATH = '/_matrix/client/v3/search';
const LIMIT = 20;
const MOST_PAGES = 5; // asked in a row, when all that was found is left out

/** What she put in quotation marks stays together. */
const PARTS = /"[^"]*"|[^\s"]+/gu;
const AROUND = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu;

/**
 * What is asked of the homeserver: each word as a phrase, so that none is read as an operator (« or » is a French word, and Synapse fails
 * at it alone, and at a lone hyphen). Empty when there is neither a letter nor a figure in it.
 */
function termOf(words: string): string {
  const parts = words.match(PARTS) ?? [];
  return parts
    .map((part) => part.replaceAll(AROUND, ''))
    .filter((part) => part !== '')
    .map((part) => `"${part}"`)
    .join(' ');
}

/** The latest first. Throws a Refusal. */
export async function searchMessages(call: Call, asked: string, after?: string): Promise<FoundMessages> {
  const term = termOf(asked);
  if (term === '') return { messages: [], words: [], next: undefined };
  let next = after;
  const words = new Set<string>();
  for (let page = 1; ; page += 1) {
    const found = await askPage(call, term, next);
    next = found.next;
    for (const word of found.words) words.add(word);
    if (found.messages.length > 0 || next === undefined || page === MOST_PAGES)
      return { messages: found.messages, words: [...words], next };
  }
}

async function askPage(call: Call, term: string, next: string | undefined): Promise<FoundMessages> {
  const query = next === undefined ? '' : `?${new URLSearchParams({ next_batch: next }).toString()}`;
  const room_events = {
    search_term: term,
    keys: ['content.body'],
    order_by: 'recent',
    filter: { limit: LIMIT, types: ['m.room.message'] },
    event_context: { before_limit: 0, after_limit: 0, include_profile: true },
  };
  const answer = fields(await call('POST', PATH + query, { body: { search_categories: { room_events } } }));
  const found = fields(fields(answer['search_categories'])['room_events']);
  const results = Array.isArray(found['results']) ? found['results'].map(fields) : [];
  const highlights = Array.isArray(found['highlights']) ? found['highlights'].flatMap((word) => text(word) ?? []) : [];
  return { messages: results.flatMap(readMessage), words: highlights, next: text(found['next_batch']) };
}

function readMessage(result: Fields): FoundMessage[] {
  const [event] = events([result['result']]);
  const body = text(event?.content['body']);
  if (event?.room_id === undefined || body === undefined || isShownElsewhere(event)) return [];
  const profile = fields(fields(fields(result['context'])['profile_info'])[event.sender]);
  const { event_id: eventId, room_id: room, sender, origin_server_ts: at } = event;
  return [{ eventId, room, sender, name: text(profile['displayname']), at, body }];
}

/** Items are found in the store, by their state of today; an edit stands with what it edits. */
function isShownElsewhere({ content }: MatrixEvent): boolean {
  return EVENT.item in content || 'm.new_content' in content;
}

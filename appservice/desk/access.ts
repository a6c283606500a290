/**
 * Whom to believe: pure, the same for web, dispatch and rebuild. An event counts by its sender's full mxid, never by
 * what it says of itself; the homeserver vouches for senders.
 */
import { isDeskAction } from './request.ts';

/** The registration's `sender_localpart`: creates desks and writes all state. No bot of a tool may be called `desk`. */
export const DESK_BOT = 'ecritoire_desk';
const BOT_LOCALPART = /^ecritoire_[a-z][a-z0-9-]*$/;

export function deskBot(serverName: string): string {
  return `@${DESK_BOT}:${serverName}`;
}

/** The Matrix user of a tool's bot. */
export function toolBot(bot: string, serverName: string): string {
  return `@ecritoire_${bot}:${serverName}`;
}

/** The part between `@` and the first `:`; empty when that is no mxid. */
export function localpartOf(mxid: string): string {
  const colon = mxid.indexOf(':');
  return mxid.startsWith('@') && colon > 1 ? mxid.slice(1, colon) : '';
}

/** Who acted, as a colleague would name her. */
export function actorOf({ by, byName = localpartOf(by) }: { by: string; byName?: string | undefined }): string {
  return byName;
}

/** `@ecritoire_…` of our own server: not of another server, and not the agent whose name begins alike (`@ecritoirex`). */
export function isOurBot(mxid: string, serverName: string): boolean {
  const localpart = localpartOf(mxid);
  return BOT_LOCALPART.test(localpart) && mxid === `@${localpart}:${serverName}`;
}

/** An item as read (`readItem`, `readEdit`) or as the homeserver gave it. */
export type ItemSaid = { sender: string; placement?: { bot: string }; content?: Record<string, unknown> };

/** Items count only from the bot of the very tool they name: one bot never speaks for another. */
export function mayBelieveItem(event: ItemSaid, { serverName }: { serverName: string }): boolean {
  const bot = event.placement?.bot ?? botIn(event.content) ?? botIn(fieldOf(event.content, 'm.new_content'));
  return (
    bot !== undefined &&
    isOurBot(event.sender, serverName) &&
    event.sender === toolBot(bot, serverName) &&
    event.sender !== deskBot(serverName)
  );
}

function botIn(content: unknown): string | undefined {
  const bot = fieldOf(fieldOf(content, 'fr.ecritoire.item'), 'bot');
  return typeof bot === 'string' ? bot : undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** An edit counts for its original only from the same bot and about the same object. */
export function mayBelieveEdit(
  edit: { sender: string; placement: { key: string; bot: string } },
  original: { sender: string; placement: { key: string } },
  { serverName }: { serverName: string },
): boolean {
  return mayBelieveItem(edit, { serverName }) && edit.sender === original.sender && edit.placement.key === original.placement.key;
}

/** Our states (desk, tool, connection, banner) and the outcomes count only from the desk bot. */
export function mayBelieveState({ sender }: { sender: string }, { serverName }: { serverName: string }): boolean {
  return sender === deskBot(serverName);
}

export const mayBelieveOutcome = mayBelieveState;

/** Why a request is refused. */
export type Refusal = 'not_the_agent' | 'not_an_item' | 'other_room' | 'not_offered' | 'no_moment';

/** The item a request names, as its original message was found; undefined when there is no such message. */
export type AskedItem = {
  sender: string;
  /** The room the message is in. */
  room: string;
  /** The ids, or the actions, that the item offers now. */
  actions: readonly (string | { id: string })[];
};

/** Requests count only from the desk's agent, for an item our bot sent in that very room, for an action it offers. */
export function mayRequest({
  sender,
  deskAgent,
  room,
  serverName,
  action,
  item,
}: {
  sender: string;
  deskAgent: string;
  room: string;
  serverName: string;
  action: string;
  item?: AskedItem | undefined;
}): 'yes' | Refusal {
  if (sender !== deskAgent) return 'not_the_agent';
  if (action === 'desk.task') return 'yes'; // makes an item, so it names none
  if (!item || !isOurBot(item.sender, serverName) || item.sender === deskBot(serverName)) return 'not_an_item';
  if (item.room !== room) return 'other_room';
  const offers = (id: string): boolean => item.actions.some((offered) => (typeof offered === 'string' ? offered : offered.id) === id);
  return isDeskAction(action) || offers(action) ? 'yes' : 'not_offered';
}

/** A room is a desk only if our desk bot made it (sender of `m.room.create`) and marked it (sender of `fr.ecritoire.desk`). */
export function isDeskRoom(
  { creator, deskState }: { creator: string | undefined; deskState: { sender: string } | undefined },
  serverName: string,
): boolean {
  return creator === deskBot(serverName) && deskState?.sender === deskBot(serverName);
}

/** What our rooms are made with: their name, who is invited, their marker and who may do what (DESIGN §3 *Rooms*). */
import { DESK_BOT } from '#desk/access.ts';
import { deskStateContent, EVENT } from '#desk/event.ts';
import type { Address } from '#store/rooms.ts';
import { aliasOf, roomName } from './names.ts';

export type Creating = {
  serverName: string;
  organisations: readonly { id: string; name: string }[];
  /** A localpart: the bot that speaks first there. */
  bot: string | undefined;
};

/** The body of `createRoom`. */
export function creationOf(address: Address, { serverName, organisations, bot }: Creating): Record<string, unknown> {
  const organisation = address.kind === 'platform' ? undefined : organisations.find(({ id }) => id === address.organisation);
  const agent = address.kind === 'desk' ? `@${address.localpart}:${serverName}` : undefined;
  const marker =
    agent === undefined || address.kind !== 'desk'
      ? []
      : [{ type: EVENT.desk, state_key: '', content: deskStateContent({ agent, organisation: address.organisation }) }];
  const guest = bot === undefined || bot === DESK_BOT ? [] : [`@${bot}:${serverName}`];
  return {
    room_alias_name: aliasOf(address),
    name: roomName(address, organisation?.name ?? (address.kind === 'platform' ? '' : address.organisation)),
    preset: 'private_chat',
    visibility: 'private',
    // An organisation is a space: its own room holds what is said to all and, by m.space.child, its team rooms.
    creation_content: { 'm.federate': false, ...(address.kind === 'organisation' && { type: 'm.space' }) },
    // She may never have signed in: the homeserver keeps the invitation for her.
    invite: [...(agent === undefined ? [] : [agent]), ...guest],
    initial_state: [...marker, { type: 'm.room.guest_access', state_key: '', content: { guest_access: 'forbidden' } }],
    // No `users`: creators must not be named from room version 12 on, before it the homeserver names them itself.
    power_level_content_override: {
      users_default: 0,
      events_default: address.kind === 'organisation' ? 100 : 0,
      events: {},
      state_default: 100,
      invite: 100,
      kick: 100,
      ban: 100,
      redact: 100,
    },
  };
}

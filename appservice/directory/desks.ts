/** Brings an agent into her rooms at sign-in: her desks, the organisation rooms, and what the desk bot invited her to. */
import { z } from 'zod';
import type { LoadedConfig } from '#config/load.ts';
import { DeskError } from '#desk/errors.ts';
import type { Membership } from '#store/people.ts';
import { Homeserver } from './homeserver.ts';
import type { MatrixSession } from './session-broker.ts';

/** One desk of an agent, as her session names it. */
export type Desk = { organisation: string; name: string; timeZone: string; room: string; organisationRoom: string };

/** Makes an agent's desk room and the organisation room when they do not stand yet, and invites her where she is not in. */
export type EnsureAgentRooms = (organisation: string, localpart: string) => Promise<{ desk: string; organisation: string }>;

const SLIDING = '/_matrix/client/unstable/org.matrix.simplified_msc3575/sync'; // as far as Synapse 1.163 has MSC4186
const MOST_INVITATIONS = 100;

export class DeskOpener {
  readonly #homeserver: Homeserver;
  readonly #config: LoadedConfig;
  readonly #ensureAgentRooms: EnsureAgentRooms;
  readonly #deskBot: string;

  constructor({ config, ensureAgentRooms }: { config: LoadedConfig; ensureAgentRooms: EnsureAgentRooms }) {
    this.#homeserver = new Homeserver(config.homeserver.url);
    this.#config = config;
    this.#ensureAgentRooms = ensureAgentRooms;
    this.#deskBot = `@ecritoire_desk:${config.serverName}`;
  }

  /** Her desks in the order of the configuration's organisations; the agent is in all their rooms afterwards. */
  async open({ accessToken }: MatrixSession, memberships: readonly Membership[]): Promise<Desk[]> {
    const desks: Desk[] = [];
    for (const { id, name, timeZone } of this.#config.organisations) {
      const membership = memberships.find((one) => one.organisation === id);
      if (membership) {
        const rooms = await this.#ensureAgentRooms(id, membership.localpart);
        await Promise.all([this.#join(rooms.desk, accessToken), this.#join(rooms.organisation, accessToken)]);
        desks.push({ organisation: id, name, timeZone, room: rooms.desk, organisationRoom: rooms.organisation });
      }
    }
    return desks;
  }

  /** Joins what the desk bot, and nobody else, invited her to: admin rooms for instance. Answers how many. */
  async acceptInvitations({ mxid, accessToken }: MatrixSession): Promise<number> {
    const rooms = (await this.#invitations(mxid, accessToken)).filter(({ by }) => by === this.#deskBot);
    for (const { room } of rooms) {
      await this.#join(room, accessToken);
    }
    return rooms.length;
  }

  async #join(room: string, token: string): Promise<void> {
    await this.#homeserver.call('POST', `/_matrix/client/v3/join/${encodeURIComponent(room)}`, { token, body: {} });
  }

  async #invitations(mxid: string, token: string): Promise<{ room: string; by: string | undefined }[]> {
    try {
      const list = { ranges: [[0, MOST_INVITATIONS - 1]], filters: { is_invite: true }, timeline_limit: 0, required_state: [] };
      const answer = Sliding.parse(
        await this.#homeserver.call('POST', `${SLIDING}?timeout=0`, { token, body: { conn_id: 'sign-in', lists: { invitations: list } } }),
      );
      return Object.entries(answer.rooms).map(([room, { invite_state }]) => ({ room, by: inviter(invite_state, mxid) }));
    } catch (error) {
      if (!(error instanceof DeskError) || !['not_found', 'invalid'].includes(error.code)) {
        throw error;
      }
      return this.#classicInvitations(mxid, token);
    }
  }

  /** For a homeserver without sliding sync; slower, which is why it is not asked first. */
  async #classicInvitations(mxid: string, token: string): Promise<{ room: string; by: string | undefined }[]> {
    const none = { limit: 0, types: [] };
    const filter = JSON.stringify({
      presence: none,
      account_data: none,
      room: { timeline: none, state: { types: [] }, ephemeral: none, account_data: none },
    });
    const answer = Classic.parse(
      await this.#homeserver.call('GET', `/_matrix/client/v3/sync?timeout=0&filter=${encodeURIComponent(filter)}`, { token }),
    );
    return Object.entries(answer.rooms.invite).map(([room, { invite_state }]) => ({ room, by: inviter(invite_state.events, mxid) }));
  }
}

const Stripped = z.array(
  z.object({ type: z.string(), sender: z.string(), state_key: z.string().optional(), content: z.record(z.string(), z.unknown()) }),
);
const Sliding = z.object({ rooms: z.record(z.string(), z.object({ invite_state: Stripped.catch([]) })).default({}) });
const Classic = z.object({
  rooms: z
    .object({ invite: z.record(z.string(), z.object({ invite_state: z.object({ events: Stripped.catch([]) }) })).default({}) })
    .default({ invite: {} }),
});

function inviter(state: z.infer<typeof Stripped>, mxid: string): string | undefined {
  return state.find((event) => event.type === 'm.room.member' && event.state_key === mxid && event.content.membership === 'invite')?.sender;
}

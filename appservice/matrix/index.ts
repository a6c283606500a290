/** Matrix as the other parts are given it by main: rooms, members and sends. Assembled here. */
import type { Registration } from '#config/homeserver.ts';
import type { LoadedConfig } from '#config/load.ts';
import { DESK_BOT } from '#desk/access.ts';
import { DeskError } from '#desk/errors.ts';
import type { Store } from '#store/open.ts';
import { makeBots } from './bridge.ts';
import { createClient, type MatrixClient } from './client.ts';
import { type Gaps, makeGaps } from './gaps.ts';
import { type History, makeHistory } from './history.ts';
import { makeMemory, type Memory } from './memory.ts';
import { makeRooms, type Rooms } from './rooms.ts';
import { makeSender, type Sender } from './send.ts';

export type Matrix = Rooms &
  Sender &
  History & {
    client: MatrixClient;
    gaps: Gaps;
    /** The rooms a person's token is joined in; undefined when the token is nobody's. Throws `unavailable`. */
    joinedRooms: (token: string) => Promise<string[] | undefined>;
    /** Whose a person's token is; undefined when it is nobody's. Throws `unavailable`. */
    whoIs: (token: string) => Promise<string | undefined>;
    close: () => Promise<void>;
  };

export type MatrixOptions = { config: LoadedConfig; registration: Registration; store: Store; onStep?: (step: string) => void };

export function makeMatrix({ config, registration, store, onStep }: MatrixOptions): Matrix {
  const { serverName, organisations, homeserver, appservice } = config;
  const client = createClient({ url: homeserver.url, asToken: appservice.asToken });
  const bots = makeBots({ client, serverName, homeserverUrl: homeserver.url, registration, names: botNames(config) });
  const rooms = makeRooms({ client, bots, store, serverName, organisations, ...(onStep && { onStep }) });
  const sender = makeSender({ client, bots, serverName, rejoin: (roomId, bot) => rooms.join(roomId, bot) });
  const history = makeHistory({ client, bots, serverName, organisations });
  const memory = makeMemory({ client, bots, store, serverName });
  const gaps = makeGaps({ client, store, serverName, tools: [...new Set(config.connections.map(({ bot }) => bot))] });
  return {
    ...rooms,
    ...guarded(sender, memory),
    ...history,
    client,
    gaps,
    joinedRooms: (token) => joinedRooms(client, token),
    whoIs: (token) => whoIs(client, token),
    close: () => client.close(),
  };
}

/** Nothing is sent, and no refusal believed, before it is certain that the homeserver knows what it was sent before. */
function guarded(sender: Sender, memory: Memory): Sender {
  return {
    async send(sending) {
      await memory.certain();
      const outcome = await sender.send(sending);
      if (outcome.kind === 'refused') await memory.certainNow();
      return outcome;
    },
  };
}

async function joinedRooms(client: MatrixClient, token: string): Promise<string[] | undefined> {
  const { status, body, reason } = await client.call('GET', '/_matrix/client/v3/joined_rooms', { token });
  if (status === 401) return undefined;
  const rooms = body?.joined_rooms;
  if (status !== 200 || !Array.isArray(rooms))
    throw new DeskError('unavailable', `The homeserver did not say which rooms are joined: ${reason}`);
  return rooms.filter((room) => typeof room === 'string');
}

async function whoIs(client: MatrixClient, token: string): Promise<string | undefined> {
  const { status, body, reason } = await client.call('GET', '/_matrix/client/v3/account/whoami', { token });
  if (status === 401) return undefined;
  if (status !== 200 || typeof body?.user_id !== 'string')
    throw new DeskError('unavailable', `The homeserver did not say whose a token is: ${reason}`);
  return body.user_id;
}

/** A bot is one Matrix user for all its connections: it has the name of the first. */
function botNames({ connections }: LoadedConfig): Map<string, string> {
  const names = new Map([[DESK_BOT, 'Écritoire']]);
  for (const { bot, label } of connections) {
    const localpart = `ecritoire_${bot}`;
    if (!names.has(localpart)) names.set(localpart, label);
  }
  return names;
}

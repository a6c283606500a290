/** Matrix as the other parts are given it by main: rooms, members and sends. Assembled here. */
import { registration } from '#config/homeserver.ts';
import type { LoadedConfig } from '#config/load.ts';
import { DESK_BOT } from '#desk/access.ts';
import type { Store } from '#store/open.ts';
import { makeBots } from './bridge.ts';
import { createClient, type MatrixClient } from './client.ts';
import { makeRooms, type Rooms } from './rooms.ts';
import { makeSender, type Sender } from './send.ts';

export type Matrix = Rooms & Sender & { client: MatrixClient; close: () => Promise<void> };

export function makeMatrix({ config, store, onStep }: { config: LoadedConfig; store: Store; onStep?: (step: string) => void }): Matrix {
  const { serverName, organisations, homeserver, appservice } = config;
  const client = createClient({ url: homeserver.url, asToken: appservice.asToken });
  const bots = makeBots({ client, serverName, homeserverUrl: homeserver.url, registration: registration(config), names: botNames(config) });
  const rooms = makeRooms({ client, bots, store, serverName, organisations, ...(onStep && { onStep }) });
  const sender = makeSender({ client, bots, serverName, rejoin: (roomId, bot) => rooms.join(roomId, bot) });
  return { ...rooms, ...sender, client, close: () => client.close() };
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

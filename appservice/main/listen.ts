/** Opens the listeners of one process: the public one (hooks, the homeserver) and the internal one. */
import type { LoadedConfig } from '#config/load.ts';
import { OPERATOR } from '#desk/words.ts';
import type { Store } from '#store/open.ts';
import { verifyWebhook } from '../../bots/webhook.ts';
import { accountRoutes } from '../http/accounts.ts';
import { health } from '../http/health.ts';
import { hooks } from '../http/hooks.ts';
import { internalApp } from '../http/internal.ts';
import { items } from '../http/items.ts';
import { mailRoutes } from '../http/mails.ts';
import { type Listener, openListener, publicApp } from '../http/server.ts';
import type { Log } from '../log.ts';
import type { Parts } from './assemble.ts';
import { refuse } from './refuse.ts';

export function openListeners(config: LoadedConfig, store: Store, log: Log, parts: Parts, isServing: () => boolean): Promise<Listener[]> {
  const { matrix, healths, outages, ingest, directory, receiver, registry, pinger, accounts, mails } = parts;
  const { connections, appservice } = config;
  const onDelivery = healths.note.bind(healths);
  const door = hooks({
    verify: verifyWebhook,
    accept: ingest.accept,
    reject: ingest.reject,
    connections,
    ready: isServing,
    log,
    onDelivery,
    onStoreFailure: (error) => outages.storeFails(error),
    register: registry,
    receive: (connection, request) => parts.poller.receive(connection, request),
  });
  const list = items({ store, joinedRooms: matrix.joinedRooms, clock: Date.now });
  const asking = { store, serverName: config.serverName, whoIs: matrix.whoIs };
  const own = [accountRoutes({ accounts, ...asking }), mailRoutes({ mails, ...asking })];
  const state = health({ store, registry, pingAgeMs: () => pinger.ageMs(), isServing });
  return Promise.all([
    open(publicApp({ hooks: door, transactions: receiver }), appservice.listen),
    open(internalApp({ routers: [state, list, ...own, directory.routes], log }), appservice.internal),
  ]);
}

async function open(app: Parameters<typeof openListener>[0], at: { host: string; port: number }): Promise<Listener> {
  return openListener(app, at).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') refuse(OPERATOR.taken(at));
    throw error;
  });
}

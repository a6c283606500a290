/** The directory: who people are, how they sign in, and their sessions. Assembled here; `main` gives what is others'. */
import type { Router } from 'express';
import type { LoadedConfig } from '#config/load.ts';
import { pruneOidc } from '#store/oidc.ts';
import type { Store } from '#store/open.ts';
import { DeskOpener, type EnsureAgentRooms } from './desks.ts';
import { type DeliverWaiting, syncPeople } from './people.ts';
import { directoryRoutes } from './routes.ts';
import { makeJwtBroker } from './session-broker.ts';
import { Sessions } from './sessions.ts';
import { Verifier } from './verify.ts';

export type { Desk, EnsureAgentRooms } from './desks.ts';
export type { DeliverWaiting } from './people.ts';
export type { OpenedSession } from './sessions.ts';

/** The part of a pino logger used here. */
export type Log = {
  info: (fields: object, text: string) => void;
  warn: (fields: object, text: string) => void;
  error: (fields: object, text: string) => void;
};

export type Directory = {
  /** `/sessions`, `/identities`, `/oidc`, for the internal listener; they check the internal token themselves. */
  routes: Router;
  /** Brings the configuration's people into the record and delivers what waited for them. Once, before traffic is taken. */
  syncPeople: () => Promise<void>;
  /** Ends sessions whose time is over, and forgets what the OpenID provider kept too long. */
  sweep: () => Promise<void>;
  /** Sweeps every minute until {@link stop}. */
  start: () => void;
  stop: () => void;
  /** Signs one person out of everything, phones too; a leaver is marked `left` before. */
  endEverywhere: (localpart: string, reason: string) => Promise<void>;
  /** Whether the homeserver has deactivated the account of someone who was signed in before. */
  isDeactivated: (localpart: string) => Promise<boolean>;
};

export type DirectoryParts = {
  config: LoadedConfig;
  store: Store;
  log: Log;
  ensureAgentRooms: EnsureAgentRooms;
  /** Ingest's; called at every sign-in and when the configuration makes someone reachable under a new address. */
  deliverWaiting: DeliverWaiting;
};

const SWEEP_MS = 60_000; // a session ends at most this long after its time

export function makeDirectory({ config, store, log, ensureAgentRooms, deliverWaiting }: DirectoryParts): Directory {
  const { serverName, homeserver, session, appservice } = config;
  const broker = makeJwtBroker({ store, url: homeserver.url, serverName, jwtKey: session.jwtKey });
  const sessions = new Sessions({
    config,
    store,
    broker,
    desks: new DeskOpener({ config, ensureAgentRooms }),
    verifier: new Verifier(),
    deliverWaiting,
  });
  const onProblem = (err: unknown, at: object): void => log.error({ err, ...at }, 'an internal call failed');
  const sweep = async (): Promise<void> => {
    await sessions.endExpired();
    await pruneOidc(store);
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    routes: directoryRoutes({ sessions, store, internalToken: appservice.internalToken, onProblem }),
    syncPeople: () => syncPeople(store, config.people, deliverWaiting),
    sweep,
    start() {
      timer ??= setInterval(() => void sweep().catch((err: unknown) => log.warn({ err }, 'expired sessions could not be ended')), SWEEP_MS);
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
    },
    endEverywhere: (localpart, reason) => sessions.endEverywhere(localpart, reason),
    isDeactivated: (localpart) => broker.isDeactivated(localpart),
  };
}

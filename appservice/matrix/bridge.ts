/**
 * The only use of matrix-appservice-bridge: it knows our registration, registers our bots and sets their profiles.
 * It never listens (our own receiver does, `transactions.ts`) and never sends into rooms (`send.ts` does): DESIGN §6.
 */
import { AppServiceRegistration, Bridge } from 'matrix-appservice-bridge';
import { DeskError } from '#desk/errors.ts';
import type { MatrixClient } from './client.ts';
import { DEVICE } from './names.ts';

/** The id of our registration at the homeserver. */
export const REGISTRATION_ID = 'ecritoire';
export const DESK_BOT = 'ecritoire_desk';

export type BotsOptions = {
  client: MatrixClient;
  serverName: string;
  homeserverUrl: string;
  asToken: string;
  hsToken: string;
  /** Our public address, as the homeserver calls it. */
  url: string;
  /** The display name of each bot, by localpart; others keep the homeserver's default. */
  names: ReadonlyMap<string, string>;
};

export interface Bots {
  /**
   * Returns when this bot exists, with its name and its sending device. Remembered, so it costs nothing the second time.
   * Throws `unavailable` when the homeserver does not answer, `config` when it refuses us.
   */
  ensure(localpart: string): Promise<void>;
  /** Forgets what was remembered: the homeserver said that the device is unknown. */
  forget(localpart: string): void;
}

export function makeBots(options: BotsOptions): Bots {
  const bridge = new Bridge({
    homeserverUrl: options.homeserverUrl,
    domain: options.serverName,
    registration: makeRegistration(options),
    controller: { onEvent: () => undefined },
    disableStores: true,
    disableContext: true,
    suppressEcho: false,
    // The library takes a creator of a version 12 room for powerless, and joins the wrong user: both checks stay off.
    intentOptions: {
      bot: { dontCheckPowerLevel: true, dontJoin: true, enablePresence: false },
      clients: { dontCheckPowerLevel: true, dontJoin: true, enablePresence: false },
    },
  });
  const initialise = once(() => bridge.initialise());
  const known = new Map<string, Promise<void>>();
  return {
    ensure(localpart) {
      const running = known.get(localpart) ?? ensureBot({ bridge, initialise, localpart, ...options });
      known.set(localpart, running);
      running.catch(() => known.delete(localpart));
      return running;
    },
    forget: (localpart) => void known.delete(localpart),
  };
}

type One = BotsOptions & { bridge: Bridge; initialise: () => Promise<void>; localpart: string };

async function ensureBot({ bridge, initialise, localpart, client, serverName, names }: One): Promise<void> {
  const mxid = `@${localpart}:${serverName}`;
  try {
    await initialise();
    const intent = bridge.getIntent(mxid);
    await intent.ensureRegistered();
    const name = names.get(localpart);
    if (name !== undefined) await intent.ensureProfile(name);
  } catch (cause) {
    throw new DeskError('unavailable', `The homeserver did not register ${mxid}`, { cause: nameCause(cause) });
  }
  // MSC4190 (Matrix 1.17): an application service makes devices by PUT.
  const answer = await client.call('PUT', `/_matrix/client/v3/devices/${DEVICE}`, { as: mxid, body: { display_name: 'Écritoire' } });
  if (answer.status >= 300 || answer.status === 0) {
    throw new DeskError(answer.status === 401 ? 'config' : 'unavailable', `The homeserver did not make the device of ${mxid}: ${answer.reason}`);
  }
}

function makeRegistration({ url, asToken, hsToken, serverName }: BotsOptions): AppServiceRegistration {
  const registration = new AppServiceRegistration(url);
  registration.setId(REGISTRATION_ID);
  registration.setAppServiceToken(asToken);
  registration.setHomeserverToken(hsToken);
  registration.setSenderLocalpart(DESK_BOT);
  registration.setRateLimited(false);
  const host = serverName.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  registration.addRegexPattern('users', `@ecritoire_.*:${host}`, true);
  registration.addRegexPattern('aliases', `#desk_.*:${host}`, true);
  return registration;
}

/** The library throws raw response objects for answers that are not JSON; only what is an Error goes on. */
const nameCause = (cause: unknown): Error => (cause instanceof Error ? cause : new Error('an answer that is no Matrix answer'));

/** Runs it until it has succeeded once; calls that come together share one run. */
function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= run().catch((error: unknown) => {
      running = undefined;
      throw error;
    });
    return running;
  };
}

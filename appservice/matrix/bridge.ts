/**
 * The only use of matrix-appservice-bridge: it knows our registration, registers our bots and sets their profiles.
 * It never listens (our own receiver does, `transactions.ts`) and never sends into rooms (`send.ts` does): DESIGN §6.
 */
import { AppServiceRegistration, Bridge, Logger } from 'matrix-appservice-bridge';
import { DESK_BOT } from '#desk/access.ts';
import { DeskError } from '#desk/errors.ts';
import type { Registration } from '#config/homeserver.ts';
import type { MatrixClient } from './client.ts';
import { DEVICE } from './names.ts';

export type BotsOptions = {
  client: MatrixClient;
  serverName: string;
  homeserverUrl: string;
  /** As the homeserver has it (`registration` of config/homeserver.ts). */
  registration: Registration;
  /** The display name of each bot, by localpart; others keep the homeserver's default. */
  names: ReadonlyMap<string, string>;
};

export interface Bots {
  /**
   * Returns when this bot exists, with its name and its sending device. Remembered, so it costs nothing the second time.
   * Throws `unavailable` when the homeserver does not answer, `config` when it refuses us.
   */
  ensure(localpart: string): Promise<void>;
  /** Forgets what was remembered: the homeserver may not know the bot or its device any more. */
  forget(localpart: string): void;
}

export function makeBots(options: BotsOptions): Bots {
  Logger.configure({ console: 'off' }); // its own lines go past our log, with addresses in them
  const bridge = new Bridge({
    homeserverUrl: options.homeserverUrl,
    domain: options.serverName,
    registration: readRegistration(options.registration),
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
  const forgotten = new Set<string>();
  return {
    ensure(localpart) {
      const running = known.get(localpart) ?? ensureBot({ bridge, initialise, localpart, isAgain: forgotten.has(localpart), ...options });
      known.set(localpart, running);
      running.catch(() => known.delete(localpart));
      return running;
    },
    forget(localpart) {
      known.delete(localpart);
      forgotten.add(localpart);
    },
  };
}

type One = BotsOptions & { bridge: Bridge; initialise: () => Promise<void>; localpart: string; isAgain: boolean };

async function ensureBot({ bridge, initialise, localpart, isAgain, client, serverName, names }: One): Promise<void> {
  const mxid = `@${localpart}:${serverName}`;
  try {
    await initialise();
    // What the library has registered it remembers for good; a homeserver that was put back from a backup does not.
    if (localpart === DESK_BOT || isAgain) await register(client, localpart);
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
    throw new DeskError(
      answer.status === 401 ? 'config' : 'unavailable',
      `The homeserver did not make the device of ${mxid}: ${answer.reason}`,
    );
  }
}

/** The library takes the registration's sender for registered; on a new homeserver it has no profile until it is. */
async function register(client: MatrixClient, localpart: string): Promise<void> {
  const body = { type: 'm.login.application_service', username: localpart, inhibit_login: true };
  const answer = await client.call('POST', '/_matrix/client/v3/register', { body });
  if (answer.status !== 200 && answer.errcode !== 'M_USER_IN_USE') throw new Error(`${localpart} was not registered: ${answer.reason}`);
}

/** The library keeps only what it knows of the registration; the homeserver was given the whole. */
function readRegistration(registration: Registration): AppServiceRegistration {
  return AppServiceRegistration.fromObject({ ...registration, protocols: [] });
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

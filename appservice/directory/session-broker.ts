/**
 * Opens and closes Matrix sessions of agents. The way of today is Synapse's `org.matrix.login.jwt`; a homeserver with
 * the Matrix Authentication Service will need another, hence the interface (DESIGN §4).
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { importPKCS8, SignJWT } from 'jose';
import { z } from 'zod';
import { DeskError } from '#desk/errors.ts';
import type { Store } from '#store/open.ts';
import { findPerson, hasIdentity } from '#store/people.ts';
import { Homeserver } from './homeserver.ts';
import { Refusal } from './refusal.ts';

export type MatrixSession = { mxid: string; deviceId: string; accessToken: string };

export interface MatrixSessionBroker {
  /**
   * A new device of this person. Throws `denied` unless she is in the record, active and has an identity; `unavailable`
   * or `rate_limited` when the homeserver cannot now.
   */
  open(localpart: string): Promise<MatrixSession>;
  /** Signs one device out, with its token when that is at hand; a device that is gone already is no error. */
  close(device: { localpart: string; deviceId: string; accessToken?: string }): Promise<void>;
  /** Signs every device of this person out, phones too: for someone who left, also once she is marked so. */
  closeAll(localpart: string): Promise<void>;
  /** Whether the homeserver has deactivated her account, which it tells only whoever signs in: a session is opened and closed. */
  isDeactivated(localpart: string): Promise<boolean>;
}

const TOKEN_LIFE = 60; // seconds; the token is made and spent here
const ALGORITHM = 'ES256';
const ISSUER = 'ecritoire'; // as in the homeserver's jwt_config, see config/homeserver.ts
const DEVICE_NAME = 'Écritoire (navigateur)';

const LoggedIn = z.object({ user_id: z.string(), device_id: z.string(), access_token: z.string() });

export function makeJwtBroker({
  store,
  url,
  serverName,
  jwtKey,
}: {
  store: Store;
  url: string;
  serverName: string;
  jwtKey: string;
}): MatrixSessionBroker {
  const homeserver = new Homeserver(url);
  const key = importPKCS8(jwtKey, ALGORITHM);
  key.catch(() => undefined); // told where it is first awaited

  async function login(localpart: string, name: string, deviceId: string): Promise<MatrixSession> {
    const now = Math.floor(Date.now() / 1000);
    const token = await new SignJWT({ name })
      .setProtectedHeader({ alg: ALGORITHM })
      .setIssuer(ISSUER)
      .setAudience([serverName])
      .setSubject(localpart)
      .setJti(randomUUID())
      .setIssuedAt(now)
      .setNotBefore(now - 5)
      .setExpirationTime(now + TOKEN_LIFE)
      .sign(await key);
    const body = { type: 'org.matrix.login.jwt', token, device_id: deviceId, initial_device_display_name: DEVICE_NAME };
    const session = LoggedIn.parse(await homeserver.call('POST', '/_matrix/client/v3/login', { body }));
    if (session.user_id !== `@${localpart}:${serverName}`) {
      await homeserver.call('POST', '/_matrix/client/v3/logout', { token: session.access_token, body: {} });
      throw new DeskError('bug', `The homeserver opened a session of ${session.user_id} for ${localpart}`);
    }
    return { mxid: session.user_id, deviceId: session.device_id, accessToken: session.access_token };
  }

  return {
    async open(localpart) {
      const name = await nameOfKnown(store, localpart);
      return login(localpart, name, `ECRITOIRE-${randomBytes(12).toString('base64url')}`);
    },
    async close({ localpart, deviceId, accessToken }) {
      if (accessToken !== undefined && (await logOut(homeserver, accessToken, '/logout'))) {
        return;
      }
      const session = await login(localpart, await nameOfKnown(store, localpart, { evenLeft: true }), deviceId);
      await logOut(homeserver, session.accessToken, '/logout');
    },
    async closeAll(localpart) {
      const name = await nameOfKnown(store, localpart, { evenLeft: true });
      const session = await login(localpart, name, `ECRITOIRE-${randomBytes(12).toString('base64url')}`);
      await logOut(homeserver, session.accessToken, '/logout/all');
    },
    async isDeactivated(localpart) {
      const name = await nameOfKnown(store, localpart, { evenLeft: true });
      try {
        const session = await login(localpart, name, `ECRITOIRE-${randomBytes(12).toString('base64url')}`);
        await logOut(homeserver, session.accessToken, '/logout');
        return false;
      } catch (error) {
        if (error instanceof Refusal && error.reason === 'left') return true;
        throw error;
      }
    },
  };
}

/** True when it worked; false when the token is none any more. */
async function logOut(homeserver: Homeserver, token: string, path: '/logout' | '/logout/all'): Promise<boolean> {
  try {
    await homeserver.call('POST', `/_matrix/client/v3${path}`, { token, body: {} });
    return true;
  } catch (error) {
    if (error instanceof DeskError && error.code === 'auth') {
      return false;
    }
    throw error;
  }
}

/** Only people of the record with an identity ever get a session: never a bot, a sender, or an account of the site's own. */
async function nameOfKnown(store: Store, localpart: string, { evenLeft = false } = {}): Promise<string> {
  const person = await findPerson(store, localpart);
  const usual = /^[a-z0-9.-]+$/.test(localpart); // no `_`: the namespace of bots is out of reach whatever the record says
  if (!usual || !person || !(evenLeft || person.status === 'active') || !(await hasIdentity(store, localpart))) {
    throw new DeskError('denied', `No Matrix session is opened for ${localpart}`);
  }
  return person.name;
}

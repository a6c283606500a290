/**
 * Web sessions from sign-in to their end: each is one row of the record and one Matrix device. A session ends by its
 * agent, by its time, by the provider's back-channel logout, or with everything else of someone who left.
 */
import { randomUUID } from 'node:crypto';
import type { LoadedConfig } from '#config/load.ts';
import { DeskError } from '#desk/errors.ts';
import { writeAudit } from '#store/audit.ts';
import { putOidcOnce } from '#store/oidc.ts';
import type { Store } from '#store/open.ts';
import { seal, unseal } from '#store/seal.ts';
import {
  endSession,
  expiredSessions,
  findLiveSession,
  insertSession,
  reviveSession,
  type SessionRow,
  sessionsNamed,
  sessionsOf,
} from '#store/sessions.ts';
import { type Claims, type Provider, readClaims } from './claims.ts';
import type { Desk, DeskOpener } from './desks.ts';
import { identify, type Identified } from './identify.ts';
import type { DeliverWaiting } from './people.ts';
import { Refusal } from './refusal.ts';
import type { MatrixSessionBroker } from './session-broker.ts';
import type { Verifier } from './verify.ts';

export type SessionParts = {
  config: LoadedConfig;
  store: Store;
  broker: MatrixSessionBroker;
  desks: DeskOpener;
  verifier: Verifier;
  deliverWaiting: DeliverWaiting;
};

export type SignIn = { provider: string; idToken: string; userinfo: unknown; nonce: string; sharedPost?: boolean };

/** What the web seals into its cookie. `expiresAt` in ms. */
export type OpenedSession = {
  session: string;
  mxid: string;
  localpart: string;
  name: string;
  organisation: string;
  deviceId: string;
  accessToken: string;
  expiresAt: number;
  desks: Desk[];
};

const HOUR_MS = 3_600_000;
const place = (id: string): string => `record.sessions ${id}`; // what the sealed id_token is bound to
const SWEEP = 100; // expired sessions ended in one go
const JTI_LIFE = 3_600; // seconds: longer than a logout token is accepted

export class Sessions {
  readonly #parts: SessionParts;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** Throws a Refusal, or `unavailable` when the homeserver or the provider's keys cannot be reached. */
  async open(signIn: SignIn): Promise<OpenedSession> {
    const provider = this.#provider(signIn.provider);
    const { claims, found } = await this.#identify(provider, signIn);
    const matrix = await this.#parts.broker.open(found.localpart);
    const row = this.#row({ provider, claims, found, deviceId: matrix.deviceId, idToken: signIn.idToken });
    try {
      await insertSession(this.#parts.store, row); // before anything that takes time: without a row, a device never ends
      const desks = await this.#parts.desks.open(matrix, found.memberships);
      await this.#parts.desks.acceptInvitations(matrix);
      await this.#audit('session.opened', found, row.id, { provider: provider.id, by: found.by });
      const { localpart, name, organisation } = found;
      return { session: row.id, ...matrix, localpart, name, organisation, expiresAt: row.expiresAt, desks };
    } catch (error) {
      await this.#undo(row, matrix.accessToken).catch(() => undefined); // the first error says more
      throw error;
    }
  }

  /**
   * Ends a session and signs its device out; `accessToken` spares a login. Answers what logout at the provider needs,
   * undefined when the session had ended before. The row is open again when the homeserver could not be reached.
   */
  async end(id: string, reason: string, accessToken?: string): Promise<{ provider: string; idToken?: string } | undefined> {
    const { store, broker } = this.#parts;
    const row = await endSession(store, id, reason);
    if (!row) {
      return undefined;
    }
    try {
      await broker.close({ localpart: row.localpart, deviceId: row.deviceId, accessToken });
    } catch (error) {
      if (error instanceof DeskError && error.fate.again) {
        await reviveSession(store, id);
      }
      throw error;
    }
    await this.#audit('session.ended', row, id, { reason });
    return { provider: row.provider, idToken: this.#hint(row) };
  }

  async isAlive(id: string): Promise<boolean> {
    return (await findLiveSession(this.#parts.store, id)) !== undefined;
  }

  /** OpenID Connect Back-Channel Logout: ends every session the token names; answers how many. */
  async endNamed(providerId: string, logoutToken: string): Promise<number> {
    const { store, verifier } = this.#parts;
    const provider = this.#provider(providerId);
    const { sid, sub, jti } = await verifier.verifyLogout(provider, logoutToken);
    if (!(await putOidcOnce(store, 'LogoutToken', `${provider.id} ${jti}`, JTI_LIFE))) {
      throw new Refusal('refused', 'This logout token was used before');
    }
    return this.#endAll(await sessionsNamed(store, { issuer: provider.issuer, sid, sub }), 'provider');
  }

  /** Ends the sessions whose time is over; answers how many. Called by a timer, on any replica. */
  async endExpired(): Promise<number> {
    return this.#endAll(await expiredSessions(this.#parts.store, SWEEP), 'expired');
  }

  /** Everything of one person, phones too: a leaver, or « log out everywhere ». */
  async endEverywhere(localpart: string, reason: string): Promise<void> {
    const { store, broker } = this.#parts;
    const ids = await sessionsOf(store, localpart);
    await broker.closeAll(localpart);
    for (const id of ids) {
      await endSession(store, id, reason);
    }
    await writeAudit(store, { who: this.#mxid(localpart), what: 'sessions.ended', details: { reason, sessions: ids.length } });
  }

  async #endAll(ids: readonly string[], reason: string): Promise<number> {
    const ended = await Promise.allSettled(ids.map((id) => this.end(id, reason)));
    const failed = ended.find((one) => one.status === 'rejected');
    if (failed) {
      throw failed.reason;
    }
    return ended.filter((one) => one.status === 'fulfilled' && one.value !== undefined).length;
  }

  /** After a sign-in that failed half-way: the device goes, whether the row was written or not. */
  async #undo(row: SessionRow, accessToken: string): Promise<void> {
    if (!(await this.end(row.id, 'failed', accessToken))) {
      await this.#parts.broker.close({ ...row, accessToken });
    }
  }

  #mxid(localpart: string): string {
    return `@${localpart}:${this.#parts.config.serverName}`;
  }

  /** The id_token for logout at the provider; none when the record key was changed since: the provider then asks. */
  #hint({ id, idToken }: SessionRow): string | undefined {
    try {
      return idToken ? unseal(this.#parts.config.appservice.recordKey, idToken, place(id)).toString('utf8') : undefined;
    } catch {
      return undefined;
    }
  }

  #provider(id: string): Provider {
    const provider = this.#parts.config.providers.find((one) => one.id === id);
    if (!provider) {
      throw new DeskError('not_found', `No identity provider ${id}`);
    }
    return provider;
  }

  async #identify(provider: Provider, signIn: SignIn): Promise<{ claims: Claims; found: Identified }> {
    const { store, verifier } = this.#parts;
    try {
      const claims = readClaims(provider, await verifier.verifySignIn(provider, signIn));
      return { claims, found: await identify(this.#parts, provider, claims) };
    } catch (error) {
      if (error instanceof Refusal) {
        await writeAudit(store, {
          who: 'unknown',
          what: 'session.refused',
          subject: provider.id,
          details: { reason: error.reason, said: error.message },
        });
      }
      throw error;
    }
  }

  #row(at: { provider: Provider; claims: Claims; found: Identified; deviceId: string; idToken: string }): SessionRow {
    const { config } = this.#parts;
    const id = randomUUID();
    return {
      id,
      localpart: at.found.localpart,
      organisation: at.found.organisation,
      provider: at.provider.id,
      issuer: at.claims.issuer,
      sub: at.claims.sub,
      sid: at.claims.sid ?? null,
      deviceId: at.deviceId,
      idToken: seal(config.appservice.recordKey, Buffer.from(at.idToken), place(id)),
      expiresAt: Date.now() + config.session.hours * HOUR_MS,
    };
  }

  async #audit(
    what: string,
    { localpart, organisation }: { localpart: string; organisation: string },
    subject: string,
    details: Record<string, unknown>,
  ) {
    await writeAudit(this.#parts.store, { organisation, who: this.#mxid(localpart), what, subject, details });
  }
}

/**
 * Verifies what an identity provider signed, again and apart from the web: the id_token, a signed userinfo, a logout
 * token. Keys come from the provider's own JWKS, found by its discovery document.
 */
import { createRemoteJWKSet, jwtVerify, type JWTPayload, type JWTVerifyOptions } from 'jose';
import { z } from 'zod';
import { DeskError } from '#desk/errors.ts';
import type { Provider } from './claims.ts';
import { Refusal } from './refusal.ts';

const TIMEOUT_MS = 5_000;
const TOLERANCE = 60; // seconds of clock difference between the provider and us
const OLDEST = '10m'; // an id_token is handed over seconds after it was made
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'; // OpenID Connect Back-Channel Logout 1.0 §2.4

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });

type Keys = ReturnType<typeof createRemoteJWKSet>;

/** Verifies for the providers of the configuration; throws `unavailable` while a provider's keys cannot be had. */
export class Verifier {
  readonly #keys = new Map<string, Promise<Keys>>();

  /** The claims of the id_token and of userinfo together; a {@link Refusal} when anything of them does not hold. */
  async verifySignIn(provider: Provider, told: { idToken: string; userinfo?: unknown; nonce?: string }): Promise<JWTPayload> {
    const idToken = await this.#verify(provider, told.idToken, {
      algorithms: [provider.idTokenAlg],
      requiredClaims: ['sub', 'exp', 'iat', 'nonce'],
      maxTokenAge: OLDEST,
    });
    if (told.nonce === undefined || idToken.nonce !== told.nonce) {
      throw new Refusal('refused', 'The nonce of the id_token is not the one this sign-in began with');
    }
    if (Array.isArray(idToken.aud) && idToken.aud.length > 1 && idToken.azp !== provider.clientId) {
      throw new Refusal('refused', 'The id_token was made for another client');
    }
    if (provider.acr.length > 0 && !provider.acr.includes(String(idToken.acr))) {
      throw new Refusal('refused', `The sign-in was not strong enough: acr ${String(idToken.acr)}`);
    }
    const userinfo = await this.#userinfo(provider, told.userinfo);
    if (userinfo.sub !== idToken.sub) {
      throw new Refusal('refused', 'The userinfo is about another person than the id_token');
    }
    return { ...userinfo, ...idToken };
  }

  /** OpenID Connect Back-Channel Logout 1.0 §2.6: whose session ended, and the token's own id, to be used once. */
  async verifyLogout(provider: Provider, token: string): Promise<{ sid?: string; sub?: string; jti: string }> {
    const claims = await this.#verify(provider, token, {
      algorithms: [provider.idTokenAlg],
      requiredClaims: ['iat', 'jti', 'events'],
      maxTokenAge: OLDEST,
    });
    const events = z.record(z.string(), z.unknown()).safeParse(claims.events);
    const sid = typeof claims.sid === 'string' ? claims.sid : undefined;
    if (!events.success || !(LOGOUT_EVENT in events.data) || 'nonce' in claims || (sid === undefined && claims.sub === undefined)) {
      throw new Refusal('refused', 'Not a logout token');
    }
    return { sid, sub: claims.sub, jti: String(claims.jti) };
  }

  async #userinfo(provider: Provider, userinfo: unknown): Promise<Record<string, unknown>> {
    if (typeof userinfo === 'string') {
      return this.#verify(provider, userinfo, { algorithms: [provider.userinfoAlg ?? provider.idTokenAlg] });
    }
    if (provider.userinfoAlg !== undefined) {
      throw new Refusal('refused', `The provider ${provider.id} is to sign its userinfo, and did not`);
    }
    return z.record(z.string(), z.unknown()).parse(userinfo);
  }

  async #verify(provider: Provider, token: string, options: JWTVerifyOptions): Promise<JWTPayload> {
    const keys = await this.#keysOf(provider);
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: provider.issuer,
        audience: provider.clientId,
        clockTolerance: TOLERANCE,
        ...options,
      });
      return payload;
    } catch (cause) {
      throw keysUnreachable(cause)
        ? new DeskError('unavailable', `The keys of the identity provider ${provider.id} cannot be fetched`, { cause })
        : new Refusal('refused', `A token of the identity provider ${provider.id} does not verify`, { cause });
    }
  }

  /** The discovery document is asked for once; after a failure, again at the next sign-in. */
  #keysOf(provider: Provider): Promise<Keys> {
    let keys = this.#keys.get(provider.issuer);
    if (keys === undefined) {
      keys = discoverKeys(provider);
      keys.catch(() => this.#keys.delete(provider.issuer));
      this.#keys.set(provider.issuer, keys);
    }
    return keys;
  }
}

/** jose's codes for a JWKS that could not be fetched; Node's own network errors are TypeErrors without a code. */
function keysUnreachable(cause: unknown): boolean {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return code === 'ERR_JWKS_TIMEOUT' || code === 'ERR_JOSE_GENERIC' || cause instanceof TypeError;
}

async function discoverKeys(provider: Provider): Promise<Keys> {
  const url = `${provider.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' });
    const { issuer, jwks_uri } = Discovery.parse(await answer.json());
    if (issuer !== provider.issuer) {
      throw new DeskError(
        'config',
        `The provider ${provider.id} announces the issuer ${issuer}, the configuration says ${provider.issuer}`,
      );
    }
    return createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: TIMEOUT_MS });
  } catch (cause) {
    throw new DeskError('unavailable', `The identity provider ${provider.id} does not answer at ${url}`, { cause });
  }
}

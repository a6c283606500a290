/** The embedded identity provider: oidc-provider with the claims ProConnect gives, and a picker instead of a password. */
import { createHash, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Provider, { type Configuration, type JWKS, type KoaContextWithOIDC } from 'oidc-provider';
import { z } from 'zod';
import { PEOPLE, type Person } from '../people.ts';
import { type SessionFile, openSessions } from './adapter.ts';
import { POLICY, errorPage, logoutPage, signedOutPage } from './pages.ts';
import type { IssuerSettings } from './settings.ts';

const Keys = z.object({ jwks: z.object({ keys: z.array(z.looseObject({ kty: z.string() })) }), cookies: z.array(z.string()) });
type Keys = { jwks: JWKS; cookies: string[] };

/** Where a person is sent to choose who she is; the interaction's id follows. */
export const PICKER = '/qui';

/** `sub` stays the same over restarts and resets: ProConnect's is as stable. */
export const subOf = ({ login }: Person): string => createHash('sha256').update(`ecritoire-essai:${login}`).digest('hex').slice(0, 32);

/** Makes the provider; its keys and sessions live in the settings' folder. */
export async function makeIssuer(settings: IssuerSettings): Promise<{ provider: Provider; sessions: SessionFile }> {
  await mkdir(settings.folder, { recursive: true, mode: 0o700 });
  const keys = await readKeys(join(settings.folder, 'keys.json'));
  const sessions = openSessions(join(settings.folder, 'sessions.json'));
  const provider = new Provider(settings.issuer, configuration(settings, { keys, sessions }));
  // Logout comes back to any page of the desk: which one is the desk's choice.
  provider.Client.prototype.postLogoutRedirectUriAllowed = (uri: string) =>
    URL.canParse(uri) && new URL(uri).origin === new URL(settings.deskUrl).origin;
  return { provider, sessions };
}

/** Made once and kept: the desk goes on trusting what was signed before a restart. */
async function readKeys(file: string): Promise<Keys> {
  const known = await readFile(file, 'utf8').catch(() => undefined);
  if (known !== undefined) {
    return Keys.parse(JSON.parse(known));
  }
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  const made = { jwks: { keys: [{ ...rsa, kid: randomUUID(), alg: 'RS256', use: 'sig' }] }, cookies: [randomBytes(32).toString('hex')] };
  await writeFile(file, JSON.stringify(made), { mode: 0o600 });
  return made;
}

const HOUR = 3600; // seconds

function configuration(settings: IssuerSettings, { keys, sessions }: { keys: Keys; sessions: SessionFile }): Configuration {
  return {
    adapter: sessions.adapter,
    clients: [clientOf(settings)],
    jwks: keys.jwks,
    cookies: {
      keys: keys.cookies,
      names: { session: 'essai-session', interaction: 'essai-choix', resume: 'essai-reprise' },
      long: { httpOnly: true, sameSite: 'lax', signed: true },
      short: { httpOnly: true, sameSite: 'lax', signed: true },
    },
    claims: {
      openid: ['sub'],
      given_name: ['given_name'],
      usual_name: ['usual_name'],
      email: ['email'],
      uid: ['uid'],
      siret: ['siret'],
      acr: null,
      amr: null,
      auth_time: null,
      sid: null,
    },
    acrValues: ['eidas1'],
    pkce: { required: () => true },
    findAccount: (_context, sub) => accountOf(sub),
    loadExistingGrant: grantAsked,
    interactions: { url: (_context, { uid }) => `${PICKER}/${uid}` },
    features: {
      devInteractions: { enabled: false },
      claimsParameter: { enabled: true },
      jwtUserinfo: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context, form) => show(context, logoutPage(form)),
        postLogoutSuccessSource: (context) => show(context, signedOutPage()),
      },
    },
    ttl: { Session: 12 * HOUR, Grant: 12 * HOUR, Interaction: HOUR, AuthorizationCode: 60, AccessToken: HOUR, IdToken: HOUR },
    renderError: (context, out) => show(context, errorPage(out.error)),
    // The library's guard forbids calls to loopback, and the desk it tells of a logout is nowhere else.
    fetch: (url, { dispatcher: _guard, ...options }: RequestInit & { dispatcher?: unknown } = {}) => globalThis.fetch(url, options),
  };
}

function clientOf({ deskUrl, provider, clientId, clientSecret }: IssuerSettings): NonNullable<Configuration['clients']>[number] {
  return {
    client_id: clientId,
    client_secret: clientSecret,
    redirect_uris: [`${deskUrl}/auth/callback/${provider}`],
    response_types: ['code'],
    grant_types: ['authorization_code'],
    token_endpoint_auth_method: 'client_secret_post',
    id_token_signed_response_alg: 'RS256',
    userinfo_signed_response_alg: 'RS256',
    backchannel_logout_uri: `${deskUrl}/auth/backchannel/${provider}`,
    backchannel_logout_session_required: true,
  };
}

function accountOf(sub: string): ReturnType<NonNullable<Configuration['findAccount']>> {
  const person = PEOPLE.find((one) => subOf(one) === sub);
  if (person === undefined) {
    return undefined;
  }
  const { givenName, familyName, mail, login, siret } = person;
  const claims = { sub, given_name: givenName, usual_name: familyName, email: mail, uid: login, siret };
  return { accountId: sub, claims: () => claims };
}

/** Nobody is asked whether the desk may know her name. */
async function grantAsked(context: KoaContextWithOIDC) {
  const { client, session, provider, params, requestParamClaims } = context.oidc;
  if (client === undefined || session?.accountId === undefined) {
    return undefined;
  }
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope(String(params?.scope));
  grant.addOIDCClaims([...requestParamClaims]);
  await grant.save();
  return grant;
}

function show(context: KoaContextWithOIDC, html: string): void {
  context.type = 'html';
  context.set('content-security-policy', POLICY);
  context.set('cache-control', 'no-store');
  context.body = html;
}

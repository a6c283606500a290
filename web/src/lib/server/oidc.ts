/** The web as a confidential client of the identity providers: discovery, the way there, the way back, logout. */
import * as client from 'openid-client';
import type { LoadedConfig } from '../../../../config/load.ts';

export type Provider = LoadedConfig['providers'][number];

/** The provider cannot be reached, or answers nonsense: nobody's fault here, to be tried again. */
export class ProviderDown extends Error {
  override readonly name = 'ProviderDown';
}

const TIMEOUT_S = 8;
const PAUSE_MS = 300; // before the second and last try of a discovery

const found = new Map<string, Promise<client.Configuration>>();

/** Discovers a provider once; a failed discovery is repeated once and then forgotten, so the next sign-in asks again. */
export function discover(provider: Provider): Promise<client.Configuration> {
  let discovering = found.get(provider.id);
  if (discovering === undefined) {
    discovering = discoverOnce(provider).catch(async () => {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      return discoverOnce(provider);
    });
    discovering.catch(() => found.delete(provider.id));
    found.set(provider.id, discovering);
  }
  return discovering;
}

async function discoverOnce(provider: Provider): Promise<client.Configuration> {
  const issuer = new URL(provider.issuer);
  const metadata = {
    client_secret: provider.clientSecret,
    id_token_signed_response_alg: provider.idTokenAlg,
    ...(provider.userinfoAlg !== undefined && { userinfo_signed_response_alg: provider.userinfoAlg }),
  };
  // Without these checks the library trusts TLS and does not verify the id_token's signature at all.
  const execute = [client.enableNonRepudiationChecks, ...(isLoopback(issuer) ? [client.allowInsecureRequests] : [])];
  try {
    return await client.discovery(issuer, provider.clientId, metadata, client.ClientSecretPost(provider.clientSecret), {
      execute,
      timeout: TIMEOUT_S,
    });
  } catch (cause) {
    throw new ProviderDown(`The identity provider ${provider.id} cannot be discovered`, { cause });
  }
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

/** What must be remembered between the way there and the way back. `verifier` only with PKCE. */
export type Pending = {
  provider: string;
  state: string;
  nonce: string;
  verifier?: string;
  back: string;
  sharedPost: boolean;
  until: number;
};

const PENDING_MS = 10 * 60_000;

/** Begins a sign-in: where to send the browser, and what to keep until it is back. `back` is a path of ours. */
export async function begin(
  config: LoadedConfig,
  provider: Provider,
  { back, sharedPost }: { back: string; sharedPost: boolean },
): Promise<{ url: URL; pending: Pending }> {
  const discovered = await discover(provider);
  const state = client.randomState();
  const nonce = client.randomNonce();
  const verifier = provider.pkce ? client.randomPKCECodeVerifier() : undefined;
  const url = client.buildAuthorizationUrl(discovered, {
    redirect_uri: callbackUrl(config, provider),
    scope: (provider.scopes ?? SCOPES[provider.kind]).join(' '),
    state,
    nonce,
    ...(verifier !== undefined && { code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' }),
    ...askedLevel(provider),
  });
  return { url, pending: { provider: provider.id, state, nonce, verifier, back, sharedPost, until: Date.now() + PENDING_MS } };
}

/**
 * What is asked for unless the configuration says otherwise. Some providers refuse a scope that they do not know, Keycloak and FranceConnect
 * among them; ProConnect has one for each claim (their partner documentation, 2026).
 */
const SCOPES: Readonly<Record<Provider['kind'], readonly string[]>> = {
  proconnect: ['openid', 'given_name', 'usual_name', 'email', 'uid', 'siret'],
  franceconnect: ['openid', 'given_name', 'family_name', 'preferred_username'],
  llng: ['openid', 'profile', 'email'],
  generic: ['openid', 'profile', 'email'],
};

/** ProConnect asks for levels by the `claims` parameter, FranceConnect by `acr_values` (their partner documentation, 2026). */
function askedLevel({ kind, acr }: Provider): Record<string, string> {
  if (acr.length === 0) {
    return {};
  }
  return kind === 'proconnect'
    ? { claims: JSON.stringify({ id_token: { acr: { essential: true, values: acr } } }) }
    : { acr_values: acr.join(' ') };
}

export function callbackUrl({ publicUrl }: LoadedConfig, { id }: Provider): string {
  return `${publicUrl}/auth/callback/${id}`;
}

/** Why the way back led nowhere: the person or her provider said no, or what came back was not an answer to our question. */
export class SignInFailed extends Error {
  override readonly name = 'SignInFailed';
  readonly code: 'denied' | 'failed' | 'refused';

  constructor(code: 'denied' | 'failed' | 'refused', message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

export type Proof = { idToken: string; userinfo: unknown };

/** Exchanges the code; the id_token is verified here, and once more by the directory. `search` is the callback's query. */
export async function finish(config: LoadedConfig, provider: Provider, pending: Pending, search: string): Promise<Proof> {
  const discovered = await discover(provider);
  try {
    const tokens = await client.authorizationCodeGrant(discovered, new URL(callbackUrl(config, provider) + search), {
      expectedState: pending.state,
      expectedNonce: pending.nonce,
      idTokenExpected: true,
      ...(pending.verifier !== undefined && { pkceCodeVerifier: pending.verifier }),
    });
    const claims = tokens.claims();
    if (claims === undefined || tokens.id_token === undefined) {
      throw new SignInFailed('failed', `The identity provider ${provider.id} gave no id_token`);
    }
    if (provider.acr.length > 0 && !(typeof claims.acr === 'string' && provider.acr.includes(claims.acr))) {
      throw new SignInFailed('refused', `The sign-in by ${provider.id} was not strong enough`);
    }
    return { idToken: tokens.id_token, userinfo: await fetchUserinfo(discovered, provider, tokens.access_token, claims.sub) };
  } catch (error) {
    throw explain(error, provider);
  }
}

/** A signed userinfo goes on to the directory as it came, so that it is verified there. */
async function fetchUserinfo(discovered: client.Configuration, provider: Provider, accessToken: string, sub: string): Promise<unknown> {
  if (provider.userinfoAlg === undefined) {
    return client.fetchUserInfo(discovered, accessToken, sub);
  }
  const endpoint = discovered.serverMetadata().userinfo_endpoint;
  if (endpoint === undefined) {
    throw new SignInFailed('failed', `The identity provider ${provider.id} has no userinfo`);
  }
  const headers = new Headers({ accept: 'application/jwt' });
  const answer = await client.fetchProtectedResource(discovered, accessToken, new URL(endpoint), 'GET', null, headers);
  if (!answer.ok) {
    throw new SignInFailed('failed', `The userinfo of ${provider.id} answered ${String(answer.status)}`);
  }
  return (await answer.text()).trim();
}

function explain(error: unknown, provider: Provider): Error {
  if (error instanceof SignInFailed || error instanceof ProviderDown) {
    return error;
  }
  if (error instanceof client.AuthorizationResponseError) {
    const code = error.error === 'access_denied' ? 'denied' : 'failed';
    return new SignInFailed(code, `The identity provider ${provider.id} answered ${error.error}`, { cause: error });
  }
  const isNetwork = error instanceof TypeError || (error instanceof client.ClientError && error.code === 'OAUTH_TIMEOUT');
  return isNetwork
    ? new ProviderDown(`The identity provider ${provider.id} does not answer`, { cause: error })
    : new SignInFailed('failed', `The sign-in by ${provider.id} does not hold`, { cause: error });
}

/** Where logout at the provider begins, or undefined when it has none. It comes back to /connexion with `state`. */
export async function endSessionUrl(
  config: LoadedConfig,
  provider: Provider,
  { idToken, state }: { idToken: string | undefined; state: string },
): Promise<URL | undefined> {
  const discovered = await discover(provider);
  if (discovered.serverMetadata().end_session_endpoint === undefined) {
    return undefined;
  }
  return client.buildEndSessionUrl(discovered, {
    ...(idToken !== undefined && { id_token_hint: idToken }),
    post_logout_redirect_uri: `${config.publicUrl}/connexion`,
    state,
  });
}

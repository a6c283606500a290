/**
 * An OpenID provider for tests, shaped like ProConnect (claims, signed or plain userinfo, logout both ways). Whoever the
 * test chose is signed in at once; everything may be turned wrong by a setting, to see it refused.
 */
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import Provider, { type Configuration, type KoaContextWithOIDC } from 'oidc-provider';

export type Claimed = { sub: string } & Record<string, unknown>;

export type PlainIssuer = {
  url: string;
  /** Who signs in next; undefined: she says no. */
  who: Claimed | undefined;
  acr: string | undefined;
  /** A logout token signed by the issuer's own key, or by a stranger's. */
  logoutToken: (claims: Record<string, unknown>, options?: { stranger?: boolean; typ?: string }) => Promise<string>;
  /** Session ids (`sid`) of id_tokens given so far, the newest last. */
  sids: string[];
  stop: () => Promise<void>;
};

export type Client = { id: string; secret: string; publicUrl: string; provider: string };

const NO_GUARD = { dispatcher: undefined };
const CLAIMS = ['given_name', 'usual_name', 'email', 'uid', 'siret'];

async function makeKey(): Promise<{ key: CryptoKey; jwk: JWK }> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { key: privateKey, jwk: { ...(await exportJWK(privateKey)), kid: 'plain-1', alg: 'RS256', use: 'sig' } };
}

/** Starts on a port of its own choice unless one is given. */
export async function startPlainIssuer(client: Client, { port = 0, signedUserinfo = false } = {}): Promise<PlainIssuer> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  const address = server.address();
  const url = `http://127.0.0.1:${String(typeof address === 'object' && address ? address.port : port)}`;
  const own = await makeKey();
  const stranger = await makeKey();
  const people = new Map<string, Claimed>();
  const issuer: PlainIssuer = {
    url,
    who: undefined,
    acr: undefined,
    sids: [],
    logoutToken: (claims, { stranger: foreign = false, typ = 'logout+jwt' } = {}) => {
      const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
      const payload = { iss: url, aud: client.id, jti: crypto.randomUUID(), events, ...claims };
      return new SignJWT(payload)
        .setProtectedHeader({ alg: 'RS256', kid: 'plain-1', typ })
        .setIssuedAt()
        .setExpirationTime('2m')
        .sign(foreign ? stranger.key : own.key);
    },
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
  const provider = new Provider(url, configuration({ client, jwk: own.jwk, people, signedUserinfo }));
  provider.on('grant.success', (context) => issuer.sids.push(String(context.oidc.entities.AuthorizationCode?.sid)));
  const callback = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url?.startsWith('/interaction/')) {
      void callback(request, response);
      return;
    }
    const { who, acr } = issuer;
    if (who) people.set(who.sub, who);
    const result = who ? { login: { accountId: who.sub, ...(acr !== undefined && { acr }) } } : { error: 'access_denied' };
    void provider.interactionFinished(request, response, result);
  });
  return issuer;
}

function configuration(at: { client: Client; jwk: JWK; people: Map<string, Claimed>; signedUserinfo: boolean }): Configuration {
  const { client, jwk, people, signedUserinfo } = at;
  return {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [`${client.publicUrl}/auth/callback/${client.provider}`],
        post_logout_redirect_uris: [`${client.publicUrl}/connexion`],
        token_endpoint_auth_method: 'client_secret_post',
        backchannel_logout_uri: `${client.publicUrl}/auth/backchannel/${client.provider}`,
        backchannel_logout_session_required: true,
        ...(signedUserinfo && { userinfo_signed_response_alg: 'RS256' as const }),
      },
    ],
    jwks: { keys: [{ ...jwk, kty: 'RSA', n: jwk.n ?? '', e: jwk.e ?? '' }] },
    cookies: { keys: ['for tests'] },
    scopes: ['openid', ...CLAIMS],
    claims: { openid: ['sub', ...CLAIMS, 'email_verified'], acr: null, sid: null, auth_time: null, iss: null },
    features: {
      devInteractions: { enabled: false },
      jwtUserinfo: { enabled: true },
      claimsParameter: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource: (context: KoaContextWithOIDC, form: string) => void (context.body = form) },
    },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_context, sub) => {
      const claimed = people.get(sub);
      return claimed && { accountId: sub, claims: () => claimed };
    },
    loadExistingGrant: async (context) => {
      const { provider, session, params } = context.oidc;
      const grant = new provider.Grant({ clientId: client.id, accountId: session?.accountId ?? '' });
      grant.addOIDCScope(String(params?.scope));
      await grant.save();
      return grant;
    },
    pkce: { required: () => true },
    ttl: { Session: 600, Grant: 600, Interaction: 600, AuthorizationCode: 60, AccessToken: 600, IdToken: 600 },
    // The library guards against calls of private addresses, and here the desk is one.
    fetch: (url, options) => globalThis.fetch(url, { ...options, ...NO_GUARD }),
  };
}

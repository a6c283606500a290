/**
 * The OpenID provider at `/oidc`, whose one client is the homeserver: other Matrix clients (Element, a phone) sign in by
 * its `m.login.sso` and get the very person of the web's session. Signing in here means having that session.
 */
import { hkdfSync } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import Provider, { type Configuration, type Interaction } from 'oidc-provider';
import { SSO_CLIENT_ID, ssoCallback } from '../../config/homeserver.ts';
import type { LoadedConfig } from '../../config/load.ts';
import { personOf } from '../src/lib/server/internal.ts';
import { log } from '../src/lib/server/log.ts';
import { cookieRules, openSession, type Session, SESSION_COOKIE } from '../src/lib/server/session.ts';
import { adapterOver } from './adapter.ts';
import { readCookie } from './cookies.ts';

/** undici's dispatcher that refuses private addresses, put aside. */
const NO_GUARD = { dispatcher: undefined };
const MINUTE = 60; // seconds

/** Routes under `/oidc`: the interaction, then the provider's own. */
export function makeProvider(config: LoadedConfig): Router {
  const provider = new Provider(`${config.publicUrl}/oidc`, configuration(config));
  provider.proxy = true; // our own middleware has written the forwarded host and protocol
  provider.on('server_error', (_context, error) => log.error({ err: error }, 'the OpenID provider failed'));
  const router = Router();
  router.get('/interaction/:uid', (request, response) => interact(provider, config, request, response));
  router.all(['/auth', '/auth/:uid'], forgetSession);
  router.use(provider.callback());
  return router;
}

/** Called by the provider when it needs to know who this is: the web's session answers, made first when there is none. */
async function interact(provider: Provider, config: LoadedConfig, request: Request, response: Response): Promise<void> {
  const session = await sessionOf(request, config);
  if (session) {
    const result = { login: { accountId: session.localpart, remember: false } };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
    return;
  }
  await provider.interactionDetails(request, response); // throws when there is no such interaction: nothing to come back to
  const back = encodeURIComponent(`/oidc/interaction/${String(request.params.uid)}`);
  const [only, ...others] = config.providers;
  response.redirect(303, only && others.length === 0 ? `/auth/login/${only.id}?retour=${back}` : `/connexion?retour=${back}`);
}

function sessionOf(request: IncomingMessage, config: LoadedConfig): Promise<Session | undefined> {
  const { name } = cookieRules(config.publicUrl);
  return openSession(readCookie(request.headers.cookie, name(SESSION_COOKIE)), config, Date.now());
}

function configuration(config: LoadedConfig): Configuration {
  const cookie = { httpOnly: true, sameSite: 'lax' as const, signed: true, secure: config.publicUrl.startsWith('https:') };
  return {
    adapter: adapterOver(config),
    clients: [
      {
        client_id: SSO_CLIENT_ID,
        client_secret: config.sso.clientSecret,
        redirect_uris: [ssoCallback(config)],
        response_types: ['code'],
        grant_types: ['authorization_code'],
        token_endpoint_auth_method: 'client_secret_basic',
        id_token_signed_response_alg: algorithmOf(config),
      },
    ],
    jwks: { keys: config.sso.keys },
    cookies: { keys: cookieSecrets(config), long: cookie, short: cookie, names: COOKIE_NAMES },
    claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
    scopes: ['openid', 'profile', 'email'],
    conformIdTokenClaims: false, // the claims stand in the id_token, which spares Synapse a call
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: false } },
    interactions: { url: (_context, interaction: Interaction) => `/oidc/interaction/${interaction.uid}` },
    findAccount: async (_context, localpart) => {
      const person = await personOf(config, localpart);
      return person && { accountId: localpart, claims: () => ({ sub: localpart, name: person.name, email: person.mail }) };
    },
    loadExistingGrant: grantAsked,
    // The guard against calling private addresses stands in the way of sites on one; nothing here is called but on our own configuration's word.
    fetch: (url, options) => globalThis.fetch(url, { ...options, ...NO_GUARD }),
    ttl: {
      Session: 10 * MINUTE,
      Interaction: 15 * MINUTE,
      Grant: 10 * MINUTE,
      AuthorizationCode: MINUTE,
      AccessToken: 5 * MINUTE,
      IdToken: 5 * MINUTE,
    },
    renderError: (context, out) => {
      context.type = 'html';
      context.body = errorPage(out.error);
    },
  };
}

/** {@link forgetSession} knows the first. */
const COOKIE_NAMES = { session: 'ecritoire-oidc', interaction: 'ecritoire-oidc-echange', resume: 'ecritoire-oidc-reprise' };

/** The homeserver is ours: it is never asked whether it may know the person's name. */
const grantAsked: Configuration['loadExistingGrant'] = async (context) => {
  const { client, session, provider, params } = context.oidc;
  if (client?.clientId !== SSO_CLIENT_ID || session?.accountId === undefined) {
    return undefined;
  }
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope(String(params?.scope));
  await grant.save();
  return grant;
};

/**
 * Takes the provider's own session out of a new request: it would still be that of whoever signed in before in this
 * browser. So each authorization asks the web's session anew; only its own way through the interaction is remembered.
 */
const forgetSession: RequestHandler = (request, _response, next) => {
  const cookies = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  request.headers.cookie = cookies.filter((pair) => !/^ecritoire-oidc(\.[a-z]+)*=/.test(pair)).join('; ');
  next();
};

function algorithmOf(config: LoadedConfig): 'RS256' | 'ES256' {
  return config.sso.keys[0]?.kty === 'EC' ? 'ES256' : 'RS256';
}

/** Keys that sign the provider's cookies, derived from those of the session: one secret less to keep. */
function cookieSecrets({ session }: LoadedConfig): string[] {
  return session.cookieKeys.map((key) =>
    Buffer.from(hkdfSync('sha256', Buffer.from(key, 'base64'), '', 'oidc cookies', 32)).toString('base64url'),
  );
}

function errorPage(error: string): string {
  const code = error.replace(/[^a-z_]/g, '');
  return `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Connexion interrompue – Écritoire</title></head>
<body><main><h1>Connexion interrompue</h1><p>Cette demande de connexion n’est plus valable. Recommencez depuis votre application.</p>
<p>Si cela se répète, prévenez votre service informatique (${code}).</p></main></body></html>`;
}

/**
 * What the homeserver must know of us, made from the configuration: the registration of the application service and
 * the part of Synapse's own configuration that goes with it. Whether it holds is asked by `homeserver-check.ts`.
 */
import { createPublicKey } from 'node:crypto';
import { isLoopback } from './check.ts';
import type { LoadedConfig } from './load.ts';

/** The registration's id: the homeserver remembers it for good, and `/ping` names it. */
export const REGISTRATION_ID = 'ecritoire';
/** The desk bot's localpart. */
export const SENDER_LOCALPART = 'ecritoire_desk';
/** Who signs the tokens that open Matrix sessions, and the key Synapse gives the provider in `/login`. */
export const JWT_ISSUER = 'ecritoire';
export const SSO_PROVIDER = 'ecritoire';
/** The homeserver as a client of our OpenID provider: `${publicUrl}/oidc`. */
export const SSO_CLIENT_ID = 'homeserver';

/** The application service's registration, to be written as JSON (which is YAML) with mode 0600. */
export function registration(config: LoadedConfig) {
  const server = config.serverName.replaceAll('.', '\\.');
  return {
    id: REGISTRATION_ID,
    url: config.appservice.url,
    as_token: config.appservice.asToken,
    hs_token: config.appservice.hsToken,
    sender_localpart: SENDER_LOCALPART,
    rate_limited: false,
    receive_ephemeral: true,
    // The name Synapse knew it by before it became stable; both are written, so that any version sends them.
    'de.sorunome.msc2409.push_ephemeral': true,
    namespaces: {
      users: [{ exclusive: true, regex: `@ecritoire_.*:${server}` }],
      aliases: [{ exclusive: true, regex: `#desk_.*:${server}` }],
      rooms: [],
    },
  };
}
export type Registration = ReturnType<typeof registration>;

/** Synapse's redirect address, which our provider must allow for the client {@link SSO_CLIENT_ID}. */
export function ssoCallback(config: LoadedConfig): string {
  return `${config.homeserver.publicUrl ?? config.homeserver.url}/_synapse/client/oidc/callback`;
}

/**
 * The part of Synapse's configuration that makes it ours: the registration, the key that opens sessions, the sign-in
 * of other clients and the limits. A file of its own beside homeserver.yaml (`--config-path` twice) or merged into it.
 * Names of the keys: Synapse's configuration manual.
 */
export function homeserverSnippet(config: LoadedConfig, { registrationFile }: { registrationFile: string }) {
  return {
    app_service_config_files: [registrationFile],
    jwt_config: {
      enabled: true,
      algorithm: 'ES256',
      secret: createPublicKey(config.session.jwtKey).export({ type: 'spki', format: 'pem' }).toString(),
      issuer: JWT_ISSUER,
      audiences: [config.serverName],
      subject_claim: 'sub',
      display_name_claim: 'name',
    },
    oidc_providers: [oidcProvider(config)],
    // Coming back to our own page needs no « continue to … ? » in between; the entry must end with a slash.
    sso: { client_whitelist: [`${config.publicUrl}/`] },
    ...LIMITS,
  };
}

function oidcProvider(config: LoadedConfig) {
  const issuer = new URL(`${config.publicUrl}/oidc`);
  return {
    idp_id: SSO_PROVIDER,
    idp_name: 'Écritoire',
    issuer: `${config.publicUrl}/oidc`,
    client_id: SSO_CLIENT_ID,
    client_secret: config.sso.clientSecret,
    client_auth_method: 'client_secret_basic',
    scopes: ['openid', 'profile', 'email'],
    discover: true,
    pkce_method: 'always',
    // Its tokens hold every claim; without this Synapse would ask once more.
    user_profile_method: 'auto',
    // Synapse refuses an http issuer unless told so; only this machine's own loopback is spared.
    skip_verification: issuer.protocol === 'http:' && isLoopback(issuer.hostname),
    // The same person as in the web's session, whichever way she came first.
    allow_existing_users: true,
    user_mapping_provider: {
      config: { subject_claim: 'sub', localpart_template: '{{ user.sub }}', display_name_template: '{{ user.name }}' },
    },
  };
}

/**
 * Limits that people at work do not meet: fifty items cleared at once, a whole town signing in at eight o'clock from
 * the one address of the web, everybody joining the organisation room. Synapse's own defaults are for one person at home.
 */
const LIMITS = {
  rc_message: { per_second: 5, burst_count: 200 },
  rc_login: {
    address: { per_second: 20, burst_count: 200 },
    account: { per_second: 0.5, burst_count: 20 },
    failed_attempts: { per_second: 0.17, burst_count: 5 },
  },
  rc_joins: { local: { per_second: 5, burst_count: 100 } },
  rc_joins_per_room: { per_second: 20, burst_count: 500 },
};

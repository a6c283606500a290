/**
 * Keycloak as tools have it before them: an agent's session by password or by exchange of the portal's token. A session is
 * kept in memory, so that no password is sent and no session made at every sweep.
 */
import { z } from 'zod';
import { DeskError } from '#desk/errors.ts';
import { type Ctx, secret, shaped } from './bot.ts';
import { bearer, type HttpAnswer, type HttpRequest } from './io.ts';

/** Fields of a connection's configuration. */
export function keycloakFields({ realm, clientId }: { realm: string; clientId: string }) {
  return {
    grant: z
      .enum(['password', 'exchange'])
      .default('password')
      .describe('Ouverture de session : mot de passe de l’agent, ou échange du jeton du portail'),
    realm: z.string().min(1).max(60).default(realm).describe('Domaine (realm) de Keycloak'),
    clientId: z.string().min(1).max(60).default(clientId).describe('Client de Keycloak'),
    clientSecret: secret('Secret du client, s’il n’est pas public').optional().describe('Secret du client, s’il n’est pas public'),
    issuer: z.string().min(1).max(60).default('oidc').describe('Alias du fournisseur d’identité du portail, pour l’échange'),
  };
}

export const KeycloakAccount = z.strictObject({
  username: z.string().min(1).max(200).describe('Identifiant'),
  /** Or, for an exchange, the portal's token. */
  password: secret('Mot de passe'),
});
export type KeycloakAccount = z.infer<typeof KeycloakAccount>;
export type KeycloakConfig = {
  grant: 'password' | 'exchange';
  realm: string;
  clientId: string;
  clientSecret?: string | undefined;
  issuer: string;
};
type Here = Ctx<KeycloakConfig, KeycloakAccount>;
type Session = { of: KeycloakAccount; access: string; untilMs: number; refresh?: string | undefined; refreshUntilMs: number };

const Token = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive(),
  refresh_token: z.string().nullish(),
  refresh_expires_in: z.number().nullish(),
});
const Refusal = z.object({ error: z.string() });
const FRESH = 0.8; // of its life; the rest is for clocks and slow answers

const sessions = new WeakMap<KeycloakConfig, Map<string, Session>>();

/** A call with the agent's token. One that died early is renewed once, for what only reads: an action is never sent again. */
export async function tokenCall(ctx: Here, path: string, request: HttpRequest = {}): Promise<HttpAnswer> {
  const once = async (isAnew: boolean, accept: readonly number[]): Promise<HttpAnswer> =>
    ctx.io.http(path, { ...request, headers: { ...request.headers, ...bearer(await accessToken(ctx, isAnew)) }, accept });
  const accept = request.accept ?? [];
  if (request.method !== undefined) return once(false, accept);
  const answer = await once(false, [...accept, 401]);
  return answer.status === 401 ? once(true, accept) : answer;
}

/** Wrong credentials are `auth` after one try: realms lock out whoever insists. */
async function accessToken(ctx: Here, isAnew: boolean): Promise<string> {
  if (ctx.account === undefined) throw new DeskError('auth', 'Keycloak knows agents only');
  const { agent, secret: of } = ctx.account;
  const known = sessions.get(ctx.config) ?? new Map<string, Session>();
  sessions.set(ctx.config, known);
  const last = known.get(agent.mxid);
  const own = !isAnew && last?.of.username === of.username && last.of.password === of.password ? last : undefined;
  const now = ctx.clock();
  if (own !== undefined && now < own.untilMs) return own.access;
  known.delete(agent.mxid);
  const refreshed =
    own?.refresh !== undefined && now < own.refreshUntilMs
      ? await ask(ctx, { grant_type: 'refresh_token', refresh_token: own.refresh })
      : undefined;
  const made = refreshed ?? (await ask(ctx, grantOf(ctx.config, of)));
  if (made === undefined) throw new DeskError('auth', 'Keycloak refuses the account');
  const { access_token: access, expires_in: seconds, refresh_token: refresh, refresh_expires_in: refreshSeconds } = made;
  const lives = { untilMs: now + seconds * 1000 * FRESH, refreshUntilMs: now + (refreshSeconds ?? 0) * 1000 * FRESH };
  known.set(agent.mxid, { of, access, refresh: refresh ?? undefined, ...lives });
  return access;
}

function grantOf({ grant, issuer }: KeycloakConfig, { username, password }: KeycloakAccount): Record<string, string> {
  if (grant === 'password') return { grant_type: 'password', username, password };
  return {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: password,
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token',
    subject_issuer: issuer,
  };
}

/**
 * Undefined when Keycloak refuses the account (wrong or dead credentials, a blocked user). What it refuses whoever asks, an unknown
 * client or realm, is the connection's: with the same 401, 403 and 404 it would pause every agent's account.
 */
async function ask({ io, config }: Here, form: Record<string, string>): Promise<z.infer<typeof Token> | undefined> {
  const path = `/auth/realms/${encodeURIComponent(config.realm)}/protocol/openid-connect/token`;
  const client = { client_id: config.clientId, ...(config.clientSecret !== undefined && { client_secret: config.clientSecret }) };
  const sent = { ...client, ...form };
  const answer = await io.http(path, { method: 'POST', reads: true, form: sent, accept: [400, 401, 403, 404] });
  if (answer.status === 200) return shaped(Token, answer.json(), path);
  const error = errorOf(answer);
  if (OF_ACCOUNT.includes(error) || (answer.status === 401 && OF_LOGIN.includes(error))) return undefined;
  throw new DeskError('config', `${path}: ${answer.status} ${error?.slice(0, 60) ?? ''}`);
}

const OF_ACCOUNT: readonly unknown[] = ['invalid_grant', 'invalid_token'];
const OF_LOGIN: readonly unknown[] = [undefined, 'invalid_request']; // the latter also of a name that two users have

function errorOf(answer: HttpAnswer): string | undefined {
  try {
    return Refusal.safeParse(answer.json()).data?.error;
  } catch {
    return undefined; // a page, or nothing at all
  }
}

/**
 * Asks the running homeserver whether what {@link homeserverSnippet} and the registration say holds there. No room is
 * touched and no person's account; the limits are asked for by an account of ours that does nothing else.
 */
import { randomUUID } from 'node:crypto';
import { importPKCS8, SignJWT } from 'jose';
import { ask, textOf } from './homeserver-ask.ts';
import { limitProblem } from './homeserver-limits.ts';
import { JWT_ISSUER, REGISTRATION_ID, SENDER_LOCALPART, SSO_PROVIDER } from './homeserver.ts';
import type { LoadedConfig } from './load.ts';
import { typeset } from './typeset.ts';

/**
 * What does not hold, a French sentence each; an empty list when all is well. Never throws for what the homeserver
 * does or fails to do. The application service must be listening, since the homeserver is asked to reach it.
 */
export async function checkHomeserver(config: LoadedConfig): Promise<string[]> {
  const sentences = await problems(config);
  return sentences.map(typeset);
}

async function problems(config: LoadedConfig): Promise<string[]> {
  const versions = await ask(config, 'GET', '/_matrix/client/versions');
  if (versions === undefined) return [`Le serveur Matrix ne répond pas à ${config.homeserver.url}.`];
  if (versions.status !== 200 || !Array.isArray(versions.body['versions'])) {
    return [`Ce qui répond à ${config.homeserver.url} n’est pas un serveur Matrix (code ${versions.status}).`];
  }
  const known = await registrationProblem(config);
  // Without a registration that holds, the homeserver would only say the same again.
  const asUs = known === undefined ? [pingProblem(config), limitProblem(config)] : [known];
  const found = await Promise.all([...asUs, flowProblems(config), keyProblem(config)]);
  return found.flat().filter((sentence) => sentence !== undefined);
}

async function registrationProblem(config: LoadedConfig): Promise<string | undefined> {
  const answer = await ask(config, 'GET', '/_matrix/client/v3/account/whoami', { token: config.appservice.asToken });
  const sender = `@${SENDER_LOCALPART}:${config.serverName}`;
  if (answer?.status === 401) {
    return 'Le serveur Matrix ne connaît pas notre as_token : donnez-lui l’enregistrement (npm run desk -- registration), puis redémarrez-le.';
  }
  if (answer?.status !== 200) return `Le serveur Matrix n’a pas dit qui nous sommes (code ${answer?.status ?? 'aucun'} à whoami).`;
  const whoami = textOf(answer, 'user_id');
  if (whoami === sender) return undefined;
  return `Pour le serveur Matrix nous sommes ${whoami} au lieu de ${sender} : son nom de serveur ou son enregistrement n’est pas celui de cette configuration.`;
}

async function pingProblem(config: LoadedConfig): Promise<string | undefined> {
  const path = `/_matrix/client/v1/appservice/${REGISTRATION_ID}/ping`;
  const answer = await ask(config, 'POST', path, { token: config.appservice.asToken, body: { transaction_id: `check-${randomUUID()}` } });
  if (answer?.status === 200) return undefined;
  const code = textOf(answer, 'errcode');
  const url = config.appservice.url;
  if (code === 'M_BAD_STATUS') {
    const status = textOf(answer, 'status');
    const why = ['401', '403'].includes(status) ? 'son hs_token n’est pas le nôtre' : 'autre chose que le service applicatif écoute là';
    return `Le serveur Matrix atteint ${url} mais y reçoit le code ${status} : ${why}.`;
  }
  // It reached us, and then tripped over what it is sending us again already (Synapse's `force_retry`, which cancels one timer twice).
  if (code === 'M_CONNECTION_FAILED' && /^Already(Cancelled|Called)\b/.test(textOf(answer, 'error'))) return undefined;
  if (code === 'M_CONNECTION_FAILED' || code === 'M_CONNECTION_TIMEOUT') {
    return `Le serveur Matrix n’atteint pas ${url} : vérifiez appservice.url et le réseau entre eux.`;
  }
  if (code === 'M_URL_NOT_SET')
    return 'L’enregistrement que connaît le serveur Matrix n’a pas d’adresse : redonnez-lui le nôtre (npm run desk -- registration).';
  if (code === 'M_FORBIDDEN')
    return `Le serveur Matrix nous connaît sous un autre identifiant d’enregistrement que « ${REGISTRATION_ID} ».`;
  return `Le serveur Matrix n’a pas pu essayer de nous atteindre (code ${answer?.status ?? 'aucun'}${code === '' ? '' : `, ${code}`}).`;
}

type Flow = { type?: unknown; identity_providers?: { id?: unknown }[] };

async function flowProblems(config: LoadedConfig): Promise<string[]> {
  const answer = await ask(config, 'GET', '/_matrix/client/v3/login');
  const flows = Array.isArray(answer?.body['flows']) ? (answer.body['flows'] as Flow[]) : [];
  const sentences: string[] = [];
  if (!flows.some(({ type }) => type === 'org.matrix.login.jwt')) {
    sentences.push(
      'Le serveur Matrix n’accepte pas nos sessions : il lui manque « jwt_config » (npm run desk -- homeserver) ou l’extra « jwt » de Synapse.',
    );
  }
  // Synapse puts « oidc- » before every id but the old « oidc ».
  const providers = flows.filter(({ type }) => type === 'm.login.sso').flatMap(({ identity_providers }) => identity_providers ?? []);
  if (!providers.some(({ id }) => id === `oidc-${SSO_PROVIDER}`)) {
    sentences.push(
      'Les autres clients Matrix ne peuvent pas se connecter : il manque « oidc_providers » au serveur Matrix (npm run desk -- homeserver).',
    );
  }
  return sentences;
}

/**
 * A token that ran out an hour ago opens nothing, and the homeserver says why it refuses it: only « expired » means
 * that key, issuer and audience are those of the configuration.
 */
async function keyProblem(config: LoadedConfig): Promise<string | undefined> {
  const key = await importPKCS8(config.session.jwtKey, 'ES256');
  const now = Math.floor(Date.now() / 1000);
  const token = await new SignJWT({ name: 'Essai' })
    .setProtectedHeader({ alg: 'ES256' })
    .setSubject('essai')
    .setIssuer(JWT_ISSUER)
    .setAudience(config.serverName)
    .setIssuedAt(now - 3660)
    .setExpirationTime(now - 3600)
    .sign(key);
  const answer = await ask(config, 'POST', '/_matrix/client/v3/login', { body: { type: 'org.matrix.login.jwt', token } });
  if (answer?.status !== 403) return undefined; // not offered at all (the flows say so), or too many tries just now
  const said = textOf(answer, 'error');
  if (/expired/i.test(said)) return undefined;
  const why = /signature/i.test(said)
    ? 'il a une autre clé publique'
    : 'son émetteur (issuer) ou son audience n’est pas celui de cette configuration';
  return `Le serveur Matrix refuserait nos sessions : ${why} (npm run desk -- homeserver).`;
}

/**
 * Whether the homeserver lets an agent send as much at once as clearing a full desk takes. Our bots are spared its
 * limits, so an account of ours signs in as a person would and asks for messages that cannot be sent: delayed ones
 * (MSC4140) by longer than any homeserver allows, in a room that does not exist. Synapse counts such a request like a
 * sent message before it refuses it (`handlers/delayed_events.py`), so nothing is written anywhere.
 */
import { randomUUID } from 'node:crypto';
import { type Answer, ask, textOf } from './homeserver-ask.ts';
import type { LoadedConfig } from './load.ts';

const PROBE = 'ecritoire_essai';
const AT_ONCE = 50; // items of one bulk act
const NEVER_MS = Number.MAX_SAFE_INTEGER;
const APPSERVICE = 'm.login.application_service';

/** A French sentence when fifty messages at once meet the limit, or when it could not be asked. */
export async function limitProblem(config: LoadedConfig): Promise<string | undefined> {
  const token = await signIn(config);
  if (token === undefined)
    return 'Les limites du serveur Matrix n’ont pas pu être vérifiées : il refuse une session à notre compte d’essai.';
  try {
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => sendNever(config, token)));
    if (!answers.some((answer) => answer?.status === 429)) return undefined;
    return `Le serveur Matrix freine un agent qui traite ${AT_ONCE} éléments à la fois : relevez « rc_message » (npm run desk -- homeserver).`;
  } finally {
    await ask(config, 'POST', '/_matrix/client/v3/logout', { token, body: {} });
  }
}

async function signIn(config: LoadedConfig): Promise<string | undefined> {
  const token = config.appservice.asToken;
  // Already there from the second time on; what matters is whether it can sign in.
  await ask(config, 'POST', '/_matrix/client/v3/register', { token, body: { type: APPSERVICE, username: PROBE, inhibit_login: true } });
  const identifier = { type: 'm.id.user', user: `@${PROBE}:${config.serverName}` };
  const answer = await ask(config, 'POST', '/_matrix/client/v3/login', { token, body: { type: APPSERVICE, identifier } });
  const session = textOf(answer, 'access_token');
  return answer?.status === 200 && session !== '' ? session : undefined;
}

function sendNever(config: LoadedConfig, token: string): Promise<Answer | undefined> {
  const room = encodeURIComponent(`!${randomUUID()}:${config.serverName}`);
  const path = `/_matrix/client/v3/rooms/${room}/send/m.room.message/${randomUUID()}?org.matrix.msc4140.delay=${NEVER_MS}`;
  return ask(config, 'PUT', path, { token, body: { msgtype: 'm.text', body: '' } });
}

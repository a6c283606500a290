/**
 * Whether a session's token is still one, asked of the homeserver: it may have been signed out elsewhere, by the
 * provider, or with everything else of someone who left. Remembered for a few seconds, so that a burst of loads asks once.
 */
import type { Session } from './session.ts';

const REMEMBER_MS = 5_000;
const TIMEOUT_MS = 3_000;
const MOST = 5_000; // sessions remembered at a time

const asked = new Map<string, { until: number; answer: Promise<boolean> }>();

/** True also when the homeserver does not answer: being down is not a sign-out. */
export function isTokenAlive(homeserverUrl: string, { id, accessToken }: Session, now = Date.now()): Promise<boolean> {
  const known = asked.get(id);
  if (known && known.until > now) {
    return known.answer;
  }
  if (asked.size >= MOST) {
    asked.clear();
  }
  const answer = ask(homeserverUrl, accessToken);
  asked.set(id, { until: now + REMEMBER_MS, answer });
  return answer;
}

async function ask(homeserverUrl: string, accessToken: string): Promise<boolean> {
  try {
    const answer = await fetch(`${homeserverUrl}/_matrix/client/v3/account/whoami`, {
      headers: { authorization: `Bearer ${accessToken}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await answer.arrayBuffer(); // else the connection is not used again
    return answer.status !== 401;
  } catch {
    return true;
  }
}

/** What is an agent's own, asked of the appservice's internal listener with her own token: what is hers is decided there. */
import { log } from './log.ts';
import { settings } from './settings.ts';

const TIMEOUT_MS = 45_000; // a tool is tried, or a mail sent, while she waits

export async function askOwn(
  token: string,
  method: string,
  path: string,
  given?: unknown,
): Promise<{ status: number; json: unknown } | undefined> {
  const { web } = await settings();
  try {
    const answer = await fetch(web.internalUrl + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(given !== undefined && { body: JSON.stringify(given) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: answer.status, json: await answer.json().catch(() => undefined) };
  } catch (error) {
    log.warn({ err: error }, 'the appservice said nothing of what is an agent’s own');
    return undefined;
  }
}

/** Posts what the tools say, and keeps at it: the desk may be starting, busy or away for a while. */
import { pause } from '../guarded.ts';
import { type Hook, type HookEvent, postEvents } from '../hook.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
const ANSWER_MS = 30_000;

/** Resolves once the desk has answered for good: true when it took them, false when it refused them (said in the log). */
export async function deliver(hook: Hook, events: readonly HookEvent[], say: (line: string) => void): Promise<boolean> {
  for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
    const answer = await postEvents(hook, events, { signal: AbortSignal.timeout(ANSWER_MS) }).catch((error: unknown) => String(error));
    if (typeof answer === 'string') {
      say(`${hook.url}: ${answer}`);
      await pause(wait);
      continue;
    }
    if (answer.status === 202) {
      await answer.body?.cancel();
      return true;
    }
    const text = (await answer.text()).slice(0, 500);
    say(`${hook.url}: ${answer.status} ${text}`);
    if (answer.status !== 429 && answer.status < 500) {
      return false;
    }
    await pause(retryAfterMs(answer) ?? wait);
  }
}

/** `Retry-After` in seconds (the hooks never send a date), at most a minute. */
function retryAfterMs(answer: Response): number | undefined {
  const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 60) * 1000 : undefined;
}

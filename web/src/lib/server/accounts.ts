/** « Mes outils » from the appservice's internal listener, asked with the agent's own token: what is hers is decided there. */
import { z } from 'zod';
import { AccountFault, AccountGrant, ToolAccount, Unlinked } from '#desk/account.ts';
import { log } from './log.ts';
import { settings } from './settings.ts';

const TIMEOUT_MS = 45_000; // a tool is tried while she waits

const Listed = z.object({ accounts: z.array(ToolAccount) });
const Answered = z.object({
  fault: z.optional(AccountFault),
  fields: z.array(z.string()).optional(),
  grant: z.optional(AccountGrant),
  unlinked: z.optional(Unlinked),
});
export type Answered = z.infer<typeof Answered>;

/** Undefined when the appservice does not answer. */
export async function readAccounts(accessToken: string): Promise<ToolAccount[] | undefined> {
  const answer = await ask(accessToken, 'GET', '/accounts');
  return Listed.safeParse(answer?.json).data?.accounts;
}

/** `given` holds secrets: it goes on as it came, and nothing of it is kept or logged. */
export async function changeAccount(
  accessToken: string,
  method: 'PUT' | 'POST' | 'DELETE',
  connection: string,
  given?: unknown,
): Promise<Answered> {
  const answer = await ask(accessToken, method, `/accounts/${encodeURIComponent(connection)}`, given);
  const read = Answered.safeParse(answer?.json);
  const isSaid = read.success && (answer?.status === 200 || read.data.fault !== undefined);
  if (isSaid) return read.data;
  return { fault: answer?.status === 401 ? 'signed_out' : 'unavailable' };
}

async function ask(token: string, method: string, path: string, given?: unknown): Promise<{ status: number; json: unknown } | undefined> {
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
    log.warn({ err: error }, 'the appservice said nothing of accounts');
    return undefined;
  }
}

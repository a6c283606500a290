/** « Mes outils » from the appservice's internal listener, asked with the agent's own token: what is hers is decided there. */
import { z } from 'zod';
import { AccountFault, AccountGrant, ToolAccount, Unlinked } from '#desk/account.ts';
import { askOwn } from './own.ts';

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
  const answer = await askOwn(accessToken, 'GET', '/accounts');
  return Listed.safeParse(answer?.json).data?.accounts;
}

/** `given` holds secrets: it goes on as it came, and nothing of it is kept or logged. */
export async function changeAccount(
  accessToken: string,
  method: 'PUT' | 'POST' | 'DELETE',
  connection: string,
  given?: unknown,
): Promise<Answered> {
  const answer = await askOwn(accessToken, method, `/accounts/${encodeURIComponent(connection)}`, given);
  const read = Answered.safeParse(answer?.json);
  const isSaid = read.success && (answer?.status === 200 || read.data.fault !== undefined);
  if (isSaid) return read.data;
  return { fault: answer?.status === 401 ? 'signed_out' : 'unavailable' };
}

/** How her accounts and addresses stand; drawn with the page, and anew each time it asks. */
import { readAccounts } from '#lib/server/accounts.ts';
import { readMails } from '#lib/server/mails.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, depends }) => {
  depends('desk:tools');
  const token = locals.session?.accessToken;
  if (token === undefined) return { accounts: undefined, mails: undefined };
  const [accounts, mails] = await Promise.all([readAccounts(token), readMails(token)]);
  return { accounts, mails };
};

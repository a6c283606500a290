/** How her accounts and addresses stand, drawn with the page; later it asks by itself. */
import { readAccounts } from '#lib/server/accounts.ts';
import { readMails } from '#lib/server/mails.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
  const token = locals.session?.accessToken;
  if (token === undefined) return { accounts: undefined, mails: undefined };
  const [accounts, mails] = await Promise.all([readAccounts(token), readMails(token)]);
  return { accounts, mails };
};

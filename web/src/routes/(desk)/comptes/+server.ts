/** How an agent's accounts and addresses stand, for the page that shows them and stays open. */
import { error } from '@sveltejs/kit';
import { readAccounts } from '#lib/server/accounts.ts';
import { sessionFromDesk } from '#lib/server/from-desk.ts';
import { readMails } from '#lib/server/mails.ts';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = async (event) => {
  const { accessToken } = sessionFromDesk(event);
  const [accounts, mails] = await Promise.all([readAccounts(accessToken), readMails(accessToken)]);
  if (accounts === undefined) error(503, 'Le bureau ne répond pas pour l’instant.');
  return Response.json({ accounts, mails });
};

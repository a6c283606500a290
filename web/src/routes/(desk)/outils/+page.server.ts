/** How her accounts stand; drawn with the page, and anew each time it asks. */
import { readAccounts } from '#lib/server/accounts.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, depends }) => {
  depends('desk:tools');
  return { accounts: locals.session && (await readAccounts(locals.session.accessToken)) };
};

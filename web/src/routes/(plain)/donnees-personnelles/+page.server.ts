/** The data protection officer's address, and how long a session lasts. */
import { settings } from '#lib/server/settings.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async () => {
  const { web, organisations, session } = await settings();
  return { contact: web.dataContact, organisations: organisations.map(({ name }) => name), hours: session.hours };
};

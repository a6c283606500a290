/** The contact that the site gives for accessibility. */
import { settings } from '#lib/server/settings.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async () => {
  const { web, organisations } = await settings();
  return { contact: web.accessibilityContact, organisations: organisations.map(({ name }) => name) };
};

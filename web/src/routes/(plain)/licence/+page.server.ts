/** Where the source of this installation is. */
import { settings } from '#lib/server/settings.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async () => {
  const { web } = await settings();
  return { source: web.license };
};

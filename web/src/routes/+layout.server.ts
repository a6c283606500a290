/** What every page's footer needs, from the public part of the configuration. */
import { settings } from '#lib/server/settings.ts';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = async () => {
  const { web } = await settings();
  return { funders: web.funders.map(({ name, url }, index) => ({ name, image: `/financeurs/${index}`, url })) };
};

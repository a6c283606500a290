/** The chosen item's pane, and another list, are drawn with the page that shows them, and are no part of one that does not. */
import { filteringOf, listOf, paneOf } from '#lib/ui/pane.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url }) => {
  const [Pane, Stored, filtering] = await Promise.all([paneOf(url), listOf(url), filteringOf(url)]);
  return { Pane, Stored, filtering };
};

/** The chosen item's pane is drawn with the page that shows it, and is no part of one that shows none. */
import { paneOf } from '#lib/ui/pane.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url }) => ({ Pane: await paneOf(url) });

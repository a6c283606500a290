/** The item's pane is fetched when an item is chosen: the list is there without it. */
import type { Component } from 'svelte';
import type { Row } from '#lib/desk/rows.ts';
import type { Filter } from '#lib/desk/filter.ts';
import type { Wanted } from './ask.ts';
import type { Live } from './live.svelte.ts';

export type Pane = Component<{ row: Row; live: Live }>;
/** What limits the list, and the bar that says so. */
export type Filtering = { Bar: FilterBar; filter: Filter | undefined; passes: (row: Row) => boolean };
export type FilterBar = Component<{ live: Live; filter: Filter | undefined; of?: readonly Row[]; isAll?: boolean }>;
export type Stored = Component<{ live: Live; wanted: Wanted; chosen: string | undefined }>;

const fetchPane = async (): Promise<Pane> => (await import('./Detail.svelte')).default;

/** What an address with an item needs, before it is drawn. */
export async function paneOf(url: URL): Promise<Pane | undefined> {
  return url.searchParams.has('objet') ? fetchPane() : undefined;
}

const AHEAD_MS = 4000; // after it is live: when all that is looked at is there

/** The list of what is set aside, over or found; fetched where an address asks for one. */
export const listOf = async ({ searchParams }: URL): Promise<Stored | undefined> =>
  searchParams.has('q') || searchParams.has('liste') ? (await import('./StoredList.svelte')).default : undefined;

export const fetchFilterBar = async (): Promise<FilterBar> => (await import('./FilterBar.svelte')).default;

/** The filter of an address that has one, with all that is needed to draw it. */
export async function filteringOf({ searchParams }: URL): Promise<Filtering | undefined> {
  if (!['outil', 'dossier', 'echeance', 'organisation', 'etat'].some((kind) => searchParams.has(kind))) return undefined;
  const [{ passes, readFilter }, Bar] = await Promise.all([import('#lib/desk/filter.ts'), fetchFilterBar()]);
  const filter = readFilter(searchParams);
  return { Bar, filter, passes: (row) => filter === undefined || passes(filter, row) };
}

/** What the first choice would wait for, once the desk is live; the answer stops it. A failure is that choice's to meet. */
export function fetchAhead(): () => void {
  const fetchAll = () => Promise.all([fetchPane(), fetchFilterBar(), import('./ActDialog.svelte')]);
  const timer = setTimeout(() => void fetchAll().catch(() => undefined), AHEAD_MS);
  return () => clearTimeout(timer);
}

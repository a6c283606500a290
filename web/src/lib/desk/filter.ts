/**
 * Which rows a list shows, as its address says it: so it can be shared, kept under a name and gone back to. Several values of
 * one kind mean any of them, several kinds mean all of them. Pure.
 */
import { GROUPS, type Group } from '#desk/due.ts';
import type { State } from '#desk/item.ts';
import type { Row } from './rows.ts';

/** What can be asked for, by its name in the address. */
export const KINDS = ['outil', 'dossier', 'echeance', 'organisation', 'etat'] as const;
export type Kind = (typeof KINDS)[number];

export type Filter = Readonly<Record<Kind, readonly string[]>>;

/** Groups of the list and states of an item, as addresses write them. */
const DUE: Readonly<Record<Group, string>> = { late: 'retard', today: 'jour', week: 'semaine', later: 'plus-tard', undated: 'aucune' };
const STATE: Readonly<Record<State, string>> = {
  todo: 'a-faire',
  doing: 'en-cours',
  waiting: 'en-attente',
  done: 'termine',
  cancelled: 'annule',
  expired: 'expire',
};
const [NEW, URGENT] = ['nouveau', 'urgent'];

/** The values of the two kinds whose values are known beforehand, in their order. */
export const DUE_VALUES: readonly string[] = GROUPS.map((group) => DUE[group]);
export const STATE_VALUES: readonly string[] = [NEW, URGENT, ...Object.values(STATE)];

const MOST = 20; // values of a kind: an address is written by anyone
const LONGEST = 200; // characters of one

/** What of an address is a filter; undefined when nothing is. What it cannot mean is left out. */
export function readFilter(query: URLSearchParams): Filter | undefined {
  const valuesOf = (kind: Kind): string[] => {
    const fixed = kind === 'echeance' ? DUE_VALUES : kind === 'etat' ? STATE_VALUES : undefined;
    const all = query.getAll(kind).filter((value) => value !== '' && value.length <= LONGEST && fixed?.includes(value) !== false);
    return [...new Set(all)].slice(0, MOST);
  };
  const [outil, dossier, echeance, organisation, etat] = KINDS.map(valuesOf);
  const filter = {
    outil: outil ?? [],
    dossier: dossier ?? [],
    echeance: echeance ?? [],
    organisation: organisation ?? [],
    etat: etat ?? [],
  };
  return KINDS.some((kind) => filter[kind].length > 0) ? filter : undefined;
}

/** The filter as an address writes it: the same one always the same way. */
export function writeFilter(filter: Filter): string {
  return new URLSearchParams(KINDS.flatMap((kind) => filter[kind].toSorted().map((value) => [kind, value]))).toString();
}

/** Which list the filter is on, as the address says it: what is looked for, what is set aside or over; of the open list nothing. */
const LISTS = ['q', 'liste'];

/** A list and its filter as an address writes them, to be kept under a name. */
export function writeView(search: string, filter: Filter): string {
  const query = new URLSearchParams(search);
  const list = new URLSearchParams(
    LISTS.flatMap((name) =>
      query
        .getAll(name)
        .slice(0, 1)
        .map((value) => [name, value]),
    ),
  );
  return [list.toString(), writeFilter(filter)].filter((part) => part !== '').join('&');
}

/** The address's list without its filter. */
export function withoutFilter(search: string): string {
  const query = new URLSearchParams(search);
  for (const kind of [...KINDS, 'objet']) query.delete(kind);
  return query.size === 0 ? '/' : `/?${query.toString()}`;
}

/** What a row is, for each kind. */
export function valuesOf({ tool, known: { placement }, group, desk, triage }: Row): Filter {
  const state = STATE[placement.state];
  return {
    outil: [tool.connection],
    dossier: placement.dossier === undefined ? [] : [placement.dossier],
    echeance: [DUE[group]],
    organisation: [desk.organisation],
    etat: [...(triage.seen ? [] : [NEW]), ...(placement.severity === 'urgent' ? [URGENT] : []), state],
  };
}

export function passes(filter: Filter, row: Row): boolean {
  const values = valuesOf(row);
  return KINDS.every((kind) => filter[kind].length === 0 || filter[kind].some((wanted) => values[kind].includes(wanted)));
}

/** The address's query with a value put in or taken out; the chosen item goes, as it may not be in the list any more. */
export function withValue(search: string, kind: Kind, value: string, isIn: boolean): string {
  const query = new URLSearchParams(search);
  query.delete('objet');
  const others = query.getAll(kind).filter((one) => one !== value);
  query.delete(kind);
  for (const one of isIn ? [...others, value] : others) query.append(kind, one);
  return query.size === 0 ? '/' : `/?${query.toString()}`;
}

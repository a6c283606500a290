/**
 * What the keyboard and the palette do, as data: one list gives the keys, the help and the palette. `run` answers whether
 * it did something; else the key stays the browser's.
 */
import { morningOf } from '#desk/zone.ts';
import { writeInstant } from '#desk/due.ts';
import type { KeySettings, View } from '#desk/event.ts';
import type { Desk } from '#lib/desk/desk.svelte.ts';
import type { Row } from '#lib/desk/rows.ts';
import * as fr from '#lib/messages/fr.ts';
import type { Acting } from './acting.svelte.ts';
import type { Decisions } from './decisions.svelte.ts';
import type { Picking } from './picking.svelte.ts';
import { focusSoon } from './focus-soon.ts';
import { isInList, leaveRows, moveBy, openSnooze } from './focus.ts';
import { primaryLink, tomorrow } from './row.ts';

/** What acts need of the page's connection with the desk. */
type Doing = {
  readonly desk: Desk;
  readonly acting: Acting;
  readonly decisions: Decisions;
  readonly picking: Picking;
  isFiltering: boolean;
};

/** What an act is about. `row`: the focused row, else the open one. */
export type On = {
  live: Doing;
  row: Row | undefined;
  /** Whether an item is open beside the list. */
  isOpen: boolean;
  /** A dialog stands over the page, or is being fetched. */
  isCovered: boolean;
  go: (path: string) => Promise<void>;
  close: () => Promise<void>;
  show: (dialog: 'help' | 'palette' | 'task') => void;
};

type Section = keyof typeof fr.keys.sections;

export type Act = {
  id: string;
  section: Section;
  label: string;
  /** As `KeyboardEvent.key` says it; two keys one after the other have a space between them. */
  keys: readonly string[];
  /** Left out of the palette: it only moves the focus. */
  isMove?: boolean;
  run: (on: On) => boolean;
};

function did(act: () => unknown): true {
  act();
  return true;
}

/** The chosen rows, else the row that is meant. */
const meant = ({ live, row }: On): Row[] => (live.picking.rows.length > 0 ? live.picking.rows : row ? [row] : []);

/** Runs on what is meant, which may leave the list: the focus goes to its neighbour. */
function onMeant(on: On, run: (rows: Row[]) => void): boolean {
  const rows = meant(on);
  if (rows.length === 0) return false;
  const focus = leaveRows(rows.map(({ eventId }) => eventId));
  run(rows);
  on.live.picking.stop();
  focus();
  return true;
}

function snooze(on: On): boolean {
  if (on.live.picking.rows.length === 0) return on.row !== undefined && openSnooze();
  return onMeant(on, (rows) => {
    const [first] = rows;
    if (!first) return;
    const { timeZone } = first.desk;
    const day = tomorrow(on.live.desk.now, timeZone);
    on.live.decisions.snooze(rows, day, writeInstant(morningOf(day, timeZone), { timeZone, now: on.live.desk.now }));
  });
}

function openTool({ live, row }: On): boolean {
  const link = row && primaryLink(row.known.placement);
  if (!row || !link) return false;
  live.decisions.markSeen(row);
  return did(() => window.open(link.url, '_blank', 'noopener,noreferrer'));
}

const says = fr.keyboard.acts;

export const ACTS: readonly Act[] = [
  {
    id: 'callBack',
    section: 'item',
    label: says.callBack,
    keys: ['Escape', 'z'],
    isMove: true,
    run: ({ live }) => live.acting.callBackLast(),
  },
  { id: 'next', section: 'move', label: says.next, keys: ['j'], isMove: true, run: () => did(() => moveBy(1)) },
  { id: 'previous', section: 'move', label: says.previous, keys: ['k'], isMove: true, run: () => did(() => moveBy(-1)) },
  { id: 'down', section: 'move', label: says.next, keys: ['ArrowDown'], isMove: true, run: () => isInList() && did(() => moveBy(1)) },
  { id: 'up', section: 'move', label: says.previous, keys: ['ArrowUp'], isMove: true, run: () => isInList() && did(() => moveBy(-1)) },
  { id: 'close', section: 'move', label: says.close, keys: ['Escape'], isMove: true, run: (on) => on.isOpen && did(() => on.close()) },
  { id: 'tool', section: 'item', label: says.tool, keys: ['o'], run: openTool },
  {
    id: 'pick',
    section: 'item',
    label: says.pick,
    keys: ['x'],
    run: ({ live, row }) => row !== undefined && did(() => live.picking.toggle(row)),
  },
  { id: 'aside', section: 'item', label: says.aside, keys: ['e'], run: (on) => onMeant(on, (rows) => on.live.decisions.aside(rows)) },
  { id: 'snooze', section: 'item', label: says.snooze, keys: ['b'], run: snooze },
  {
    id: 'pin',
    section: 'item',
    label: says.pin,
    keys: ['p'],
    run: ({ live, row }) => row !== undefined && did(() => live.decisions.pin(row)),
  },
  { id: 'unseen', section: 'item', label: says.unseen, keys: ['u'], run: (on) => onUnseen(on) },
  {
    id: 'undo',
    section: 'item',
    label: says.undo,
    keys: ['z'],
    run: ({ live }) => live.decisions.canTakeBack && did(() => live.decisions.takeBackLast()),
  },
  { id: 'desk', section: 'go', label: says.desk, keys: ['g b'], run: ({ go }) => did(() => go('/')) },
  { id: 'thread', section: 'go', label: says.thread, keys: ['g f'], run: ({ go }) => did(() => go('/fil')) },
  { id: 'rooms', section: 'go', label: says.rooms, keys: ['g s'], run: ({ go }) => did(() => go('/salons')) },
  { id: 'asideList', section: 'go', label: says.asideList, keys: ['g c'], run: ({ go }) => did(() => go('/?liste=cote')) },
  { id: 'closedList', section: 'go', label: says.closedList, keys: ['g t'], run: ({ go }) => did(() => go('/?liste=termine')) },
  { id: 'tools', section: 'go', label: fr.indicators.label, keys: ['g o'], run: ({ go }) => did(() => go('/outils')) },
  { id: 'settings', section: 'go', label: says.settings, keys: ['g r'], run: ({ go }) => did(() => go('/reglages')) },
  { id: 'filter', section: 'page', label: says.filter, keys: ['f'], run: filter },
  { id: 'task', section: 'page', label: says.task, keys: ['n'], run: ({ show }) => did(() => show('task')) },
  { id: 'search', section: 'page', label: says.search, keys: ['/'], run: ({ show }) => did(() => show('palette')) },
  { id: 'print', section: 'page', label: says.print, keys: [], run: () => did(() => setTimeout(() => globalThis.print())) },
  { id: 'palette', section: 'page', label: says.palette, keys: ['Ctrl+k'], run: ({ show }) => did(() => show('palette')) },
  { id: 'help', section: 'page', label: says.help, keys: ['?'], run: ({ show }) => did(() => show('help')) },
];

/** Acts of one sign each, whose key an agent may change. */
export const CHANGEABLE: readonly Act[] = ACTS.filter(({ id, keys: [key = ''] }) => id !== 'callBack' && key.length === 1);

const isSign = (key: string): boolean => key.split(' ').every((part) => part.length === 1);

/** The acts with the keys that an agent has chosen. Without single keys the others stay: Escape, the arrows, Ctrl. */
export function actsWith({ off = false, changed = {} }: KeySettings, views: readonly View[] = []): readonly Act[] {
  const keyOf = ({ id, keys }: Act): readonly string[] => {
    const own = changed[id];
    return own !== undefined && CHANGEABLE.some((act) => act.id === id) ? [own.toLowerCase()] : keys;
  };
  const undo = ACTS.find(({ id }) => id === 'undo');
  return [...ACTS, ...views.map(viewAct)].map((act) => {
    const keys = act.id === 'callBack' && undo ? ['Escape', ...keyOf(undo)] : keyOf(act);
    return { ...act, keys: off ? keys.filter((key) => !isSign(key)) : keys };
  });
}

/** To a list she has kept under a name. */
function viewAct({ name, query, key }: View): Act {
  const keys = key === undefined ? [] : [`g ${key}`];
  return { id: `view-${name}`, section: 'go', label: says.view(name), keys, run: ({ go }) => did(() => go(`/?${query}`)) };
}

/** The choice of what the list shows stands above the list. */
function filter({ live, isOpen, go, close }: On): boolean {
  const way = location.pathname !== '/' ? go('/') : isOpen ? close() : Promise.resolve();
  // Closing an item gives its row the focus.
  void way.then(() => {
    live.isFiltering = true;
    return focusSoon('.filters select');
  });
  return true;
}

/** Unseen again means that it is not open any more: else opening would mark it seen at once. */
function onUnseen(on: On): boolean {
  const rows = meant(on);
  if (rows.length === 0) return false;
  const closing = on.isOpen ? on.close() : Promise.resolve();
  void closing.then(() => on.live.decisions.unsee(rows));
  return true;
}

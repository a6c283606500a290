/** The keyboard on the desk: j k and the arrows move, E sets aside, B puts off, Z takes back, Escape closes. */
import type { Row } from '#lib/desk/desk.svelte.ts';
import type { Live } from './live.svelte.ts';

/** Single letters are only for a page without a field in focus (RGAA 12.8, WCAG 2.1.4). */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

const rowLinks = (): HTMLAnchorElement[] => [...document.querySelectorAll<HTMLAnchorElement>('[data-row]')];

function move(step: 1 | -1): void {
  const links = rowLinks();
  const at = links.findIndex((link) => link === document.activeElement || link.closest('.row')?.contains(document.activeElement));
  const current = at < 0 ? links.findIndex((link) => link.ariaCurrent === 'true') : at;
  const next = links[current < 0 ? (step > 0 ? 0 : links.length - 1) : current + step];
  next?.focus();
  next?.closest('.row')?.scrollIntoView({ block: 'nearest' });
}

/** The row that a key means: the focused one, else the one that is open. */
function meant(live: Live, chosen: Row | undefined): Row | undefined {
  const focused = document.activeElement?.closest<HTMLElement>('[data-event]')?.dataset['event'];
  return live.desk.find(focused) ?? chosen;
}

export type Shortcuts = { live: Live; chosen: () => Row | undefined; close: () => Promise<void> };

export function shortcuts({ live, chosen, close }: Shortcuts): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const row = meant(live, chosen());
    const act = ACTS[event.key];
    if (act && act({ live, row, close })) event.preventDefault();
  };
}

type Act = (on: { live: Live; row: Row | undefined; close: () => Promise<void> }) => boolean;

const ACTS: Readonly<Record<string, Act>> = {
  j: () => (move(1), true),
  k: () => (move(-1), true),
  ArrowDown: () => isInList() && (move(1), true),
  ArrowUp: () => isInList() && (move(-1), true),
  e: ({ live, row }) => {
    if (!row || row.triage.aside) return false;
    const next = neighbour(row.eventId);
    live.decisions.aside([row]);
    next?.focus();
    return true;
  },
  b: ({ row }) => {
    const menu = row && document.querySelector<HTMLDetailsElement>('[data-snooze]');
    if (!menu) return false;
    menu.open = true;
    menu.querySelector('button')?.focus();
    return true;
  },
  z: ({ live }) => {
    if (!live.decisions.undo || live.decisions.undo.failed) return false;
    live.decisions.takeBackLast();
    return true;
  },
  Escape: ({ row, close }) => {
    if (!row || !new URL(location.href).searchParams.has('objet')) return false;
    void close().then(() => document.querySelector<HTMLElement>(`[data-event="${CSS.escape(row.eventId)}"] [data-row]`)?.focus());
    return true;
  },
};

/** Arrows scroll as anywhere else until a row has the focus. */
function isInList(): boolean {
  return document.activeElement?.closest('.row') != null;
}

/** The row's link that takes the focus when this row goes. */
function neighbour(eventId: string): HTMLAnchorElement | undefined {
  const links = rowLinks();
  const at = links.findIndex((link) => link.closest<HTMLElement>('[data-event]')?.dataset['event'] === eventId);
  const focused = document.activeElement?.closest('.row') != null;
  return at < 0 || !focused ? undefined : (links[at + 1] ?? links[at - 1]);
}

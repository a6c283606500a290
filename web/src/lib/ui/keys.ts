/** The keyboard on the desk: which act a key means. The acts themselves are data, see acts.ts. */
import type { Act, On } from './acts.ts';

const CHORD_MS = 1_500; // between the two keys of « g b »

/** Single letters are only for a page without a field in focus (RGAA 12.8, WCAG 2.1.4). */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Keys as they are written in acts: `Ctrl+k` for either of Ctrl and ⌘. Undefined for what is the browser's own. */
function keyOf(event: KeyboardEvent): string | undefined {
  if (event.altKey || event.key === 'Unidentified') return undefined;
  return event.ctrlKey || event.metaKey ? `Ctrl+${event.key.toLowerCase()}` : event.key;
}

/** The listener of the whole page. `on` and the acts are asked anew at each key; under a dialog, also one still on its way, nothing is run. */
export function shortcuts(on: () => On, actsNow: () => readonly Act[]): (event: KeyboardEvent) => void {
  let first: { key: string; at: number } | undefined;
  return (event) => {
    const key = keyOf(event);
    if (event.defaultPrevented || key === undefined) return;
    if (isTyping(event.target) && !key.startsWith('Ctrl+')) return;
    if (on().isCovered) return;
    const acts = actsNow();
    const chord = first !== undefined && event.timeStamp - first.at < CHORD_MS ? `${first.key} ${key}` : undefined;
    first = acts.some((act) => act.keys.some((one) => one.startsWith(`${key} `))) ? { key, at: event.timeStamp } : undefined;
    const meant = [
      ...acts.filter(({ keys }) => chord !== undefined && keys.includes(chord)),
      ...acts.filter(({ keys }) => keys.includes(key)),
    ];
    // The first that has something to do: Escape calls back what can be, else closes what is open. A key that is held down goes on
    // through the list, and decides nothing a second time.
    if (meant.some((act) => (act.isMove === true || !event.repeat) && act.run(on()))) event.preventDefault();
  };
}

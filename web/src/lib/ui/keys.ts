/** The keyboard on the desk: which act a key means. The acts themselves are data, see acts.ts. */
import type { Act, On } from './acts.ts';

const CHORD_MS = 1_500; // between the two keys of « g b »

/** Single letters are only for a page without a field in focus (RGAA 12.8, WCAG 2.1.4). A checkbox takes no letters. */
function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return target.type !== 'checkbox' && target.type !== 'radio';
  return target instanceof HTMLElement && (target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Held down for another key, or on the way to a sign. */
const NO_KEYS: ReadonlySet<string> = new Set([
  'Shift',
  'CapsLock',
  'Control',
  'Alt',
  'AltGraph',
  'Meta',
  'Dead',
  'Process',
  'Unidentified',
]);

/** Keys as they are written in acts: `Ctrl+k` for either of Ctrl and ⌘; letters are small under Caps Lock too. Undefined for what is the browser's own. */
function keyOf({ key, altKey, ctrlKey, metaKey, shiftKey, isComposing }: KeyboardEvent): string | undefined {
  if (altKey || isComposing || NO_KEYS.has(key)) return undefined;
  if (ctrlKey || metaKey) return `Ctrl+${key.toLowerCase()}`;
  return key.length === 1 && !shiftKey ? key.toLowerCase() : key;
}

/** The second key of two; on a French keyboard a figure is above another sign, and is what the key is called by. */
const secondsOf = (key: string, { code }: KeyboardEvent): string[] => [key, ...(/^Digit([1-9])$/.exec(code)?.slice(1) ?? [])];

/** The listener of the whole page. `on` and the acts are asked anew at each key; under a dialog, also one still on its way, nothing is run. */
export function shortcuts(on: () => On, actsNow: () => readonly Act[]): (event: KeyboardEvent) => void {
  let first: { key: string; at: number } | undefined;
  return (event) => {
    const key = keyOf(event);
    if (event.defaultPrevented || key === undefined) return;
    if (isTyping(event.target) && !key.startsWith('Ctrl+')) return;
    if (on().isCovered) return;
    const acts = actsNow();
    const begun = first !== undefined && event.timeStamp - first.at < CHORD_MS ? first.key : undefined;
    const chords = begun === undefined ? [] : secondsOf(key, event).map((second) => `${begun} ${second}`);
    first = acts.some((act) => act.keys.some((one) => one.startsWith(`${key} `))) ? { key, at: event.timeStamp } : undefined;
    const meant = [
      ...acts.filter(({ keys }) => keys.some((one) => chords.includes(one))),
      ...acts.filter(({ keys }) => keys.includes(key)),
    ];
    // The first that has something to do: Escape calls back what can be, else closes what is open. A key that is held down goes on
    // through the list, and decides nothing a second time.
    if (meant.some((act) => (act.isMove === true || !event.repeat) && act.run(on()))) event.preventDefault();
  };
}

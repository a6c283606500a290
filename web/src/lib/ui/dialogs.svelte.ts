/** Which dialog stands over the page; whoever shows one does not load it. */
import { getContext, setContext, tick } from 'svelte';
import type { Action } from '#desk/item.ts';
import type { Row } from '#lib/desk/rows.ts';

export type DialogName = 'help' | 'palette' | 'act' | 'task';

/** What an agent is asked about before it is done at a tool; `input`: what she gave when she asked for it before. */
export type Asking = { row: Row; action: Action; input?: Readonly<Record<string, unknown>> | undefined };

export class Dialogs {
  shown = $state<DialogName>();
  asking = $state.raw<Asking>();
  #opener: Element | null = null;

  show(name: DialogName): void {
    this.#opener = document.activeElement;
    this.shown = name;
  }

  /** Asks for what an action needs, and whether it is meant. */
  ask(asking: Asking): void {
    this.asking = asking;
    this.show('act');
  }

  /** The focus goes back to where it was. */
  close(): void {
    const opener = this.#opener;
    this.shown = undefined;
    this.asking = undefined;
    if (!(opener instanceof HTMLElement)) return;
    opener.focus();
    // While a dialog stands, the page behind it takes no focus.
    void tick().then(() => opener.isConnected && document.activeElement === document.body && opener.focus());
  }
}

const KEY = Symbol('dialogs');
export const setDialogs = (dialogs: Dialogs): Dialogs => setContext(KEY, dialogs);
export const getDialogs = (): Dialogs => getContext(KEY);

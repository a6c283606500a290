/** Which dialog stands over the page; whoever shows one does not load it. */
import { getContext, setContext } from 'svelte';

export type DialogName = 'help' | 'palette';

export class Dialogs {
  shown = $state<DialogName>();
  #opener: Element | null = null;

  show(name: DialogName): void {
    this.#opener = document.activeElement;
    this.shown = name;
  }

  /** The focus goes back to where it was. */
  close(): void {
    this.shown = undefined;
    if (this.#opener instanceof HTMLElement && this.#opener.isConnected) this.#opener.focus();
  }
}

const KEY = Symbol('dialogs');
export const setDialogs = (dialogs: Dialogs): Dialogs => setContext(KEY, dialogs);
export const getDialogs = (): Dialogs => getContext(KEY);

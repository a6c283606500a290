/**
 * From page to page of the desk. SvelteKit leaves the page altogether when it cannot fetch what another one needs, and the browser
 * then says that there is no line where the desk was: a page is shown only once it can be drawn.
 */
import { type beforeNavigate, goto, preloadData } from '$app/navigation';
import * as fr from '#lib/messages/fr.ts';
import type { Live } from './live.svelte.ts';

type BeforeNavigate = Parameters<Parameters<typeof beforeNavigate>[0]>[0];

export class Way {
  readonly #live: Pick<Live, 'isCut' | 'acting'>;
  #ready: string | undefined;

  constructor(live: Pick<Live, 'isCut' | 'acting'>) {
    this.#live = live;
  }

  /** Stays, and says why, when the page cannot be had. */
  async go(path: string): Promise<void> {
    const { href } = new URL(path, location.href);
    const { type } = await preloadData(href);
    if (type === 'error') {
      this.#live.acting.warn(fr.keys.unreachable);
      return;
    }
    this.#ready = href;
    try {
      await goto(href);
    } finally {
      this.#ready = undefined;
    }
  }

  /** For `beforeNavigate`. What the browser goes back to is not fetched first: without a line it is not gone to. */
  guard({ from, to, type, willUnload, cancel }: BeforeNavigate): void {
    // A link to where she is would have the server draw everything anew.
    if (type === 'link' && to?.url.href === location.href) {
      cancel();
      return;
    }
    if (willUnload || to === null || to.route.id === null || to.route.id === from?.route.id || to.url.href === this.#ready) return;
    if (type === 'link') {
      cancel();
      void this.go(to.url.href);
    } else if (this.#live.isCut) {
      cancel();
      this.#live.acting.warn(fr.keys.unreachable);
    }
  }
}

/** Brings one message of a conversation into view, however far back it is. */
import { tick } from 'svelte';

const MOST_TURNS = 20; // pages of fifty events: further back a conversation is not read on a page

export interface Thread {
  hasOlder(): boolean;
  older(): Promise<void>;
}

const frame = (): Promise<number> => new Promise((done) => requestAnimationFrame(done));

/** Goes back until it is there, and gives it the focus. False when it is not to be had. */
export async function seek(eventId: string, thread: Thread): Promise<boolean> {
  await frame(); // the conversation has gone to its end
  for (let turn = 0; turn <= MOST_TURNS; turn += 1) {
    await tick();
    await frame();
    const element = document.querySelector<HTMLElement>(`[data-message="${CSS.escape(eventId)}"]`);
    if (element) {
      element.scrollIntoView({ block: 'center' });
      element.focus({ preventScroll: true });
      return true;
    }
    if (!thread.hasOlder()) return false;
    await thread.older();
  }
  return false;
}

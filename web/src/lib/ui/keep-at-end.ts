/** Keeps a conversation at its end while the reader is there, and leaves her alone when she reads further up. */
import type { Attachment } from 'svelte/attachments';

const NEAR_PX = 160;

/** The nearest element that scrolls: the pane on a wide screen, the page on a phone. */
function scroller(element: Element): Element {
  const pane = element.closest('.main');
  return pane && getComputedStyle(pane).overflowY === 'auto' ? pane : (document.scrollingElement ?? document.documentElement);
}

/** Attached to the list; `last` is the id of its last entry. The first time it always goes to the end. */
export function keepAtEnd(last: () => string | undefined): Attachment<HTMLElement> {
  let before: string | undefined;
  let wasNear = true;
  return (element) => {
    const box = scroller(element);
    const note = () => (wasNear = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX);
    const target = box === document.scrollingElement ? document : box;
    target.addEventListener('scroll', note, { passive: true });
    const now = last();
    if (now !== before && (before === undefined || wasNear)) requestAnimationFrame(() => (box.scrollTop = box.scrollHeight));
    before = now;
    return () => target.removeEventListener('scroll', note);
  };
}

/** Keeps a conversation at its end while the reader is there, and leaves her alone when she reads further up. */
import type { Attachment } from 'svelte/attachments';

const NEAR_PX = 320; // on a phone the footer is below the conversation

/** The nearest element that scrolls: the pane on a wide screen, the page on a phone. */
function scroller(element: Element): Element {
  const pane = element.closest('.main');
  return pane && getComputedStyle(pane).overflowY === 'auto' ? pane : (document.scrollingElement ?? document.documentElement);
}

/** Down to the conversation's end, which on a phone is above the page's own. */
function toEnd(box: Element, element: Element): void {
  const main = element.closest('.main');
  if (main && main !== box) main.scrollIntoView({ block: 'end' });
  else box.scrollTop = box.scrollHeight;
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
    if (now !== before && (before === undefined || wasNear)) requestAnimationFrame(() => toEnd(box, element));
    before = now;
    return () => target.removeEventListener('scroll', note);
  };
}

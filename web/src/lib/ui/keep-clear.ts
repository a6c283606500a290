/** What stands over the page's lower end: the page grows by as much, and what sticks there moves up, so that no control is covered. */
const PROPERTY = '--covered';
const GAP_PX = 8; // as the line stands above the tabs
/** Where the page itself scrolls (css/layout.css). Elsewhere nothing asks, and a property of the root has every style worked out anew. */
const NARROW = '(max-width: 720px)';

export function keepClear(line: HTMLElement): () => void {
  const { style } = document.documentElement;
  const narrow = matchMedia(NARROW);
  const say = () => {
    if (narrow.matches) style.setProperty(PROPERTY, `${line.offsetHeight + GAP_PX}px`);
    else style.removeProperty(PROPERTY);
  };
  const measure = new ResizeObserver(say);
  measure.observe(line);
  narrow.addEventListener('change', say);
  return () => {
    measure.disconnect();
    narrow.removeEventListener('change', say);
    style.removeProperty(PROPERTY);
  };
}

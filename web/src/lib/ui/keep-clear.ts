/** What stands over the page's lower end: the page grows by as much, and what sticks there moves up, so that no control is covered. */
const PROPERTY = '--covered';
const GAP_PX = 8; // as the line stands above the tabs

export function keepClear(line: HTMLElement): () => void {
  const { style } = document.documentElement;
  const measure = new ResizeObserver(() => style.setProperty(PROPERTY, `${line.offsetHeight + GAP_PX}px`));
  measure.observe(line);
  return () => {
    measure.disconnect();
    style.removeProperty(PROPERTY);
  };
}

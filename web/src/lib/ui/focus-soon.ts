/** Gives the focus to what is still on its way into the page, unless she has moved on meanwhile. */
const SOON_MS = 2_000; // a part of the page that has to be fetched first

export async function focusSoon(selector: string): Promise<void> {
  const before = document.activeElement;
  for (const began = performance.now(); performance.now() - began < SOON_MS;) {
    await new Promise((done) => requestAnimationFrame(done));
    const found = document.querySelector<HTMLElement>(selector);
    const now = document.activeElement;
    if (found && (now === before || now === document.body)) found.focus();
    if (found || (now !== before && now !== document.body)) return;
  }
}

/** What is wrong with a page as it stands: for axe-core, and for whoever has a narrow screen. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** What axe-core finds, each with the elements it means. */
export async function findings(page: Page): Promise<string[]> {
  const { violations, passes } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  expect(passes.length).toBeGreaterThan(10); // it did look
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}

/** What scrolls sideways: the page itself, or a visible element whose box ends beyond the screen. */
export function overflowing(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const root = document.documentElement;
    const width = root.clientWidth;
    const found = root.scrollWidth > width ? [`the page is ${String(root.scrollWidth)} px wide`] : [];
    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      const { overflowX } = getComputedStyle(element);
      if ((overflowX === 'auto' || overflowX === 'scroll') && element.scrollWidth > element.clientWidth + 1)
        found.push(`<${element.tagName.toLowerCase()} class="${element.className}"> scrolls sideways`);
    }
    for (const element of document.querySelectorAll('main *, footer *, nav *')) {
      const { right, left, width: wide, height } = element.getBoundingClientRect();
      if (wide <= 1 || height <= 1 || (right <= width + 1 && left >= -1) || !element.checkVisibility()) continue;
      let box = element.parentElement;
      while (box && getComputedStyle(box).overflowX === 'visible') box = box.parentElement;
      if (box) continue; // cut by its box, which is looked at itself
      found.push(`<${element.tagName.toLowerCase()} class="${element.getAttribute('class') ?? ''}"> ends at ${String(Math.round(right))}`);
    }
    return found.slice(0, 5);
  });
}

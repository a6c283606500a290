/** Acts on the page as an agent does them, and how long each takes from her press to the frame in which its row is gone. */
import type { Page } from 'playwright-core';

const GAP_MS = 1_200; // what follows an act (its last words, the tool's numbers) is not the next one's to wait for

/** `isAmber`: the dialog asks first, and the press that counts is the one that confirms. */
export async function act(page: Page, label: string, { times, isAmber = false }: { times: number; isAmber?: boolean }): Promise<number[]> {
  const taken: number[] = [];
  for (let at = 0; at < times; at += 1) {
    const row = page.locator('main article.row').nth(3);
    const event = (await row.getAttribute('data-event')) ?? '';
    await row.locator('[data-row]').click();
    const button = page.locator('section.detail').getByRole('button', { name: label });
    await button.waitFor();
    if (isAmber) await button.click();
    const press = isAmber ? page.locator('dialog').getByRole('button', { name: label }) : button;
    await press.waitFor();
    await page.evaluate(watchRow, event);
    await press.click();
    taken.push(await page.evaluate(() => Reflect.get(globalThis, 'confirmedMs') as Promise<number>));
    await page.waitForTimeout(GAP_MS);
  }
  return taken;
}

/** In the page: promises how long it takes from the next press to the frame without the row. */
function watchRow(event: string): void {
  const confirmed = new Promise<number>((done) => {
    const onPress = ({ timeStamp }: Event): void => {
      const seen = new MutationObserver(() => {
        if (document.querySelector(`main article.row[data-event="${event}"]`)) return;
        seen.disconnect();
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - timeStamp)));
      });
      seen.observe(document.querySelector('main') ?? document.body, { subtree: true, childList: true });
    };
    addEventListener('click', onPress, { capture: true, once: true });
  });
  Reflect.set(globalThis, 'confirmedMs', confirmed);
}

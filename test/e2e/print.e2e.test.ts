/** What is printed: the list, or the open item, whole, without what can only be pressed. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Started, startTrial } from '../support/started.ts';
import { DeskBrowser, live, row, says, titles } from './desk-browser.ts';
import { findings } from './findings.ts';
import { CLAIRE, furnish, LONG_TITLE } from './states.ts';

let trial: Started;
let browser: DeskBrowser;
beforeAll(async () => {
  trial = await startTrial();
  browser = await DeskBrowser.launch(trial);
  await furnish(trial);
});
afterAll(async () => {
  await browser.close();
  await trial.stop();
});

/** What a printer is given to put on paper. */
const printed = (page: Page): Promise<string> => page.evaluate(() => document.body.innerText);
const pressable = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('button')].filter((one) => one.checkVisibility()).map((one) => one.innerText),
  );

describe('on paper', () => {
  it('every other page has its title', async () => {
    const { page, context } = await browser.open(CLAIRE, { path: '/reglages' });
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('h1').innerText()).toBe('Réglages');
    expect(await findings(page)).toEqual([]);
    await page.goto(`${trial.run.web}/fil`);
    await live(page);
    expect(await page.locator('h1').innerText()).toBe('Fil du bureau');
    expect(await findings(page)).toEqual([]);
    await context.close();
  });

  it('the list stands whole, with its groups, and nothing that can only be pressed', async () => {
    const { page, context } = await browser.open(CLAIRE, { colorScheme: 'dark' });
    const all = await titles(page);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    const paper = await printed(page);
    for (const title of all) expect(paper).toContain(title);
    expect(paper).toContain('En retard');
    expect(paper).not.toContain('Se déconnecter');
    expect(await pressable(page)).toEqual([]);
    const clipped = await page.evaluate(() =>
      [...document.querySelectorAll('.row h3, .row p')]
        .filter((one) => one.scrollWidth > one.clientWidth + 1)
        .map((one) => one.textContent),
    );
    expect(clipped).toEqual([]);
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(1000);
    await context.close();
  });

  it('a filtered list says by what', async () => {
    const { page, context } = await browser.open(CLAIRE, { path: '/?outil=gta&echeance=retard' });
    await page.emulateMedia({ media: 'print' });
    const paper = await printed(page);
    for (const said of ['Outil : Congés', 'Échéance : En retard', 'Congé en retard'])
      expect(paper.replaceAll('\u00a0', ' ')).toContain(said);
    expect(paper).not.toContain('Tout montrer');
    expect(await pressable(page)).toEqual([]);
    await context.close();
  });

  it('an open item stands alone, with who asks, why her, and its documents', async () => {
    const { page, context } = await browser.open(CLAIRE);
    await row(page, LONG_TITLE).locator('[data-row]').click();
    await says(page.locator('section.detail h2').first(), LONG_TITLE);
    await page.emulateMedia({ media: 'print' });
    const paper = await printed(page);
    for (const said of [LONG_TITLE, 'signataire par délégation', 'DEL-2026-118', 'Documents']) expect(paper).toContain(said);
    expect(paper).not.toContain('Congé en retard');
    expect(await pressable(page)).toEqual([]);
    await context.close();
  });
});

/** A tool's actions where its item stands: the first on its row, all of them on its card in the thread. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { upsert } from '../support/started.ts';
import { startActingTrial } from '../support/vendor.ts';
import { DeskBrowser, live, row, says, SEEN_MS, titles, type Visit } from './desk-browser.ts';
import { findings, overflowing } from './findings.ts';

const CLAIRE = 'claire.morel';
const TAKE = { id: 'prendre', label: 'Prendre en charge', risk: 'green' };
const APPROVE = { id: 'valider', label: 'Valider', risk: 'amber' };
const SIGN = { id: 'signer', label: 'Signer', risk: 'red', href: 'https://gta.ville-claire.example/signer' };

let stage: Awaited<ReturnType<typeof startActingTrial>>;
let browser: DeskBrowser;
let visit: Visit;
let page: Page;
beforeAll(async () => {
  stage = await startActingTrial();
  browser = await DeskBrowser.launch(stage.trial);
  visit = await browser.open(CLAIRE);
  page = visit.page;
});
afterAll(async () => {
  await browser.close();
  await stage.stop();
});
beforeEach(() => {
  stage.vendor.asked.length = 0;
  stage.vendor.answer = ({ data }) => ({
    status: 200,
    afterMs: 1500,
    body: { item: { key: data.item.key, title: data.item.key, state: 'done' } },
  });
});

async function demand(title: string, actions: readonly object[]): Promise<void> {
  const item = { key: title, title, url: 'https://gta.ville-claire.example/1', actions };
  const answer = await stage.trial.post('gta', upsert(CLAIRE, item, { reason: 'valideuse' }));
  expect(answer.status, await answer.clone().text()).toBe(202);
}
const card = (title: string) => page.locator('.card', { hasText: title });
const buttonsOf = (title: string) => card(title).getByRole('button').allInnerTexts();
/** What a button or a link says, without what it says to a screen reader alone. */
const wordOf = (text: string): string => /^[^\s(]+/.exec(text.trim())?.[0] ?? '';
const asked = () => stage.vendor.asked.map(({ data }) => [data.item.key, data.action]);
/** The title of the row or card that has the focus. */
const standsAt = () =>
  page.evaluate(() => document.activeElement?.closest('[data-event]')?.querySelector('[data-row]')?.textContent.trim() ?? '');

describe('on its row', () => {
  it('the first one is done without opening the item, once however often it is pressed, and the keyboard goes on at the next row', async () => {
    await demand('Congé A', [TAKE, APPROVE]);
    await demand('Congé B', [SIGN, APPROVE]);
    await row(page, 'Congé B').waitFor();
    const take = row(page, 'Congé A').getByRole('button', { name: 'Prendre en charge' });
    await take.focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await says(row(page, 'Congé A'), 'envoyé…');
    await expect.poll(() => take.getAttribute('aria-disabled')).toBe('true');
    await expect.poll(standsAt).toContain('Congé A');
    expect(await findings(page)).toEqual([]);
    await expect.poll(() => titles(page), { timeout: SEEN_MS }).toEqual(['Congé B']);
    await expect.poll(standsAt).toContain('Congé B');
    expect(asked()).toEqual([['Congé A', 'prendre']]);
    expect(new URL(page.url()).search).toBe('');
  });

  it('a tool’s own page comes first where the tool says so', async () => {
    const link = row(page, 'Congé B').getByRole('link', { name: 'Signer' });
    expect(await link.getAttribute('href')).toBe('https://gta.ville-claire.example/signer');
    expect(await row(page, 'Congé B').getByRole('button').count()).toBe(0);
    await row(page, 'Congé B').locator('[data-row]').click();
    const pane = page.locator('section.detail .act');
    await pane.waitFor();
    expect((await pane.locator('.btn').allInnerTexts()).slice(0, 3).map(wordOf)).toEqual(['Signer', 'Ouvrir', 'Valider…']);
    expect((await pane.locator('.btn.first').allInnerTexts()).map(wordOf)).toEqual(['Signer']);
  });
});

describe('on its card in the thread', () => {
  it('all are offered; one that engages is asked about and can be called back', async () => {
    await demand('Congé C', [TAKE, APPROVE, SIGN]);
    await page.goto(`${stage.trial.run.web}/fil`);
    await live(page);
    await card('Congé C').waitFor();
    expect(await buttonsOf('Congé C')).toEqual(['Prendre en charge', 'Valider…']);
    await card('Congé C').getByRole('link', { name: 'Signer' }).waitFor();
    expect((await card('Congé B').locator('.btn').allInnerTexts()).map(wordOf)).toEqual(['Signer', 'Valider…']);
    expect(await findings(page)).toEqual([]);
    await page.setViewportSize({ width: 320, height: 800 });
    expect(await overflowing(page)).toEqual([]);
    await page.setViewportSize({ width: 1440, height: 900 });
    await card('Congé C').getByRole('button', { name: 'Valider' }).click();
    await page.locator('dialog').getByRole('button', { name: 'Valider' }).click();
    await says(page.locator('.line'), '« Valider » dans');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('.line').count(), { timeout: SEEN_MS }).toBe(0);
    await expect
      .poll(() => card('Congé C').getByRole('button', { name: 'Valider' }).getAttribute('aria-disabled'), { timeout: SEEN_MS })
      .toBe('false');
    expect(asked()).toEqual([]);
  });

  it('one that does not is done at once, and the card says so and keeps the focus', async () => {
    await card('Congé C').getByRole('button', { name: 'Prendre en charge' }).focus();
    await page.keyboard.press('Enter');
    await says(card('Congé C'), 'envoyé');
    await expect.poll(() => buttonsOf('Congé C'), { timeout: SEEN_MS }).toEqual([]);
    await says(card('Congé C'), '✓ Terminé dans l’outil · « Prendre en charge » par vous, ');
    await expect.poll(standsAt).toContain('Congé C');
    expect(asked()).toEqual([['Congé C', 'prendre']]);
  });

  it('nothing of it is a fault of the page', () => {
    expect(visit.faults).toEqual({ console: [], broken: [], policy: [], strangers: [] });
  });
});

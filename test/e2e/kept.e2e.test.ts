/** What she has typed, and where she stands, stay hers whatever else happens to the page. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { upsert } from '../support/started.ts';
import { startActingTrial } from '../support/vendor.ts';
import { DeskBrowser, live, row, says, type Visit } from './desk-browser.ts';

const CLAIRE = 'claire.morel';
const INPUT = { motif: { type: 'string', title: 'Motif', minLength: 4, maxLength: 60, required: true } };

let stage: Awaited<ReturnType<typeof startActingTrial>>;
let browser: DeskBrowser;
let visit: Visit;
let page: Page;
beforeAll(async () => {
  stage = await startActingTrial();
  browser = await DeskBrowser.launch(stage.trial);
  visit = await browser.open(CLAIRE);
  page = visit.page;
  const actions = [{ id: 'refuser', label: 'Refuser', risk: 'amber', input: INPUT }];
  const answer = await stage.trial.post('gta', upsert(CLAIRE, { key: 'A', title: 'Congé A', actions }, { reason: 'valideuse' }));
  expect(answer.status).toBe(202);
  await row(page, 'Congé A').locator('[data-row]').click();
  await page.locator('section.detail h2', { hasText: 'Congé A' }).waitFor();
});
afterAll(async () => {
  await browser.close();
  await stage.stop();
});

const dialogs = () => page.locator('dialog').count();
const besideTheDialog = () => page.mouse.click(20, 20);

it('a press beside a dialog takes no reason along that she has typed; an empty one it closes', async () => {
  const refuse = page.locator('section.detail').getByRole('button', { name: 'Refuser' });
  await refuse.click();
  await page.locator('dialog textarea').waitFor();
  await besideTheDialog();
  await expect.poll(dialogs).toBe(0);
  await refuse.click();
  await page.locator('dialog textarea').pressSequentially('pièce manquante');
  await besideTheDialog();
  await page.waitForTimeout(300); // for what would close it
  expect(await page.locator('dialog textarea').inputValue()).toBe('pièce manquante');
});

it('the browser’s back key takes away the dialog and not the page below it', async () => {
  const { href } = new URL(page.url());
  await page.goBack().catch(() => null);
  await expect.poll(dialogs).toBe(0);
  expect(page.url()).toBe(href);
  await page.keyboard.press('Control+k');
  await page.locator('dialog input').waitFor();
  await page.goBack().catch(() => null);
  await expect.poll(dialogs).toBe(0);
  expect(page.url()).toBe(href);
  await page.goBack();
  await page.waitForURL((url) => url.search === '');
});

it('a moment that is not typed is asked for', async () => {
  await row(page, 'Congé A').locator('[data-row]').click();
  await page.locator('section.detail [data-snooze] summary').click();
  await page.getByLabel('Autre moment').focus();
  await page.keyboard.press('Enter');
  await says(page.locator('section.detail'), 'Donnez un moment : rien n’est reporté.');
  await page.keyboard.press('Escape');
});

it('a view’s name that she is typing stays while another page keeps its settings', async () => {
  await page.goto(`${stage.trial.run.web}/?outil=gta`);
  await live(page);
  await page.keyboard.press('f');
  await page.getByLabel('Nom de la vue').fill('Mes congés');
  await page.getByRole('button', { name: 'Garder cette vue' }).click();
  await page.getByRole('button', { name: 'Renommer' }).waitFor();
  await page.getByLabel('Nom de la vue').fill('Congés à valider');
  const other = await browser.open(CLAIRE, { path: '/reglages' });
  await other.page.getByLabel('20 secondes').check();
  await other.page.getByRole('button', { name: 'Enregistrer' }).click();
  await says(other.page.locator('form [role="status"]'), 'Réglages enregistrés.');
  await other.context.close();
  await row(page, 'Congé A').locator('[data-row]').waitFor();
  await page.waitForTimeout(1500); // until the settings of the other page have come here
  expect(await page.getByLabel('Nom de la vue').inputValue()).toBe('Congés à valider');
});

it('filters that were left open take the focus from nobody who comes back to the list', async () => {
  await page.goto(stage.trial.run.web);
  await live(page);
  await page.keyboard.press('f');
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('SELECT');
  await page.locator('.rail a[href="/fil"]').click();
  await page.locator('.card').first().waitFor();
  await page.locator('.rail a[href="/"]').click();
  await page.locator('.filters select').first().waitFor();
  await page.waitForTimeout(300); // for what would take it
  expect(await page.evaluate(() => document.activeElement?.tagName)).not.toBe('SELECT');
});

it('nothing of it is a fault of the page', () => {
  expect(visit.faults).toEqual({ console: [], broken: [], policy: [], strangers: [] });
});

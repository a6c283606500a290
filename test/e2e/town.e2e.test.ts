/** The desk as `npm start` shows it: what came through the bots, and what a click does at their tools. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { TownBed } from '../support/town-bed.ts';
import { DeskBrowser, row, says, SEEN_MS, titles } from './desk-browser.ts';
import { findings, overflowing } from './findings.ts';

const CLAIRE = 'claire.morel';

let bed: TownBed;
let browser: DeskBrowser;
let page: Page;
beforeAll(async () => {
  bed = await TownBed.start();
  browser = await DeskBrowser.launch(bed.trial);
  ({ page } = await browser.open(CLAIRE));
});
afterAll(async () => {
  await browser.close();
  await bed.stop();
});

const inDetail = (name: string) => page.locator('section.detail').getByRole('button', { name });
const detailSays = (text: string) => says(page.locator('section.detail'), text);
const isGone = (title: string) => expect.poll(() => titles(page), { timeout: SEEN_MS }).not.toContain(title);

/** Something new at a tool, open beside the list. */
async function opened(tool: string, query: { title: string }, shown = query.title): Promise<void> {
  await bed.add(tool, CLAIRE, query);
  await row(page, shown).locator('[data-row]').click();
  await says(page.locator('section.detail h2').first(), shown);
}

/** Nothing for axe-core to find, nothing wider than a phone. */
async function isSound(): Promise<void> {
  expect(await findings(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await overflowing(page)).toEqual([]);
  await page.setViewportSize({ width: 1440, height: 900 });
}

it('has on it what every tool of the town asks of her', async () => {
  const tools = await page.locator('main article.row').count();
  expect(tools).toBeGreaterThan(8);
  await says(page.locator('main'), 'i-Parapheur');
  await says(page.locator('main'), 'Nuage');
  await isSound();
});

it('« Viser » asks, can be called back, is done at the parapheur, and the item is gone', async () => {
  await opened('parapheur', { title: 'Convention de mise à disposition' });
  await inDetail('Viser').click();
  await page.locator('dialog').getByRole('button', { name: 'Viser' }).click();
  await says(page.locator('.line'), '« Viser » dans');
  await page.keyboard.press('Escape');
  await expect.poll(() => page.locator('.line').count(), { timeout: SEEN_MS }).toBe(0);
  const { acted } = await bed.tool('parapheur');
  await inDetail('Viser').click();
  await page.locator('dialog textarea').fill('Vu, sans remarque');
  await page.locator('dialog').getByRole('button', { name: 'Viser' }).click();
  await isGone('Convention de mise à disposition');
  await detailSays('c’est fait dans i-Parapheur.');
  expect((await bed.tool('parapheur')).acted).toBe(acted + 1);
});

it('« Rejeter » wants a reason', async () => {
  await opened('parapheur', { title: 'Bordereau incomplet' });
  await inDetail('Rejeter').click();
  await page.locator('dialog').getByRole('button', { name: 'Rejeter' }).click();
  await says(page.locator('dialog'), 'Remplissez le champ');
  await page.locator('dialog textarea').fill('Il manque deux mandats');
  await page.locator('dialog').getByRole('button', { name: 'Rejeter' }).click();
  await isGone('Bordereau incomplet');
});

it('a share is accepted at once', async () => {
  await opened('nuage', { title: 'Plan de charge.xlsx' }, 'Jean Dupont partage « Plan de charge.xlsx »');
  await isSound();
  await inDetail('Accepter').click();
  await isGone('Jean Dupont partage « Plan de charge.xlsx »');
});

it('a colleague who was faster is seen at once, and what a tool refuses is said in its words', async () => {
  const shown = await bed.add('nuage', CLAIRE, { title: 'Repris.docx' });
  await row(page, 'Repris.docx').waitFor();
  await bed.control('nuage/elsewhere', { key: shown.key });
  await isGone('Jean Dupont partage « Repris.docx »');
  await row(page, 'Télétravail de Paul Vidal').locator('[data-row]').click();
  await inDetail('Valider').click();
  await page.locator('dialog').getByRole('button', { name: 'Valider' }).click();
  await detailSays('Congés a refusé et répond : « Le quota de télétravail du service est atteint ».');
  await isSound();
});

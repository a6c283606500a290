/** Without a line: what is on the desk stays readable, what she decides waits and goes once, and only a station of her own keeps any of it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { type Line, startLine } from '../support/line.ts';
import { upsert } from '../support/started.ts';
import { startActingTrial } from '../support/vendor.ts';
import { DeskBrowser, live, row, says, SEEN_MS, titles, type Visit } from './desk-browser.ts';
import { findings } from './findings.ts';

const PAUL = 'paul.vidal';
const LONG_MS = 60_000;
const ACTIONS = [
  { id: 'prendre', label: 'Prendre en charge', risk: 'green' },
  { id: 'valider', label: 'Valider', risk: 'amber' },
];
let stage: Awaited<ReturnType<typeof startActingTrial>>;
let browser: DeskBrowser;
let visit: Visit;
let page: Page;
let line: Line;

beforeAll(async () => {
  line = await startLine();
  stage = await startActingTrial();
  browser = await DeskBrowser.launch(stage.trial);
  visit = await browser.openAnew(PAUL, { line });
  page = visit.page;
});
afterAll(async () => {
  await browser.close();
  await stage.stop();
  await line.stop();
});
beforeEach(() => {
  stage.vendor.asked.length = 0;
});

async function arrives(title: string): Promise<void> {
  const answer = await stage.trial.post('gta', upsert(PAUL, { key: title, title, summary: `Détail de ${title}`, actions: ACTIONS }));
  expect(answer.status).toBe(202);
  await row(page, title).waitFor();
}
const status = (at = page) => at.locator('main [role="status"]');
const press = (key: string) => page.keyboard.press(key);
const detail = () => page.locator('section.detail');

/** What is fetched ahead of need is there: for a while no script came any more. */
async function settled(): Promise<void> {
  await live(page);
  await page.waitForTimeout(5_000);
  const scripts = () => page.evaluate(() => performance.getEntriesByType('resource').filter(({ name }) => name.includes('/_app/')).length);
  let before = 0;
  const isQuiet = async (): Promise<boolean> => before === (before = await scripts());
  await expect.poll(isQuiet, { timeout: LONG_MS, interval: 2_000 }).toBe(true);
}

/** What she decided, and could not send, is written down on her station. */
function writtenDown(howMany = 1): Promise<void> {
  const count = () =>
    page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const opening = indexedDB.open('ecritoire');
          opening.onsuccess = () => {
            const counting = opening.result.transaction('sendings').objectStore('sendings').count();
            counting.onsuccess = () => {
              opening.result.close();
              resolve(counting.result);
            };
          };
        }),
    );
  return expect.poll(count, { timeout: SEEN_MS }).toBe(howMany);
}

/** Another visit of the same person sees this and no more. */
async function elsewhere(): Promise<string[]> {
  const other = await browser.open(PAUL);
  const found = await titles(other.page);
  await other.context.close();
  return found.toSorted();
}

describe('without a network', () => {
  it('items stay readable, also those that were not open before', async () => {
    await arrives('Lisible');
    await arrives('À ranger');
    await arrives('À prendre');
    await settled();
    await visit.context.setOffline(true);
    await says(status(), 'Votre poste est hors ligne.');
    await row(page, 'Lisible').locator('[data-row]').click();
    await says(detail(), 'Détail de Lisible');
    await row(page, 'Lisible').locator('[data-row]').click(); // once more: it is open
    await page.waitForTimeout(500); // for what would leave the page
    await says(detail(), 'Détail de Lisible');
    expect(await findings(page)).toEqual([]);
    await press('Escape');
  });

  const stays = async (): Promise<void> => {
    await says(page.locator('.line'), 'Ceci n’a pas pu être chargé. Réessayez quand la connexion est revenue.');
    await page.locator('.line button').click();
    expect(new URL(page.url()).pathname).toBe('/');
    expect(await titles(page)).toContain('Lisible');
  };

  it('a page that cannot be had is said not to be, and she stays where she is', async () => {
    await press('g');
    await press('o');
    await stays();
    await page.locator('.rail a[href="/outils"], nav a[href="/outils"]').first().click();
    await stays();
    await page.locator('a[href="/licence"]').first().click();
    await stays();
  });

  it('the browser’s back key leaves her where she is as well', async () => {
    await visit.context.setOffline(false);
    await says(page.locator('[data-standing]').first(), 'En direct');
    await page.locator('.rail a[href="/outils"], nav a[href="/outils"]').first().click();
    await page.waitForURL('**/outils');
    await page.locator('a[href="/"]:visible').first().click();
    await row(page, 'Lisible').waitFor();
    await visit.context.setOffline(true);
    await says(status(), 'Votre poste est hors ligne.');
    await page.evaluate(() => history.back());
    await stays();
  });

  it('acts wait, are said to wait, and go once when the network is back', async () => {
    await row(page, 'À ranger').locator('[data-row]').focus();
    await press('e');
    await expect.poll(() => titles(page)).not.toContain('À ranger');
    await row(page, 'À prendre').locator('[data-row]').click();
    await detail().getByRole('button', { name: 'Prendre en charge' }).click();
    await says(detail(), 'en attente de connexion. Rien n’est encore parti.');
    await says(row(page, 'À prendre'), 'en attente de connexion');
    await says(status(), 'actes en attente de connexion.');
    await press('Escape');
    await page.waitForTimeout(1_500); // several tries in vain
    expect(stage.vendor.asked).toHaveLength(0);
    await visit.context.setOffline(false);
    await expect.poll(() => titles(page), { timeout: SEEN_MS }).toEqual(['Lisible']);
    await expect.poll(elsewhere, { timeout: SEEN_MS }).toEqual(['Lisible']);
    expect(stage.vendor.asked).toHaveLength(1);
    await expect.poll(() => page.locator('main [role="status"] .notice').count()).toBe(0);
  });

  it('what she sets waits as well, and leaves as it is what she has set on another screen meanwhile', async () => {
    const said = (of: Visit) => of.page.locator('form [role="status"]');
    const save = (of: Visit) => of.page.getByRole('button', { name: 'Enregistrer' }).click();
    const mine = await browser.open(PAUL, { path: '/reglages' });
    const other = await browser.open(PAUL, { path: '/reglages' });
    await mine.context.setOffline(true);
    await says(mine.page.locator('[data-standing]').first(), 'Hors ligne');
    await mine.page.getByLabel('20 secondes').check();
    await save(mine);
    await says(said(mine), 'vos réglages partiront au retour du réseau.');
    await other.page.getByLabel('Touche pour : Épingler').fill('y');
    await save(other);
    await says(said(other), 'Réglages enregistrés.');
    await mine.context.setOffline(false);
    await says(said(mine), 'Réglages enregistrés.');
    await mine.context.close();
    await other.page.reload();
    await live(other.page);
    await expect.poll(() => other.page.getByLabel('20 secondes').isChecked(), { timeout: SEEN_MS }).toBe(true);
    expect(await other.page.getByLabel('Touche pour : Épingler').inputValue()).toBe('y');
    await other.page.getByLabel('5 secondes').check();
    await save(other);
    await says(said(other), 'Réglages enregistrés.');
    await other.context.close();
  });

  it('the same holds when the homeserver is down', async () => {
    await arrives('Serveur à terre');
    const pid = await stage.trial.kill('homeserver');
    await says(status(), 'La liaison est coupée');
    await row(page, 'Serveur à terre').locator('[data-row]').click();
    await says(detail(), 'Détail de Serveur à terre');
    await detail().getByRole('button', { name: 'Prendre en charge' }).click();
    await says(detail(), 'en attente de connexion');
    await stage.trial.waitFor(({ ready, parts }) => ready && parts.some((one) => one.name === 'homeserver' && one.pid !== pid), {
      withinMs: LONG_MS,
    });
    await expect.poll(() => titles(page), { timeout: LONG_MS }).toEqual(['Lisible']);
    expect(stage.vendor.asked).toHaveLength(1);
    await page.goto(stage.trial.run.web);
    await live(page);
  });
});

describe('a station of her own', () => {
  it('shows the desk without a network, and keeps what she decides over a reload', async () => {
    await arrives('Gardé sur le poste');
    await arrives('Rangé dans le train');
    await page.goto(`${stage.trial.run.web}/reglages`);
    await live(page);
    await page.getByLabel('C’est mon poste personnel').check();
    await says(page.locator('main'), 'Votre bureau est gardé sur ce poste.');
    await page.goto(stage.trial.run.web);
    await settled();
    await visit.context.setOffline(true);
    await page.reload();
    await says(status(), 'Votre poste est hors ligne.');
    await expect.poll(async () => (await titles(page)).toSorted()).toEqual(['Gardé sur le poste', 'Lisible', 'Rangé dans le train']);
    await row(page, 'Rangé dans le train').locator('[data-row]').focus();
    await press('e');
    await expect.poll(() => titles(page)).not.toContain('Rangé dans le train');
    await writtenDown();
    await page.reload();
    await expect.poll(async () => (await titles(page)).toSorted(), { timeout: SEEN_MS }).toEqual(['Gardé sur le poste', 'Lisible']);
    await visit.context.setOffline(false);
    await says(page.locator('[data-standing]').first(), 'En direct');
    await expect.poll(elsewhere, { timeout: SEEN_MS }).toEqual(['Gardé sur le poste', 'Lisible']);
    expect(visit.faults.policy).toEqual([]);
  });

  it('keeps that she has called back what was not sent yet, so that nothing comes of it at the tool', async () => {
    await arrives('Rappelé dans le train');
    await visit.context.setOffline(true);
    await says(status(), 'Votre poste est hors ligne.');
    await row(page, 'Rappelé dans le train').locator('[data-row]').click();
    await detail().getByRole('button', { name: 'Valider' }).click();
    await page.locator('dialog').getByRole('button', { name: 'Valider' }).click();
    await says(detail(), 'en attente de connexion. Rien n’est encore parti.');
    await press('z');
    await writtenDown(2);
    await page.reload();
    await row(page, 'Rappelé dans le train').waitFor();
    await visit.context.setOffline(false);
    await says(page.locator('[data-standing]').first(), 'En direct');
    await writtenDown(0);
    await row(page, 'Rappelé dans le train').locator('[data-row]').click();
    await detail().getByRole('button', { name: 'Valider' }).waitFor();
    await page.waitForTimeout(6_000); // the seconds in which it could be called back
    expect(stage.vendor.asked).toEqual([]);
    await detail().getByRole('button', { name: 'Valider' }).waitFor();
    await press('Escape');
  });

  it('says what an earlier session could not send, and shows it as it is', async () => {
    await arrives('Rangé trop tard');
    await visit.context.setOffline(true);
    await says(status(), 'Votre poste est hors ligne.');
    line.cut(); // what arrived without its answer is no case of this
    await row(page, 'Rangé trop tard').locator('[data-row]').focus();
    await press('e');
    await expect.poll(() => titles(page)).not.toContain('Rangé trop tard');
    await writtenDown();
    await page.goto('about:blank');
    line.mend();
    await visit.context.clearCookies(); // the session has ended meanwhile
    await visit.context.setOffline(false);
    await browser.signIn(page, PAUL);
    await live(page);
    await says(page.locator('.line'), 'pas renvoyé : « Rangé trop tard ».');
    await expect.poll(() => titles(page), { timeout: SEEN_MS }).toContain('Rangé trop tard');
    await page.locator('.line').getByRole('button', { name: 'Fermer' }).click();
    await expect.poll(() => page.locator('.line').count()).toBe(0);
  });

  it('is wiped when she signs out', async () => {
    await page.goto(stage.trial.run.web);
    await live(page);
    await page.getByRole('button', { name: 'Se déconnecter' }).first().click();
    await page.waitForURL(/connexion|issuer|session/);
    await page.goto(`${stage.trial.run.web}/connexion`);
    await expect.poll(() => kept(page)).toEqual({ databases: 0, caches: 0, workers: 0, owner: null });
    await visit.context.close();
  });
});

describe('a shared station', () => {
  it('keeps nothing, and wipes what an earlier session left', async () => {
    const shared = await browser.sit();
    await shared.page.goto(`${stage.trial.run.web}/connexion?poste=partage`);
    await shared.page.evaluate(() => localStorage.setItem('ecritoire.poste', '@paul.vidal:desk.localhost'));
    await shared.page.evaluate(() => caches.open('poste-1'));
    await shared.page.locator('.providers a').first().click();
    await shared.page.locator(`button[value="${PAUL}"]`).click();
    await live(shared.page);
    await expect.poll(() => kept(shared.page), { timeout: SEEN_MS }).toEqual({ databases: 0, caches: 0, workers: 0, owner: null });
    await shared.page.goto(`${stage.trial.run.web}/reglages`);
    await says(shared.page.locator('main'), 'Poste partagé : rien n’est gardé sur ce poste.');
    expect(await shared.page.getByLabel('C’est mon poste personnel').count()).toBe(0);
    await shared.context.close();
  });
});

/** What this browser holds for the desk between visits. */
function kept(at: Page) {
  return at.evaluate(async () => ({
    databases: (await indexedDB.databases()).length,
    caches: (await caches.keys()).length,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    owner: localStorage.getItem('ecritoire.poste'),
  }));
}

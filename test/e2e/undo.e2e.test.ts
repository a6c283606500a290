/** What she decided is undone by the button, the key and the item's history; and the keyboard is never left nowhere meanwhile. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { upsert } from '../support/started.ts';
import { startActingTrial } from '../support/vendor.ts';
import { DeskBrowser, live, row, says, SEEN_MS, titles, type Visit } from './desk-browser.ts';
import { findings, overflowing } from './findings.ts';

const PAUL = 'paul.vidal';
const ACTIONS = [{ id: 'valider', label: 'Valider', risk: 'amber' }];
const ALL = ['Alpha', 'Bravo', 'Charlie', 'Delta'];
let stage: Awaited<ReturnType<typeof startActingTrial>>;
let browser: DeskBrowser;
let visit: Visit;
let page: Page;

beforeAll(async () => {
  stage = await startActingTrial();
  browser = await DeskBrowser.launch(stage.trial);
  visit = await browser.open(PAUL);
  page = visit.page;
  for (const [day, title] of ALL.entries()) {
    const item = { key: title, title, actions: ACTIONS, dueAt: `2036-12-0${String(day + 1)}`, dossier: 'D-1' };
    expect((await stage.trial.post('gta', upsert(PAUL, item))).status).toBe(202);
    await row(page, title).waitFor();
  }
});
afterAll(async () => {
  await browser.close();
  await stage.stop();
});
beforeEach(async () => {
  await page.goto(stage.trial.run.web);
  await live(page);
});

const press = (key: string) => page.keyboard.press(key);
const shows = (...wanted: string[]) => expect.poll(() => titles(page), { timeout: SEEN_MS }).toEqual(wanted);
const focusOn = (title: string) => row(page, title).locator('[data-row]').focus();
const button = (name: string | RegExp, within = 'main') => page.locator(within).getByRole('button', { name });
const history = () => page.locator('section.detail section.sec').filter({ hasText: 'Ce qui s’est passé' });

/** What has the focus, in its own words; nothing when the page as a whole has it. */
const focused = () =>
  page.evaluate(() => {
    const { activeElement: at } = document;
    return at === null || at === document.body ? '' : (at.getAttribute('aria-label') ?? at.textContent).trim().replaceAll(/\s+/g, ' ');
  });
const isAt = (words: string) => expect.poll(focused, { timeout: SEEN_MS }).toContain(words);

async function presses(name: string | RegExp, within = 'main'): Promise<void> {
  await button(name, within).first().focus();
  await press('Enter');
}

async function opened(title: string): Promise<void> {
  await focusOn(title);
  await press('Enter');
  await says(page.locator('section.detail h2').first(), title);
}

/** Another screen of hers shows the same. */
async function elsewhere(): Promise<string[]> {
  const other = await browser.open(PAUL);
  const found = await titles(other.page);
  await other.context.close();
  return found;
}

describe('the key', () => {
  it('takes back one decision after the other, the latest first', async () => {
    await focusOn('Alpha');
    await press('e');
    await press('e');
    await press('p');
    await shows('Charlie', 'Delta');
    await button('Fermer', '.undo').click();
    await press('z');
    await press('z');
    await shows('Bravo', 'Charlie', 'Delta');
    await press('z');
    await shows(...ALL);
    await expect.poll(elsewhere, { timeout: SEEN_MS }).toEqual(ALL);
  });
});

describe('what she decides as she leaves the page', () => {
  it('is decided all the same, and so is what she takes back', async () => {
    await focusOn('Charlie');
    await press('e');
    await page.goto('about:blank');
    await expect.poll(elsewhere, { timeout: SEEN_MS }).toEqual(['Alpha', 'Bravo', 'Delta']);
    await page.goto(`${stage.trial.run.web}/?liste=cote`);
    await live(page);
    await presses('Remettre à traiter : Charlie');
    await page.goto('about:blank');
    await expect.poll(elsewhere, { timeout: SEEN_MS }).toEqual(ALL);
  });

  it('is seen elsewhere as well when she had only opened it', async () => {
    await opened('Delta');
    await page.goto('about:blank');
    const isNew = async (): Promise<boolean> => {
      const other = await browser.open(PAUL);
      const classes = (await row(other.page, 'Delta').getAttribute('class')) ?? '';
      await other.context.close();
      return classes.split(' ').includes('new');
    };
    await expect.poll(isNew, { timeout: SEEN_MS }).toBe(false);
  });

  it('is asked for while it was taken back before the homeserver had it', async () => {
    const { promise: mayGo, resolve: letGo } = Promise.withResolvers<undefined>();
    await page.route('**/send/**', (route) => mayGo.then(() => route.continue()));
    await focusOn('Charlie');
    await press('e');
    await shows('Alpha', 'Bravo', 'Delta');
    await press('z');
    await shows(...ALL);
    let asked = 0;
    page.on('dialog', () => (asked += 1));
    const leaving = page.goto('about:blank');
    await expect.poll(() => asked, { timeout: SEEN_MS }).toBeGreaterThan(0);
    letGo(undefined);
    await leaving;
    await expect.poll(elsewhere, { timeout: SEEN_MS }).toEqual(ALL);
    await page.unrouteAll();
  });
});

describe('the history of an item', () => {
  it('says what she decided of it, and takes it back', async () => {
    await opened('Bravo');
    await presses('Épingler', 'section.detail');
    await presses('Mettre de côté', 'section.detail');
    await shows('Alpha', 'Charlie', 'Delta');
    await says(history(), 'Épinglé par vous');
    await says(history(), 'Mis de côté par vous');
    expect(await findings(page)).toEqual([]);
    await page.setViewportSize({ width: 320, height: 800 });
    expect(await overflowing(page)).toEqual([]);
    await page.setViewportSize({ width: 1440, height: 900 });
    await presses('Annuler : Mis de côté par vous', 'section.detail');
    await isAt('Bravo');
    await shows('Bravo', 'Alpha', 'Charlie', 'Delta');
    await presses('Annuler : Épinglé par vous', 'section.detail');
    await shows(...ALL);
    await expect.poll(() => history().getByRole('button').count()).toBe(0);
    await expect.poll(elsewhere, { timeout: SEEN_MS }).toEqual(ALL);
  });

  it('holds it also after a reload, and names the others it was decided of together', async () => {
    await focusOn('Alpha');
    await press('x');
    await focusOn('Bravo');
    await press('x');
    await press('e');
    await shows('Charlie', 'Delta');
    await page.goto(`${stage.trial.run.web}/?liste=cote`);
    await live(page);
    await opened('Alpha');
    await says(history(), 'Mis de côté par vous, avec 1 autre');
    await presses(/^Annuler/, 'section.detail');
    await page.goto(stage.trial.run.web);
    await shows(...ALL);
  });

  it('takes a task of hers back, also its end', async () => {
    await press('n');
    await page.getByLabel('Ce qu’il y a à faire').fill('Rappeler la préfecture');
    await press('Enter');
    await opened('Rappeler la préfecture');
    await presses('Terminer', 'section.detail');
    await shows(...ALL);
    await presses('Annuler : Tâche terminée par vous', 'section.detail');
    await row(page, 'Rappeler la préfecture').waitFor();
    await presses('Annuler : Tâche ajoutée par vous', 'section.detail');
    await shows(...ALL);
  });
});

describe('the keyboard', () => {
  it('follows an item that only moves in the list', async () => {
    await focusOn('Charlie');
    await press('p');
    await shows('Charlie', 'Alpha', 'Bravo', 'Delta');
    await isAt('Charlie');
    await press('p');
    await shows(...ALL);
    await isAt('Charlie');
    await expect.poll(elsewhere, { timeout: SEEN_MS }).toEqual(ALL);
  });

  it('goes back to where it was when what can be undone is undone or closed', async () => {
    await focusOn('Alpha');
    await press('e');
    await isAt('Bravo');
    await presses('Fermer', '.undo');
    await isAt('Bravo');
    await press('z');
    await shows(...ALL);
    await press('e');
    await isAt('Charlie');
    await presses('Annuler', '.undo');
    await shows(...ALL);
    await isAt('Charlie');
    await expect.poll(elsewhere, { timeout: SEEN_MS }).toEqual(ALL);
  });

  it('stays with what several rows are chosen by', async () => {
    await shows(...ALL);
    await presses('Sélectionner');
    await isAt('Tout choisir');
    await press('Enter');
    await isAt('Ne plus sélectionner');
    await presses(`Mettre ${String(ALL.length)} de côté`);
    await isAt('Tout est à jour');
    await press('z');
    await shows(...ALL);
    await expect.poll(elsewhere, { timeout: SEEN_MS }).toEqual(ALL);
  });

  it('stays in the list of what is set aside when something is put back', async () => {
    await focusOn('Alpha');
    await press('e');
    await press('e');
    await shows('Charlie', 'Delta');
    await press('g');
    await press('c');
    await shows('Bravo', 'Alpha');
    await presses('Remettre à traiter : Bravo');
    await isAt('Alpha');
    await presses('Remettre à traiter : Alpha');
    await isAt('Mis de côté ou reporté');
    await expect.poll(elsewhere, { timeout: SEEN_MS }).toEqual(ALL);
  });

  it('stays with the filters when one is taken out, and with the name when a view is taken away or has none', async () => {
    await page.goto(`${stage.trial.run.web}/?outil=gta&dossier=D-1`);
    await live(page);
    await page.locator('.chip').first().focus();
    await press('Enter');
    await isAt('D-1');
    await press('Enter');
    await isAt('Filtrer');
    await page.goto(`${stage.trial.run.web}/?outil=gta`);
    await live(page);
    await press('f');
    await page.getByLabel('Nom de la vue').fill('  ');
    await press('Enter');
    await says(page.locator('#view-said'), 'Donnez un nom à cette vue.');
    await page.getByLabel('Nom de la vue').fill('Congés');
    await press('Enter');
    await says(page.locator('#view-said'), 'Vue « Congés » gardée');
    await presses('Supprimer la vue');
    await says(page.locator('#view-said'), 'supprimée');
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('INPUT');
  });

  it('stays with an item when what was asked of its tool is called back, and when its time is over', async () => {
    await opened('Delta');
    await presses('Valider', 'section.detail');
    await page.locator('dialog').getByRole('button', { name: 'Valider' }).click();
    await isAt('Annuler : Valider, Delta');
    await press('Escape');
    await isAt('Delta');
    await button('Valider', 'section.detail').waitFor();
    await presses('Valider', 'section.detail');
    await page.locator('dialog').getByRole('button', { name: 'Valider' }).click();
    await isAt('Annuler : Valider, Delta');
    await says(page.locator('section.detail'), 'c’est fait dans Congés.');
    await isAt('Delta');
  });
});

describe('without a line', () => {
  it('what cannot be fetched any more is said, and the keys go on', async () => {
    const far = await browser.open(PAUL);
    await row(far.page, 'Alpha').locator('[data-row]').focus();
    await far.context.setOffline(true);
    await far.page.keyboard.press('?');
    await says(far.page.locator('[role="status"].sr'), 'Ceci n’a pas pu être chargé.');
    await far.page.keyboard.press('j');
    await expect.poll(() => far.page.evaluate(() => document.activeElement?.textContent), { timeout: SEEN_MS }).toContain('Bravo');
    await far.context.setOffline(false);
    await live(far.page);
    await far.page.keyboard.press('?');
    await says(far.page.locator('dialog'), 'Raccourcis clavier');
    await far.context.close();
  });

  it('the line and the card say that it waits, also that it was called back; then nothing comes of it', async () => {
    const far = await browser.open(PAUL);
    const detail = far.page.locator('section.detail');
    await row(far.page, 'Charlie').locator('[data-row]').click();
    await says(detail.locator('h2').first(), 'Charlie');
    await far.page.waitForTimeout(5_000); // what an act needs is fetched a while after the page is live
    await far.context.setOffline(true);
    await says(far.page.locator('main'), 'Votre poste est hors ligne.');
    await detail.getByRole('button', { name: 'Valider' }).click();
    await far.page.locator('dialog').getByRole('button', { name: 'Valider' }).click();
    await says(far.page.locator('.line'), '« Valider » : en attente de connexion.');
    await says(detail, '« Valider » : en attente de connexion.');
    await far.page.keyboard.press('Escape');
    await says(detail, '« Valider » : annulation en attente de connexion. Elle peut arriver trop tard.');
    const before = stage.vendor.asked.length;
    await far.context.setOffline(false);
    await detail.getByRole('button', { name: 'Valider' }).waitFor();
    expect(stage.vendor.asked).toHaveLength(before);
    await far.context.close();
  });
});

it('nothing of it is a fault of the page', () => {
  expect(visit.faults).toEqual({ console: [], broken: [], policy: [], strangers: [] });
});

/** « Mes outils » in the browser: linked by a form and in the tool's own page, refused, linked again, unlinked; by the keyboard alone. */
import { mkdir } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OwnTools, startOwnTools } from '../support/own-tools.ts';
import { personOf } from '../support/people.ts';
import { announced, DeskBrowser, live, row, says, SEEN_MS, type Visit } from './desk-browser.ts';
import { findings, overflowing } from './findings.ts';

const CLAIRE = 'claire.morel';
const { mail } = personOf(CLAIRE);

let stage: OwnTools;
let browser: DeskBrowser;
let visit: Visit;
let page: Page;
beforeAll(async () => {
  stage = await startOwnTools();
  browser = await DeskBrowser.launch(stage.trial);
  visit = await browser.open(CLAIRE);
  page = visit.page;
});
afterAll(async () => {
  await browser.close();
  await stage.stop();
});

const parapheurOf = (agent: string) => ({ username: agent, password: `secret de ${agent}` });
const card = (id: string): Locator => page.locator(`article#${id}`);
const button = (id: string, name: string): Locator => card(id).getByRole('button', { name });
const focused = () => page.evaluate(() => document.activeElement?.id ?? '');
const focusedText = () => page.evaluate(() => document.activeElement?.textContent.trim() ?? '');

/** Nothing for axe-core to find, nothing wider than a small screen; kept where a person can look at it, when asked. */
async function isSound(name: string): Promise<void> {
  const folder = process.env['ECRITOIRE_PICTURES'];
  for (const width of [320, 390, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    if (width < 1440) expect(await overflowing(page)).toEqual([]);
    if (folder === undefined) continue;
    await mkdir(folder, { recursive: true });
    await page.screenshot({ path: `${folder}/outils-${name}-${String(width)}.png`, fullPage: true });
  }
  expect(await findings(page)).toEqual([]);
}

/** The page's own data, held on its way until it is released. */
async function holdData(): Promise<{ release: () => Promise<void> }> {
  const gate = Promise.withResolvers<undefined>();
  const data = '**/comptes';
  const answers: Promise<void>[] = [];
  await page.route(data, (route) => {
    const answer = gate.promise.then(() => route.continue());
    answers.push(answer);
    return answer;
  });
  return {
    release: async () => {
      await expect.poll(() => answers.length).toBeGreaterThan(0);
      const came = page.waitForEvent('requestfinished', (request) => request.url().endsWith('/comptes'));
      gate.resolve(undefined);
      await Promise.all([came, ...answers]);
      await page.unroute(data);
      await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))));
    },
  };
}

/** Tab by tab, as someone without a mouse. */
async function tabTo(where: Locator): Promise<void> {
  for (let n = 0; n < 60; n += 1) {
    if (await where.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('not reached by Tab');
}

describe('the page', () => {
  it('is reached by two keys, from the settings, from the menu and from the palette', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('o');
    await page.waitForURL('**/outils');
    await says(page.locator('h1'), 'Mes outils');
    await page.goto(`${stage.trial.run.web}/reglages`);
    await live(page);
    await page.locator('main').getByRole('link', { name: 'Mes outils' }).click();
    await page.waitForURL('**/outils');
    await page.keyboard.press('Control+k');
    await page.locator('dialog input').fill('mes outils');
    await page.locator('[role="option"]').filter({ hasNotText: 'Rechercher' }).filter({ hasText: 'Mes outils' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('nav.rail').getByRole('link', { name: 'Mes outils' }).getAttribute('aria-current')).toBe('page');
  });

  it('says of each tool what it asks of her, and of the others that there is nothing to do', async () => {
    await says(card('nuage'), 'Pas encore relié : ce qui vous attend dans Nuage n’arrive pas ici.');
    await says(card('parapheur'), 'Pas encore relié');
    await says(page.locator('main li'), 'Rien à faire');
    await isSound('jamais');
  });

  it('answers nobody but itself', async () => {
    const url = `${stage.trial.run.web}/outils/parapheur`;
    const forged = await visit.context.request.put(url, { data: parapheurOf(mail) });
    expect(forged.status()).toBe(403);
    const other = await visit.context.request.delete(url, { headers: { 'x-ecritoire': '1', origin: 'https://ailleurs.example' } });
    expect(other.status()).toBe(403);
  });
});

describe('an account with a password', () => {
  it('is linked by the keyboard alone; a wrong password is said, and nothing is kept', async () => {
    await button('parapheur', 'Relier').focus();
    await page.keyboard.press('Enter');
    await tabTo(page.locator('#parapheur-username'));
    await page.keyboard.type(mail);
    await page.keyboard.press('Tab');
    await expect.poll(() => page.locator('#parapheur-password').getAttribute('type')).toBe('password');
    await expect.poll(() => page.locator('#parapheur-password').getAttribute('autocomplete')).toBe('section-parapheur current-password');
    await page.keyboard.type('pas le bon');
    await page.keyboard.press('Enter');
    await says(card('parapheur'), 'i-Parapheur refuse cet identifiant ou ce mot de passe. Rien n’a été gardé.');
    await expect.poll(focused).toBe('parapheur-password');
    await isSound('mot-de-passe-refuse');
    await page.keyboard.press('Control+a');
    await page.keyboard.type(`secret de ${mail}`);
    await page.keyboard.press('Enter');
    await says(card('parapheur'), `Relié au compte « ${mail} »`);
    await says(announced(page), 'i-Parapheur : relié.');
    await expect.poll(focusedText).toContain('i-Parapheur');
    await isSound('relie');
  });

  it('brings what waits there onto the desk', async () => {
    stage.parapheur.add([mail], 'Convention de test');
    await page.goto(stage.trial.run.web);
    await live(page);
    await row(page, 'Convention de test').waitFor();
  });

  it('that the tool refuses is asked for on the desk, whose link leads here, and is closed when it is linked again', async () => {
    stage.parapheur.revoke(mail);
    stage.parapheur.expire('access');
    stage.parapheur.expire('refresh');
    const item = row(page, 'Relier de nouveau votre compte i-Parapheur');
    await item.waitFor();
    const [opened] = await Promise.all([visit.context.waitForEvent('page'), item.getByRole('link', { name: 'Relier mon compte' }).click()]);
    await opened.waitForURL('**/outils#parapheur');
    await opened.close();
    await page.goto(`${stage.trial.run.web}/outils#parapheur`);
    await live(page);
    await says(card('parapheur'), 'i-Parapheur refuse ce compte depuis');
    await isSound('refuse');
    const slow = await holdData();
    await button('parapheur', 'Réessayer').click();
    await says(card('parapheur'), 'i-Parapheur refuse toujours ce compte');
    stage.parapheur.restore?.();
    await button('parapheur', 'Relier').click();
    await page.locator('#parapheur-username').fill(mail);
    await page.locator('#parapheur-password').fill(`secret de ${mail}`);
    await slow.release();
    await expect.poll(focused).toBe('parapheur-password'); // what comes late takes no one out of the field she is in
    await page.keyboard.press('Enter');
    await says(card('parapheur'), `Relié au compte « ${mail} »`);
    await page.goto(stage.trial.run.web);
    await live(page);
    await expect.poll(() => item.count(), { timeout: SEEN_MS }).toBe(0);
  });
});

describe('an account granted in the tool’s own page', () => {
  it('is seen here by itself, without a password of hers', async () => {
    await page.goto(`${stage.trial.run.web}/outils`);
    await live(page);
    const [theirs] = await Promise.all([visit.context.waitForEvent('page'), button('nuage', 'Relier dans Nuage').click()]);
    await says(card('nuage'), 'Accordez l’accès dans la page de Nuage');
    await isSound('accorder');
    await theirs.getByLabel('Utilisateur').fill('claire.morel');
    await theirs.getByRole('button', { name: 'Accorder l’accès' }).click();
    await says(theirs.locator('h1'), 'Compte relié');
    await says(card('nuage'), 'Relié au compte « claire.morel »');
    await says(announced(page), 'Nuage : relié.');
    await theirs.close();
    expect(stage.cloud.passwords(CLAIRE)).toBe(1);
  });

  it('is unlinked after a question, given back at the tool, and what stays on the desk is said', async () => {
    await button('nuage', 'Délier').click();
    await says(card('nuage'), 'Délier Nuage ? Rien n’arrivera plus de Nuage.');
    await expect.poll(focusedText).toBe('Oui, délier');
    await isSound('delier');
    await page.keyboard.press('Enter');
    await says(card('nuage'), 'Compte délié, et son accès retiré dans Nuage. Ce qui est déjà sur votre bureau y reste');
    await says(card('nuage'), 'Pas encore relié');
    expect(stage.cloud.passwords(CLAIRE)).toBe(0);
    await isSound('delie');
  });

  it('that is not granted can be given up', async () => {
    const [theirs] = await Promise.all([visit.context.waitForEvent('page'), button('nuage', 'Relier dans Nuage').click()]);
    await theirs.close();
    await button('nuage', 'Ne pas relier').click();
    await button('nuage', 'Relier dans Nuage').waitFor();
  });
});

describe('an address of her own', () => {
  const OWN = 'claire.morel@ailleurs.example';
  const mine = (): Locator => page.locator('article#mes_adresses');
  const press = (name: string): Promise<void> => mine().getByRole('button', { name }).press('Enter');
  const post = (key: string): Promise<Response> =>
    stage.trial.post('gta', { op: 'upsert', to: [{ mail: OWN }], item: { key, title: `Congé ${key}` } });

  it('is none at first, and what is no address is said before anything is sent', async () => {
    await says(mine(), `L’annuaire vous connaît à l’adresse ${mail}, et aucune autre n’est reliée.`);
    await press('Ajouter une adresse');
    await expect.poll(focused).toBe('adresse-nouvelle');
    await page.keyboard.type('claire.morel');
    await page.keyboard.press('Enter');
    await says(mine(), 'Ce n’est pas une adresse de messagerie entière');
    await expect.poll(focused).toBe('adresse-nouvelle');
    await isSound('adresse');
  });

  it('is asked for by a code, which is typed here; a wrong one says how many tries are left', async () => {
    await page.keyboard.press('Control+a');
    await page.keyboard.type(OWN);
    await page.keyboard.press('Enter');
    await says(mine(), `Un code a été envoyé à ${OWN}. Tapez-le ici avant`);
    await expect.poll(focused).toBe('adresse-code');
    await isSound('code');
    await page.reload();
    await live(page);
    const code = stage.post.codeFor(OWN);
    await page.locator('#adresse-code').fill(code === '00000000' ? '00000001' : '00000000');
    await page.keyboard.press('Enter');
    await says(mine(), 'Ce n’est pas ce code. Il vous reste 4 essais.');
    await isSound('code-faux');
    await page.keyboard.press('Control+a');
    await page.keyboard.type(`${code.slice(0, 4)} ${code.slice(4)}`);
    await page.keyboard.press('Enter');
    await says(mine(), `${OWN} : reliée. Ce qui lui est adressé arrive sur votre bureau.`);
    await says(announced(page), `${OWN} : reliée.`);
    await expect.poll(focusedText).toBe('Vos adresses de messagerie');
    await isSound('adresse-reliee');
  });

  it('brings what is addressed to it onto the desk, until it is removed', async () => {
    expect((await post('avant')).status).toBeLessThan(300);
    await page.goto(stage.trial.run.web);
    await live(page);
    await row(page, 'Congé avant').waitFor();
    await page.goto(`${stage.trial.run.web}/outils`);
    await live(page);
    await press('Retirer');
    await says(mine(), `Retirer « ${OWN} » ?`);
    await expect.poll(focusedText).toBe('Oui, retirer');
    await isSound('adresse-retirer');
    await page.keyboard.press('Enter');
    await says(mine(), `${OWN} : retirée.`);
    await says(mine(), 'aucune autre n’est reliée');
    expect((await (await post('apres')).json()) as object).toMatchObject({ waiting: 1 });
  });
});

it('nothing of it is a fault of the page', () => {
  expect(visit.faults).toEqual({ console: [], broken: [], policy: [], strangers: [] });
});

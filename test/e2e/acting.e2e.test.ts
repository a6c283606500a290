/** Acting at the source from the desk: what is asked, what can be called back and how, what is said of it, on two screens. */
import { mkdir } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { upsert } from '../support/started.ts';
import { startActingTrial } from '../support/vendor.ts';
import { announced, DeskBrowser, live, row, says, SEEN_MS, titles, type Visit } from './desk-browser.ts';
import { findings, overflowing } from './findings.ts';

const CLAIRE = 'claire.morel';
const ACTIONS = [
  { id: 'prendre', label: 'Prendre en charge', risk: 'green' },
  { id: 'valider', label: 'Valider', risk: 'amber' },
  {
    id: 'refuser',
    label: 'Refuser',
    risk: 'amber',
    input: { motif: { type: 'string', title: 'Motif', minLength: 4, maxLength: 60, required: true } },
  },
];

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
  stage.vendor.answer = undefined;
  stage.vendor.asked.length = 0;
});

/** A new demand on Claire's desk, open beside the list. */
async function opened(title: string, at = page): Promise<void> {
  const answer = await stage.trial.post('gta', upsert(CLAIRE, { key: title, title, actions: ACTIONS }, { reason: 'valideuse' }));
  expect(answer.status, await answer.clone().text()).toBe(202);
  await row(at, title).locator('[data-row]').click();
  await says(at.locator('section.detail h2').first(), title);
}
const inDetail = (name: string) => page.locator('section.detail').getByRole('button', { name });
const detailSays = (text: string) => says(page.locator('section.detail'), text);
/** Nothing when the page as a whole has it. */
const focused = () =>
  page.evaluate(() => {
    const { activeElement: at } = document;
    return at === null || at === document.body ? '' : (at.getAttribute('aria-label') ?? at.textContent);
  });
const isGone = (title: string, at = page) => expect.poll(() => titles(at), { timeout: SEEN_MS }).not.toContain(title);

/** Kept where a person can look at them, when asked. */
async function picture(name: string): Promise<void> {
  const folder = process.env['ECRITOIRE_PICTURES'];
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  for (const width of [320, 390, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: `${folder}/${name}-${String(width)}.png` });
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}

/** Nothing for axe-core to find, nothing wider than a small screen. */
async function isSound(name: string): Promise<void> {
  await picture(name);
  expect(await findings(page)).toEqual([]);
  await page.setViewportSize({ width: 320, height: 800 });
  expect(await overflowing(page)).toEqual([]);
  await page.setViewportSize({ width: 1440, height: 900 });
}

/** Chooses how long an action can be called back, on the page for it. */
async function chooseDelay(words: string): Promise<void> {
  await page.goto(`${stage.trial.run.web}/reglages`);
  await live(page);
  await page.getByLabel(words).check();
  await page.getByRole('button', { name: 'Enregistrer' }).click();
  await says(page.locator('form [role="status"]'), 'Réglages enregistrés.');
  await page.goto(stage.trial.run.web);
  await live(page);
}

describe('a green action', () => {
  it('goes at once, is shown as sent until the tool has confirmed, then is gone on every screen', async () => {
    const other = await browser.open(CLAIRE);
    await opened('Congé vert');
    await row(other.page, 'Congé vert').waitFor();
    stage.vendor.answer = ({ data }) => ({
      status: 200,
      afterMs: 2500,
      body: { item: { key: data.item.key, title: 'Congé vert', state: 'done' } },
    });
    await inDetail('Prendre en charge').click();
    await detailSays('envoyé, Congés n’a pas encore confirmé.');
    await says(row(page, 'Congé vert'), 'envoyé…');
    await says(row(other.page, 'Congé vert'), 'envoyé…');
    await detailSays('c’est fait dans Congés.');
    await isGone('Congé vert');
    await isGone('Congé vert', other.page);
    expect(stage.vendor.asked).toHaveLength(1);
    await other.context.close();
  });
});

describe('an amber action', () => {
  it('asks for what it needs, in the form the tool wants it', async () => {
    await opened('Congé à motiver');
    await inDetail('Refuser').click();
    await says(page.locator('dialog'), 'De 4 à 60 signes.');
    await isSound('dialog');
    await page.locator('dialog').getByRole('button', { name: 'Refuser' }).click();
    await says(page.locator('dialog'), 'Remplissez le champ « Motif ».');
    await expect.poll(() => page.locator('dialog textarea').getAttribute('aria-invalid')).toBe('true');
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA');
    await page.keyboard.type('non');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await says(page.locator('dialog'), 'Le champ « Motif » ne convient pas.');
    await isSound('dialog-fault');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('dialog').count()).toBe(0);
    await expect.poll(() => focused()).toContain('Refuser');
  });

  it('gives as long as she has chosen', () => chooseDelay('20 secondes'));

  it('can be called back by Escape while its seconds run, with the focus and the ear on it', async () => {
    await opened('Congé à rappeler');
    await inDetail('Valider').focus();
    await page.keyboard.press('Enter');
    await page.locator('dialog').getByRole('button', { name: 'Valider' }).click();
    await says(announced(page), 'Échap ou Z pour annuler.');
    await says(page.locator('.line'), '« Valider » dans');
    await expect.poll(() => focused()).toContain('Valider, Congé à rappeler');
    await isSound('window');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('.line').count(), { timeout: SEEN_MS }).toBe(0);
    await inDetail('Valider').waitFor();
    await expect.poll(focused).toContain('Congé à rappeler');
    await isOpenStill('Congé à rappeler');
  });

  it('by Z as well, and from another screen by its button', async () => {
    const other = await browser.open(CLAIRE);
    await opened('Congé de loin');
    await row(other.page, 'Congé de loin').waitFor();
    await ask('Valider');
    await page.keyboard.press('z');
    await inDetail('Valider').waitFor();
    await ask('Valider');
    await says(other.page.locator('.line'), 'Congé de loin');
    await other.page.locator('.line p', { hasText: 'Congé de loin' }).getByRole('button').click();
    await inDetail('Valider').waitFor();
    await other.context.close();
    await chooseDelay('5 secondes');
    await new Promise((resolve) => setTimeout(resolve, 6000));
    expect(stage.vendor.asked).toEqual([]);
  });

  it('runs once when its seconds are over, and says who did it', async () => {
    await opened('Congé validé');
    await inDetail('Refuser').click();
    await page.locator('dialog textarea').fill('pièce manquante');
    await page.locator('dialog').getByRole('button', { name: 'Refuser' }).click();
    await isGone('Congé validé');
    await says(announced(page), 'c’est fait dans Congés.');
    expect(stage.vendor.asked.map(({ data }) => [data.action, data.input])).toEqual([['refuser', { motif: 'pièce manquante' }]]);
    await detailSays('« Refuser » : c’est fait dans Congés.');
    await detailSays('« Refuser », par vous, depuis le bureau : confirmé');
  });

  it('runs as well from a station whose clock is an hour slow', async () => {
    const slow = await browser.open(CLAIRE);
    await slow.page.addInitScript(() => {
      const Right = Date;
      const late = (): number => Right.now() - 3_600_000;
      Reflect.set(
        globalThis,
        'Date',
        new Proxy(Right, {
          construct: (target, given: number[]) => new target(given[0] ?? late()),
          get: (target, name) => (name === 'now' ? late : (Reflect.get(target, name) as unknown)),
        }),
      );
    });
    await slow.page.goto(stage.trial.run.web);
    await live(slow.page);
    await opened('Congé d’une horloge en retard', slow.page);
    await slow.page.locator('section.detail').getByRole('button', { name: 'Valider' }).click();
    await slow.page.locator('dialog').getByRole('button', { name: 'Valider' }).click();
    await says(slow.page.locator('section.detail'), 'c’est fait dans Congés.');
    expect(stage.vendor.asked).toHaveLength(1);
    expect(slow.faults).toEqual({ console: [], broken: [], policy: [], strangers: [] });
    await slow.context.close();
  });

  it('that the tool refuses comes back in its words, and can be tried again with what was typed', async () => {
    await opened('Congé contesté');
    stage.vendor.answer = () => ({ status: 422, body: { detail: 'Solde insuffisant' } });
    await inDetail('Refuser').click();
    await page.locator('dialog textarea').fill('solde dépassé');
    await page.locator('dialog').getByRole('button', { name: 'Refuser' }).click();
    await detailSays('Congés a refusé et répond : « Solde insuffisant ».');
    await says(row(page, 'Congé contesté'), 'refusé');
    await isSound('refused');
    stage.vendor.answer = undefined;
    await inDetail('Réessayer').click();
    await expect.poll(() => page.locator('dialog textarea').inputValue()).toBe('solde dépassé');
    await page.locator('dialog').getByRole('button', { name: 'Refuser' }).click();
    await isGone('Congé contesté');
  });

  it('is not asked for when the item changed while she was reading', async () => {
    await opened('Congé mouvant');
    await inDetail('Valider').click();
    await page.locator('dialog').waitFor();
    await stage.trial.post('gta', upsert(CLAIRE, { key: 'Congé mouvant', title: 'Congé mouvant, prolongé', actions: ACTIONS }));
    await says(page.locator('dialog'), 'Cet élément a changé dans Congés pendant que vous lisiez.');
    await expect.poll(() => page.locator('dialog').getByRole('button', { name: 'Valider' }).isDisabled()).toBe(true);
    await isSound('moved');
    await page.keyboard.press('Escape');
  });
});

describe('what she has set', () => {
  it('asks twice instead, when that is what she wants', async () => {
    await chooseDelay('Me demander deux fois');
    await opened('Congé deux fois');
    await inDetail('Valider').click();
    await page.locator('dialog').getByRole('button', { name: 'Valider' }).click();
    await says(page.locator('dialog'), 'C’est bien ce que vous voulez');
    await isSound('twice');
    expect(stage.vendor.asked).toEqual([]);
    await page.getByRole('button', { name: 'Oui, valider' }).click();
    await isGone('Congé deux fois');
    expect(stage.vendor.asked).toHaveLength(1);
  });

  it('is said as it holds when she decides, also when it was changed on another screen while she was asked', async () => {
    const item = { key: 'Congé relu', title: 'Congé relu', actions: [{ id: 'valider', label: 'Valider', risk: 'amber' }] };
    expect((await stage.trial.post('gta', upsert(CLAIRE, item))).status).toBe(202);
    await opened('Congé relu');
    const before = stage.vendor.asked.length;
    await inDetail('Valider').click();
    await says(page.locator('dialog'), 'La question vous sera posée une seconde fois');
    const other = await browser.open(CLAIRE, { path: '/reglages' });
    await other.page.getByLabel('20 secondes').check();
    await other.page.getByRole('button', { name: 'Enregistrer' }).click();
    await says(page.locator('dialog'), 'Vous aurez 20 secondes pour l’annuler.');
    await page.locator('dialog').getByRole('button', { name: 'Valider' }).click();
    await says(page.locator('.line'), 'dans');
    await page.keyboard.press('Escape');
    await inDetail('Valider').waitFor();
    expect(stage.vendor.asked).toHaveLength(before);
    await other.context.close();
  });

  it('is remembered on another screen, keys included, which can be turned off', async () => {
    await page.goto(`${stage.trial.run.web}/reglages`);
    await live(page);
    await page.getByLabel('Touche pour : Mettre de côté').fill('p');
    await page.getByRole('button', { name: 'Enregistrer' }).click();
    await says(page.locator('form'), 'sert à deux actions');
    await isSound('settings-fault');
    await page.getByLabel('Touche pour : Mettre de côté').fill('m');
    await page.getByRole('button', { name: 'Enregistrer' }).click();
    await says(page.locator('form [role="status"]'), 'Réglages enregistrés.');
    await isSound('settings');
    const other = await browser.open(CLAIRE);
    await opened('Congé à ranger', other.page);
    await says(other.page.locator('section.detail'), 'Mettre de côté M');
    await other.page.keyboard.press('e');
    await other.page.keyboard.press('m');
    await isGone('Congé à ranger', other.page);
    await other.page.goto(`${stage.trial.run.web}/reglages`);
    await live(other.page);
    await other.page.getByLabel('Raccourcis d’une seule touche').uncheck();
    await other.page.getByRole('button', { name: 'Enregistrer' }).click();
    await says(other.page.locator('form [role="status"]'), 'Réglages enregistrés.');
    await page.goto(stage.trial.run.web);
    await live(page);
    await opened('Congé qui reste');
    await page.keyboard.press('m');
    await page.keyboard.press('z');
    await page.keyboard.press('Control+k');
    await page.locator('dialog input').waitFor();
    await page.keyboard.press('Escape');
    await isOpenStill('Congé qui reste');
    await other.context.close();
  });
});

describe('putting off and noting', () => {
  it('takes a moment as it is typed, and says which cannot be', async () => {
    await opened('Congé à reporter');
    await page.locator('section.detail [data-snooze] summary').click();
    await page.getByLabel('Autre moment').fill('31/02');
    await page.keyboard.press('Enter');
    await says(page.locator('section.detail'), '« 31/02 » n’existe pas : rien n’est reporté.');
    await isSound('snooze');
    await page.getByLabel('Autre moment').fill('dans 3 jours');
    await page.keyboard.press('Enter');
    await isGone('Congé à reporter');
    await detailSays('Reporté : revient');
  });

  it('keeps a note of hers with the item, on every screen', async () => {
    await opened('Congé annoté');
    await inDetail('Ajouter une note').click();
    await page.locator('#note').fill('é'.repeat(501));
    await inDetail('Garder la note').click();
    await detailSays('C’est trop long : 501 signes, 500 au plus.');
    await isSound('note-too-long');
    await page.locator('#note').fill('Voir avec Paul avant mardi');
    await isSound('note');
    await inDetail('Garder la note').click();
    await detailSays('Voir avec Paul avant mardi');
    await says(page.locator('.undo'), 'note gardée chez vous.');
    const other = await browser.open(CLAIRE);
    await row(other.page, 'Congé annoté').locator('[data-row]').click();
    await says(other.page.locator('section.detail'), 'Voir avec Paul avant mardi');
    await other.context.close();
  });
});

describe('a task of her own', () => {
  it('is added by a key, with a day as it is typed, and ended on the desk', async () => {
    await page.goto(`${stage.trial.run.web}/reglages`);
    await live(page);
    await page.getByLabel('Raccourcis d’une seule touche').check();
    await page.getByRole('button', { name: 'Touches habituelles' }).click();
    await page.getByRole('button', { name: 'Enregistrer' }).click();
    await says(page.locator('form [role="status"]'), 'Réglages enregistrés.');
    await page.goto(stage.trial.run.web);
    await live(page);
    await page.keyboard.press('n');
    await page.getByLabel('Ce qu’il y a à faire').fill('🎉'.repeat(1_000));
    await page.keyboard.press('Enter');
    await says(page.locator('dialog'), 'C’est trop long : 1000 signes, 200 au plus.');
    await page.getByLabel('Ce qu’il y a à faire').fill('Rappeler la préfecture');
    await page.getByLabel('Échéance (facultatif)').fill('31/02');
    await page.keyboard.press('Enter');
    await says(page.locator('dialog'), 'n’existe pas');
    await isSound('task');
    await page.getByLabel('Échéance (facultatif)').fill('demain');
    await page.keyboard.press('Enter');
    await row(page, 'Rappeler la préfecture').locator('[data-row]').click();
    await detailSays('Mes tâches');
    await inDetail('Terminer').click();
    await isGone('Rappeler la préfecture');
  });
});

it('nothing of it is a fault of the page', () => {
  expect(visit.faults).toEqual({ console: [], broken: [], policy: [], strangers: [] });
});

async function ask(label: string): Promise<void> {
  await inDetail(label).click();
  await page.locator('dialog').getByRole('button', { name: label }).click();
  await says(page.locator('.line'), 'dans');
}

async function isOpenStill(title: string): Promise<void> {
  await expect.poll(() => titles(page)).toContain(title);
}

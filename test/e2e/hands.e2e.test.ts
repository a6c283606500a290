/** The desk by hand: several items at once, the palette, the search, the list of keys, what is taken back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Started, startTrial, upsert } from '../support/started.ts';
import { DeskBrowser, goDown, live, row, says, SEEN_MS, titles, type Visit } from './desk-browser.ts';

const PAUL = 'paul.vidal';
let trial: Started;
let browser: DeskBrowser;
let desk: Visit;

beforeAll(async () => {
  trial = await startTrial();
  browser = await DeskBrowser.launch(trial);
  desk = await browser.open(PAUL);
  const posts = ['Alpha', 'Bravo', 'Charlie', 'Délibération des écoles'].map((title) =>
    trial.post('gta', upsert(PAUL, { key: title, title })),
  );
  for (const answer of await Promise.all(posts)) expect(answer.status).toBe(202);
});
afterAll(async () => {
  await browser.close();
  await trial.stop();
});

const shows = (...wanted: string[]) =>
  expect.poll(async () => (await titles(desk.page)).toSorted(), { timeout: SEEN_MS }).toEqual(wanted.toSorted());
const focusOn = (title: string) => row(desk.page, title).locator('[data-row]').focus();
const type = async (words: string): Promise<void> => {
  await desk.page.locator('dialog input').waitFor();
  await desk.page.keyboard.type(words);
};
const press = (key: string) => desk.page.keyboard.press(key);

/** What the agent's requests in her desk room have done, from another visit of the same desk. */
async function elsewhere(): Promise<string[]> {
  const other = await browser.open(PAUL);
  const found = await titles(other.page);
  await other.context.close();
  return found.toSorted();
}

describe('several items at once', () => {
  it('stand in the list as they came', () => shows('Alpha', 'Bravo', 'Charlie', 'Délibération des écoles'));

  it('are set aside by one act that says how many, and come back by one key', async () => {
    await focusOn('Alpha');
    await press('x');
    await focusOn('Bravo');
    await press('x');
    await says(desk.page.locator('.bulk'), '2 choisis');
    await desk.page.locator('.bulk button', { hasText: 'Mettre 2 de côté' }).click();
    await shows('Charlie', 'Délibération des écoles');
    await says(desk.page.locator('.undo'), '2 éléments mis de côté chez vous. Rien n’a été fait dans Congés.');
    await expect.poll(elsewhere, { timeout: SEEN_MS }).toEqual(['Charlie', 'Délibération des écoles']);
    await press('z');
    await shows('Alpha', 'Bravo', 'Charlie', 'Délibération des écoles');
    await expect.poll(elsewhere, { timeout: SEEN_MS }).toEqual(['Alpha', 'Bravo', 'Charlie', 'Délibération des écoles']);
  });

  it('a key that is held down decides once, so that one key brings all of it back', async () => {
    await focusOn('Alpha');
    for (let held = 0; held < 4; held += 1) await desk.page.keyboard.down('e');
    await desk.page.keyboard.up('e');
    await says(desk.page.locator('.undo'), '« Alpha » mis de côté chez vous.');
    await shows('Bravo', 'Charlie', 'Délibération des écoles');
    await press('z');
    await shows('Alpha', 'Bravo', 'Charlie', 'Délibération des écoles');
  });

  it('an item pinned stands first, one marked as unseen is new again', async () => {
    await focusOn('Charlie');
    await press('p');
    await expect.poll(async () => (await titles(desk.page))[0]).toBe('Charlie');
    await says(desk.page.locator('.group h2').first(), 'Épinglés');
    await focusOn('Bravo');
    await press('Enter');
    await says(desk.page.locator('section.detail h2').first(), 'Bravo');
    await press('Escape');
    await expect.poll(() => row(desk.page, 'Bravo').getAttribute('class')).not.toContain('new');
    await press('u');
    await expect.poll(() => row(desk.page, 'Bravo').getAttribute('class')).toContain('new');
    await focusOn('Charlie');
    await press('p');
  });
});

describe('the palette', () => {
  it('finds an item by words without accents, and opens it', async () => {
    await press('Control+k');
    await type('deliberation eco');
    await says(desk.page.locator('[role="option"][aria-selected="true"]'), 'Délibération des écoles');
    await press('Enter');
    await says(desk.page.locator('section.detail h2').first(), 'Délibération des écoles');
    await press('Escape');
  });

  it('marks what is chosen also where colours are the reader’s own', async () => {
    await desk.page.emulateMedia({ forcedColors: 'active' });
    await press('Control+k');
    await type('a');
    const outlines = () => desk.page.locator('[role="option"]').evaluateAll((all) => all.map((one) => getComputedStyle(one).outlineStyle));
    await expect.poll(async () => (await outlines()).length).toBeGreaterThan(1);
    expect((await outlines()).map((style) => style !== 'none')).toEqual((await outlines()).map((_, at) => at === 0));
    await press('Escape');
    await desk.page.emulateMedia({ forcedColors: null });
  });

  it('runs an act on the row that had the focus', async () => {
    await focusOn('Alpha');
    await press('Control+k');
    await type('mettre de cote');
    await says(desk.page.locator('[role="option"][aria-selected="true"]'), 'Rechercher');
    await press('ArrowDown');
    await press('Enter');
    await shows('Bravo', 'Charlie', 'Délibération des écoles');
    await press('z');
    await shows('Alpha', 'Bravo', 'Charlie', 'Délibération des écoles');
  });
});

describe('an item that is closed', () => {
  const opened = (title: string) => says(desk.page.locator('#detail-title'), title);
  const isClosed = () => desk.page.locator('#detail-title').waitFor({ state: 'detached' });
  const hasFocus = (title: string) =>
    expect.poll(() => desk.page.evaluate(() => document.activeElement?.closest('[data-event]')?.textContent)).toContain(title);

  /** Both before the page comes to do anything else. */
  async function closeThen(next: 'focus' | 'click', title: string): Promise<void> {
    await row(desk.page, title)
      .locator('[data-row]')
      .evaluate((link: HTMLElement, act) => {
        document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }));
        link.focus();
        if (act === 'click') link.click();
      }, next);
  }

  it('gives its row the focus, also when it was read in', async () => {
    await focusOn('Bravo');
    await press('Enter');
    await opened('Bravo');
    await desk.page.locator('#detail-title').focus();
    await press('Escape');
    await isClosed();
    await hasFocus('Bravo');
  });

  it('leaves her where she has gone meanwhile', async () => {
    await press('Enter');
    await opened('Bravo');
    await closeThen('focus', 'Alpha');
    await isClosed();
    await desk.page.waitForTimeout(300); // for what would call her back
    await hasFocus('Alpha');
  });

  it('does not close the one that she has opened meanwhile', async () => {
    await focusOn('Bravo');
    await press('Enter');
    await opened('Bravo');
    await closeThen('click', 'Alpha');
    await opened('Alpha');
    await desk.page.waitForTimeout(300); // for what would call her back
    await hasFocus('Alpha');
    await opened('Alpha');
    await press('Escape');
    await isClosed();
  });
});

describe('the search', () => {
  it('finds what is over as well, by words in any form, and says when there is nothing', async () => {
    expect((await trial.post('gta', { op: 'close', item: { key: 'Charlie' } })).status).toBe(202);
    await shows('Alpha', 'Bravo', 'Délibération des écoles');
    await desk.page.goto(`${trial.run.web}/?q=charlie`);
    await live(desk.page);
    await expect.poll(() => titles(desk.page), { timeout: SEEN_MS }).toEqual(['Charlie']);
    await says(desk.page.locator('main'), 'Terminé dans l’outil');
    await row(desk.page, 'Charlie').locator('[data-row]').click();
    await desk.page.locator('section.detail').getByRole('button', { name: 'Imprimer' }).waitFor();
    await desk.page.goto(`${trial.run.web}/?q=${encodeURIComponent('deliberations ecole')}`);
    await expect.poll(() => titles(desk.page), { timeout: SEEN_MS }).toEqual(['Délibération des écoles']);
    await desk.page.goto(`${trial.run.web}/?q=introuvable`);
    await says(desk.page.locator('main'), 'Aucun élément ne contient « introuvable ».');
    await desk.page.goto(`${trial.run.web}/`);
    await live(desk.page);
  });
});

describe('the keys', () => {
  it('are listed by ?, and two of them lead from page to page', async () => {
    await press('?');
    await says(desk.page.locator('dialog'), 'Mettre de côté');
    await press('Escape');
    await expect.poll(() => desk.page.locator('dialog').count()).toBe(0);
    await press('g');
    await press('f');
    await desk.page.waitForURL('**/fil');
    await press('g');
    await press('b');
    await desk.page.waitForURL((url) => url.pathname === '/');
  });

  /** A key as a keyboard that is not this machine's gives it. */
  const give = (key: string, more: { code?: string; shiftKey?: boolean; isComposing?: boolean } = {}) =>
    desk.page.evaluate(
      ([key, more]) =>
        void document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more })),
      [key, more] as const,
    );

  it('are the same under Caps Lock', async () => {
    await focusOn('Alpha');
    await give('E', { code: 'KeyE' });
    await shows('Bravo', 'Délibération des écoles');
    await give('Z', { code: 'KeyZ' });
    await shows('Alpha', 'Bravo', 'Délibération des écoles');
    await give('G', { code: 'KeyG' });
    await give('F', { code: 'KeyF' });
    await desk.page.waitForURL('**/fil');
    await desk.page.goto(trial.run.web);
    await live(desk.page);
  });

  it('lead to a view on a French keyboard, whose figures are above other signs', async () => {
    await desk.page.goto(`${trial.run.web}/?outil=gta`);
    await live(desk.page);
    await press('f');
    await desk.page.getByLabel('Nom de la vue').fill('Congés');
    await press('Enter');
    await says(desk.page.locator('#view-said'), 'G puis 1 y mène');
    for (const second of ['1', '&']) {
      await desk.page.goto(trial.run.web);
      await live(desk.page);
      await press('g');
      await give('Shift', { shiftKey: true });
      await give(second, { code: 'Digit1', shiftKey: second === '1' });
      await desk.page.waitForURL('**/?outil=gta');
    }
    await desk.page.goto(trial.run.web);
    await live(desk.page);
  });

  it('are heard while a row’s checkbox has the focus', async () => {
    await desk.page.getByRole('button', { name: 'Sélectionner', exact: true }).click();
    await row(desk.page, 'Alpha').getByRole('checkbox').click();
    await press('e');
    await shows('Bravo', 'Délibération des écoles');
    await press('z');
    await shows('Alpha', 'Bravo', 'Délibération des écoles');
  });

  it('belong to whoever is putting a word together, as long as she does', async () => {
    await press('Control+k');
    await type('bravo');
    await give('Enter', { isComposing: true });
    await desk.page.waitForTimeout(300); // for what would open it
    expect(await desk.page.locator('dialog input').inputValue()).toBe('bravo');
    await press('Enter');
    await says(desk.page.locator('section.detail h2').first(), 'Bravo');
    await desk.page.getByRole('button', { name: 'Ajouter une note' }).click();
    await desk.page.locator('#note').fill('à moitié');
    await give('Escape', { isComposing: true });
    expect(await desk.page.locator('#note').inputValue()).toBe('à moitié');
    await press('Escape');
    await press('Escape');
  });
});

describe('a list of many', () => {
  it('is drawn as far as she looks, further as she goes down, and whole on paper; all of it can be chosen at once', async () => {
    const CLAIRE = 'claire.morel';
    const MANY = 120;
    const claire = await browser.open(CLAIRE);
    const posts = Array.from({ length: MANY }, (_, at) =>
      trial.post('gta', upsert(CLAIRE, { key: `Ligne ${String(at)}`, title: `Ligne ${String(at)}` })),
    );
    for (const answer of await Promise.all(posts)) expect(answer.status).toBe(202);
    await expect.poll(() => claire.page.title(), { timeout: SEEN_MS }).toBe(`(${String(MANY)}) À traiter · Écritoire`);
    const drawn = async () => (await titles(claire.page)).length;
    expect(await drawn()).toBeLessThan(MANY);
    await claire.page.getByRole('button', { name: 'Sélectionner', exact: true }).click();
    await claire.page.getByRole('button', { name: 'Tout choisir' }).click();
    await says(claire.page.locator('.bulk'), `${String(MANY)} choisis`);
    await claire.page.getByRole('button', { name: 'Ne plus sélectionner' }).click();
    const last = claire.page.locator('main [data-row]').last();
    const before = await last.innerText();
    await last.focus();
    await expect.poll(() => last.innerText(), { timeout: SEEN_MS }).not.toBe(before);
    await claire.page.keyboard.press('j');
    expect(await claire.page.evaluate(() => document.activeElement?.textContent)).not.toContain(before);
    expect(await drawn()).toBeLessThan(MANY);
    await claire.page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    expect(await drawn()).toBe(MANY);
    await claire.context.close();
  });
});

describe('many items that come back at once', () => {
  it('are all on another screen that was opened meanwhile, with true numbers', async () => {
    const MARC = 'marc.roche';
    const MANY = 90; // more than a page that is opened now has of the room
    const marc = await browser.open(MARC);
    const posts = Array.from({ length: MANY }, (_, at) =>
      trial.post('gta', upsert(MARC, { key: `Lot ${String(at)}`, title: `Lot ${String(at)}` })),
    );
    for (const answer of await Promise.all(posts)) expect(answer.status).toBe(202);
    const shown = (visit: Visit) => async () => (await goDown(visit.page)).length;
    await expect.poll(shown(marc), { timeout: SEEN_MS }).toBe(MANY);
    await marc.page.getByRole('button', { name: 'Sélectionner', exact: true }).click();
    await marc.page.getByRole('button', { name: 'Tout choisir' }).click();
    await marc.page.locator('.bulk button', { hasText: `Mettre ${String(MANY)} de côté` }).click();
    await expect.poll(shown(marc), { timeout: SEEN_MS }).toBe(0);
    let other = await browser.open(MARC);
    while ((await titles(other.page)).length > 0) {
      await other.context.close(); // the store does not have it yet
      other = await browser.open(MARC);
    }
    await marc.page.keyboard.press('z');
    await expect.poll(() => other.page.title(), { timeout: SEEN_MS }).toBe(`(${String(MANY)}) À traiter · Écritoire`);
    await expect.poll(shown(other), { timeout: SEEN_MS }).toBe(MANY);
    await marc.context.close();
    await other.context.close();
  });
});

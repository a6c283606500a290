/** Two agents with one object on their desks; and what stands on a page while something is undone or added. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { personOf } from '../support/people.ts';
import { upsert } from '../support/started.ts';
import { startActingTrial } from '../support/vendor.ts';
import { DeskBrowser, live, row, says, SEEN_MS, titles, type Visit } from './desk-browser.ts';

const [CLAIRE, PAUL, BRUNO] = ['claire.morel', 'paul.vidal', 'bruno.leroy'];
const ACTIONS = [{ id: 'prendre', label: 'Prendre en charge', risk: 'green' }];
let stage: Awaited<ReturnType<typeof startActingTrial>>;
let browser: DeskBrowser;
let claire: Visit;
let paul: Visit;

beforeAll(async () => {
  stage = await startActingTrial();
  browser = await DeskBrowser.launch(stage.trial);
  [claire, paul] = [await browser.open(CLAIRE), await browser.open(PAUL)];
});
afterAll(async () => {
  await browser.close();
  await stage.stop();
});
beforeEach(() => {
  stage.vendor.asked.length = 0;
  stage.vendor.answer = undefined;
});

/** One object on both desks, open beside both lists. */
async function shared(title: string): Promise<void> {
  const to = [CLAIRE, PAUL].map((login) => ({ mail: personOf(login).mail, reason: 'valideur' }));
  const answer = await stage.trial.post('gta', { op: 'upsert', to, item: { key: title, title, actions: ACTIONS } });
  expect(answer.status).toBe(202);
  for (const { page } of [claire, paul]) {
    await row(page, title).locator('[data-row]').click();
    await says(page.locator('section.detail h2').first(), title);
  }
}
const detail = (page: Page) => page.locator('section.detail');
const take = (page: Page) => detail(page).getByRole('button', { name: 'Prendre en charge' });
const isGone = (title: string, page: Page) => expect.poll(() => titles(page), { timeout: SEEN_MS }).not.toContain(title);

describe('an object of two agents', () => {
  it('that one has dealt with closes on the other’s desk, and says who did it', async () => {
    await shared('Congé à deux');
    await take(claire.page).click();
    for (const { page } of [claire, paul]) await isGone('Congé à deux', page);
    await says(detail(paul.page), 'fait par Claire Morel dans Congés.');
    await says(detail(claire.page), 'c’est fait dans Congés.');
    expect(stage.vendor.asked).toHaveLength(1);
    await paul.page.goto(`${stage.trial.run.web}/fil`);
    await says(paul.page.locator('[role="log"]'), 'Congé à deux');
    await paul.page.goto(stage.trial.run.web);
    await live(paul.page);
  });

  it('that both deal with at once is one call at the tool, and a sentence for whoever came second', async () => {
    await shared('Congé disputé');
    stage.vendor.answer = ({ data }) => ({
      status: 200,
      afterMs: 1_500,
      body: { item: { key: data.item.key, title: 'Congé disputé', state: 'done' } },
    });
    await Promise.all([take(claire.page).click(), take(paul.page).click()]);
    for (const { page } of [claire, paul]) await isGone('Congé disputé', page);
    const said = async () => (await Promise.all([claire, paul].map(({ page }) => detail(page).innerText()))).join(' ');
    // What she is told depends on whether the first was still at it.
    await expect.poll(said, { timeout: SEEN_MS }).toMatch(/Rien n’y a été fait une seconde fois|plus rien n’est attendu pour cet objet/);
    await expect.poll(() => said()).toContain('c’est fait dans Congés.');
    expect(stage.vendor.asked).toHaveLength(1);
  });
});

type Synced = { rooms?: { join?: Record<string, { timeline?: { events: { type: string }[] } }> } };

it('what comes by the desk’s own feed is not fetched a second time with the other rooms', async () => {
  const heard = new Map<string, number>();
  claire.page.on('response', (response) => {
    if (!response.url().includes('/v3/sync?')) return;
    void response
      .json()
      .then(({ rooms: { join = {} } = {} }: Synced) => {
        for (const [id, { timeline }] of Object.entries(join)) {
          const messages = (timeline?.events ?? []).filter(({ type }) => type === 'm.room.message');
          heard.set(id, (heard.get(id) ?? 0) + messages.length);
        }
      })
      .catch(() => undefined);
  });
  const synced = claire.page.waitForResponse((response) => response.url().includes('/v3/sync?'));
  await claire.page.goto(`${stage.trial.run.web}/salons`);
  await synced;
  await live(claire.page);
  await stage.trial.post('gta', upsert(CLAIRE, { key: 'Congé unique', title: 'Congé unique', actions: ACTIONS }));
  await claire.page.goto(stage.trial.run.web);
  await row(claire.page, 'Congé unique').waitFor();
  expect(heard.size).toBeGreaterThan(0);
  expect(heard.get(await deskRoom(CLAIRE)) ?? 0).toBe(0);
});

async function deskRoom(login: string): Promise<string> {
  const { accessToken } = await stage.trial.matrixLogin(login);
  const alias = encodeURIComponent(`#desk_ville-claire_${login}:desk.localhost`);
  const answer = await fetch(`${stage.trial.run.homeserver}/_matrix/client/v3/directory/room/${alias}`, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { room_id: string }).room_id;
}

describe('a task of her own', () => {
  it('has the focus when it is there, on a desk where nothing had it', async () => {
    const bruno = await browser.open(BRUNO);
    await bruno.page.keyboard.press('n');
    await bruno.page.getByLabel('Ce qu’il y a à faire').fill('Rappeler la préfecture');
    await bruno.page.keyboard.press('Enter');
    await row(bruno.page, 'Rappeler la préfecture').waitFor();
    await expect
      .poll(() => bruno.page.evaluate(() => document.activeElement?.closest('.row')?.textContent ?? ''), { timeout: SEEN_MS })
      .toContain('Rappeler la préfecture');
    await bruno.page.getByRole('button', { name: 'Ajouter une tâche' }).click();
    await bruno.page.getByLabel('Ce qu’il y a à faire').fill('Relire la note');
    await bruno.page.keyboard.press('Enter');
    await row(bruno.page, 'Relire la note').waitFor();
    await expect.poll(() => bruno.page.evaluate(() => document.activeElement?.textContent ?? '')).toContain('Ajouter une tâche');
    await bruno.context.close();
  });
});

it('what was done, and what was not, is read whole on a small screen', async () => {
  const title = 'Délibération portant approbation du règlement intérieur des équipements sportifs intercommunaux et de leurs abords';
  expect((await stage.trial.post('gta', upsert(CLAIRE, { key: title, title }))).status).toBe(202);
  const phone = await browser.open(CLAIRE, { width: 320, height: 640, touch: true });
  await row(phone.page, 'Délibération portant').locator('[data-row]').focus();
  await phone.page.keyboard.press('e');
  const line = phone.page.locator('.undo p');
  await says(line, 'Rien n’a été fait dans Congés.');
  expect(await line.evaluate((text) => text.scrollHeight - text.clientHeight)).toBeLessThanOrEqual(1);
  await phone.page.keyboard.press('z');
  await phone.context.close();
});

it('what can be undone stands clear of every control on a small screen', async () => {
  const phone = await browser.open(CLAIRE, { width: 390, height: 844, touch: true });
  await row(phone.page, 'Congé unique').locator('[data-row]').click();
  await detail(phone.page).getByRole('button', { name: 'Épingler' }).click();
  await phone.page.locator('.undo').waitFor();
  const covered = () =>
    phone.page.evaluate(() => {
      const line = document.querySelector('.undo')?.getBoundingClientRect();
      if (!line) return ['no line'];
      const isUnder = (one: Element): boolean => {
        const { top, bottom, left, right } = one.getBoundingClientRect();
        return bottom > line.top + 1 && top < line.bottom - 1 && right > line.left && left < line.right;
      };
      const controls = (of: string) =>
        [...document.querySelectorAll<HTMLElement>(of)]
          .filter((one) => one.checkVisibility() && isUnder(one))
          .map((one) => one.textContent);
      // What sticks to the lower end wherever she has scrolled to, and all there is at the page's end.
      scrollTo(0, 0);
      const sticking = controls('.detail .act a, .detail .act button');
      scrollTo(0, document.body.scrollHeight);
      return [...sticking, ...controls('main a, main button, main summary, nav a, footer a, footer button')];
    });
  await expect.poll(covered).toEqual([]);
  await phone.context.close();
});

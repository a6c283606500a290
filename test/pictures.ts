/**
 * `npm run pictures [FOLDER]`: the desk as `docs/images` shows it, taken from the town on which anyone can try it. To be taken again when
 * the look has changed, and looked at beside the pictures that it was designed by.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { DeskBrowser, row, type Seat } from './e2e/desk-browser.ts';
import { pause } from './support/guarded.ts';
import { OtherClient } from './support/other-client.ts';
import { type Started, startTrial } from './support/started.ts';

const [CLAIRE, PAUL, NOBODYS] = ['claire.morel', 'paul.vidal', 'ines.faure'];
const [ACT, INVOICE] = ['Délibération 2026-88', 'Facture 2026-3318'];
const WIDE: Seat = { width: 1440, height: 1000 };
const FULL = 10; // rows by which the town's morning is on the desk
const SETTLED_MS = 1_500; // what slides in has come

class Photographer {
  readonly #trial: Started;
  readonly #browser: DeskBrowser;
  readonly #folder: string;

  constructor(trial: Started, { browser, folder }: { browser: DeskBrowser; folder: string }) {
    this.#trial = trial;
    this.#browser = browser;
    this.#folder = folder;
  }

  async take(name: string, { login = CLAIRE, seat = WIDE, path = '/', scene }: Take = {}): Promise<void> {
    const { page, context } = await this.#browser.open(login, { ...seat, path });
    if (path === '/' && login === CLAIRE) await page.locator('main article.row').nth(FULL).waitFor();
    await page.getByText('Chargement').first().waitFor({ state: 'detached' });
    await scene?.(page);
    await pause(SETTLED_MS);
    await page.screenshot({ path: join(this.#folder, `${name}.png`) });
    await context.close();
  }

  /** A room of hers with a colleague, and what she wrote in another client: she puts an invoice off. */
  async converse(): Promise<void> {
    const [paul, claire] = [await OtherClient.open(this.#trial, PAUL), await OtherClient.open(this.#trial, CLAIRE)];
    const made = await paul.client.createRoom({ name: 'Direction générale', invite: [claire.client.getUserId() ?? ''] });
    await claire.client.joinRoom(made.room_id);
    await paul.client.sendTextMessage(made.room_id, 'Le CODIR commence à 14 h.');
    const desk = await claire.deskRoom();
    const invoice = await claire.item(desk, INVOICE);
    const relation = { 'm.in_reply_to': { event_id: invoice.getId() } };
    await claire.send(desk, 'm.room.message', { msgtype: 'm.text', body: 'reporter lundi 9h', 'm.relates_to': relation });
    await claire.event(desk, (event) => event.getContent()['fr.ecritoire.outcome'] !== undefined);
    paul.close();
    claire.close();
  }
}

type Take = { login?: string; seat?: Seat; path?: string; scene?: (page: Page) => Promise<void> };

async function openAct(page: Page): Promise<void> {
  await row(page, ACT).locator('[data-row]').click();
  await page.locator('section.detail h2', { hasText: ACT }).waitFor();
}

async function openCard(page: Page): Promise<void> {
  await page.locator('.card [data-row]', { hasText: ACT }).click();
  await page.locator('section.detail h2', { hasText: ACT }).waitFor();
}

async function approve(page: Page): Promise<void> {
  await openAct(page);
  await page.locator('section.detail').getByRole('button', { name: 'Viser' }).click();
  await page.locator('dialog').getByRole('button', { name: 'Viser' }).click();
  await page.locator('.line', { hasText: 'dans' }).waitFor();
}

/** Whatever she has, set aside. */
async function clear(page: Page): Promise<void> {
  const first = page.locator('main article.row').first();
  for (let event = await eventOf(first); event !== null; event = await eventOf(first)) {
    await first.locator('[data-row]').focus();
    await page.keyboard.press('e');
    await page.locator(`main article.row[data-event="${event}"]`).waitFor({ state: 'detached' });
  }
  await page.locator('#done').waitFor();
}

const eventOf = async (row: Locator): Promise<string | null> => ((await row.count()) === 0 ? null : row.getAttribute('data-event'));

async function main(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const trial = await startTrial({ town: true });
  const browser = await DeskBrowser.launch(trial);
  try {
    const photographer = new Photographer(trial, { browser, folder });
    await photographer.converse();
    await photographer.take('bureau');
    await photographer.take('element', { scene: openAct });
    await photographer.take('sombre', { seat: { ...WIDE, colorScheme: 'dark' }, scene: openAct });
    await photographer.take('filtres', { path: '/?outil=parapheur', scene: (page) => page.keyboard.press('f') });
    await photographer.take('fil', { path: '/fil', scene: openCard });
    await photographer.take('telephone', { seat: { width: 390, height: 844, touch: true } });
    await photographer.take('hors-ligne', {
      scene: async (page) => {
        await page.context().setOffline(true);
        await page.locator('main [role="status"]', { hasText: 'hors ligne' }).waitFor();
      },
    });
    await photographer.take('annuler', { scene: approve });
    await photographer.take('vide', { login: NOBODYS, scene: clear });
  } finally {
    await browser.close();
    await trial.stop();
  }
}

await main(process.argv[2] ?? 'docs/images');
process.exit();

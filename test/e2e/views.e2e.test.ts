/** What the list shows: filters in the address, views kept under a name, the search in rooms, what is not to be heard of. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OtherClient } from '../support/other-client.ts';
import { type Started, startTrial, upsert } from '../support/started.ts';
import { announced, DeskBrowser, live, row, says, SEEN_MS, titles, type Visit } from './desk-browser.ts';
import { findings, overflowing } from './findings.ts';

const PAUL = 'paul.vidal';
const DAY_MS = 86_400_000;
const DOSSIER = 'DEL-2026-118';
let trial: Started;
let browser: DeskBrowser;
let desk: Visit;

const at = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();
const ITEMS: readonly [string, Record<string, unknown>][] = [
  ['gta', { title: 'Congé de Marie', dueAt: at(-2), kind: 'absence' }],
  ['gta', { title: 'Congé de Luc', dueAt: at(40), kind: 'absence', state: 'doing' }],
  ['actes', { title: 'Règlement des salles', dueAt: at(-1), dossier: DOSSIER, kind: 'signature' }],
  ['actes', { title: 'Avis de la commission', dossier: DOSSIER }],
  ['actes', { title: 'Arrêté de voirie', severity: 'urgent', kind: 'acte' }],
];

beforeAll(async () => {
  trial = await startTrial();
  browser = await DeskBrowser.launch(trial);
  desk = await browser.open(PAUL);
  for (const [connection, item] of ITEMS) {
    const answer = await trial.post(connection, upsert(PAUL, { key: item['title'], ...item }, { reason: 'valideur' }));
    expect(answer.status, await answer.clone().text()).toBe(202);
  }
});
afterAll(async () => {
  await browser.close();
  await trial.stop();
});

const listed = async (visit = desk): Promise<string[]> => (await titles(visit.page)).toSorted();
const shows = (...wanted: string[]) => expect.poll(() => listed(), { timeout: SEEN_MS }).toEqual(wanted.toSorted());
const press = (key: string) => desk.page.keyboard.press(key);
const focused = () =>
  desk.page.evaluate(() => document.activeElement?.closest('label')?.textContent ?? document.activeElement?.textContent);
const isAt = (query: string) => desk.page.waitForURL((url) => url.pathname === '/' && url.search === query);

/** Nothing for axe-core to find, nothing wider than a small screen. */
async function isSound(): Promise<void> {
  expect(await findings(desk.page)).toEqual([]);
  await desk.page.setViewportSize({ width: 320, height: 800 });
  expect(await overflowing(desk.page)).toEqual([]);
  await desk.page.setViewportSize({ width: 1440, height: 900 });
}

describe('filters', () => {
  it('are chosen by the keyboard, stand in the address, and their result is said', async () => {
    await shows(...ITEMS.map(([, { title }]) => String(title)));
    await press('f');
    await expect.poll(focused).toContain('Outil');
    await desk.page.locator('.filters select').first().selectOption('gta');
    await isAt('?outil=gta');
    await shows('Congé de Luc', 'Congé de Marie');
    await says(desk.page.locator('.filtered'), 'Outil : Congés');
    await says(announced(desk.page), '2 éléments affichés');
    await desk.page.getByLabel('Échéance').selectOption('retard');
    await isAt('?outil=gta&echeance=retard');
    await shows('Congé de Marie');
    await says(announced(desk.page), '1 élément affiché');
    await isSound();
  });

  it('are taken back one by one, by the browser’s own way back, or all at once', async () => {
    await desk.page.goBack();
    await isAt('?outil=gta');
    await shows('Congé de Luc', 'Congé de Marie');
    await desk.page.goForward();
    await shows('Congé de Marie');
    await desk.page.locator('.filtered a', { hasText: 'Congés' }).click();
    await isAt('?echeance=retard');
    await shows('Congé de Marie', 'Règlement des salles');
    await desk.page.locator('.filtered a', { hasText: 'Tout montrer' }).click();
    await isAt('');
    await shows(...ITEMS.map(([, { title }]) => String(title)));
  });

  it('are reached from an open item too: the choice has the focus, also when it stood open already', async () => {
    await desk.page.goto(`${trial.run.web}/`);
    await live(desk.page);
    for (const wasOpen of [false, true]) {
      await row(desk.page, 'Congé de Marie').locator('[data-row]').click();
      await desk.page.locator('#detail-title').waitFor();
      await expect.poll(async () => (await desk.page.locator('.filters select').count()) > 0).toBe(wasOpen);
      await row(desk.page, 'Congé de Marie').locator('[data-row]').focus();
      await press('f');
      await isAt('');
      await expect.poll(focused).toContain('Outil');
      await desk.page.waitForTimeout(500); // what closes the item has had its time
      expect(await focused()).toContain('Outil');
    }
    await press('Escape');
  });

  it('are drawn by the server for whoever is given the address, by dossier and by state', async () => {
    const other = await browser.open(PAUL, { path: `/?dossier=${DOSSIER}` });
    await expect.poll(() => listed(other)).toEqual(['Avis de la commission', 'Règlement des salles']);
    await other.page.goto(`${trial.run.web}/?etat=en-cours&etat=urgent`);
    await expect.poll(() => listed(other)).toEqual(['Arrêté de voirie', 'Congé de Luc']);
    await other.page.goto(`${trial.run.web}/?dossier=inconnu`);
    await says(other.page.locator('main'), 'Rien à traiter ne correspond à ces filtres.');
    expect(other.faults).toEqual({ console: [], broken: [], policy: [], strangers: [] });
    await other.context.close();
  });
});

describe('filters on other lists', () => {
  it('limit what is set aside and what a search found, in the address, and are kept with their list', async () => {
    await desk.page.goto(`${trial.run.web}/?q=conge`);
    await live(desk.page);
    await expect.poll(async () => (await listed(desk)).length, { timeout: SEEN_MS }).toBe(2);
    await press('f');
    await desk.page.getByLabel('Échéance').selectOption('retard');
    await isAt('?q=conge&echeance=retard');
    await expect.poll(() => listed(desk), { timeout: SEEN_MS }).toEqual(['Congé de Marie']);
    await desk.page.getByLabel('Nom de la vue').fill('Congés en retard');
    await press('Enter');
    await says(desk.page.locator('#view-said'), 'Vue « Congés en retard » gardée');
    await isSound();
    await desk.page.locator('.filtered a', { hasText: 'Tout montrer' }).click();
    await isAt('?q=conge');
    await desk.page.getByRole('link', { name: 'Congés en retard' }).click();
    await isAt('?q=conge&echeance=retard');
    await desk.page.getByRole('button', { name: 'Supprimer la vue' }).click();
    await says(desk.page.locator('#view-said'), 'supprimée');
    await desk.page.goto(`${trial.run.web}/?liste=termine&etat=annule`);
    await says(desk.page.locator('.filtered'), 'État : Annulé');
    await says(desk.page.locator('main'), 'Rien ne correspond à ces filtres.');
  });
});

describe('a view', () => {
  it('is kept under a name, is on her other screens at once, and its key leads to it', async () => {
    const other = await browser.open(PAUL);
    await desk.page.goto(`${trial.run.web}/?echeance=retard`);
    await live(desk.page);
    await press('f');
    await desk.page.getByLabel('Nom de la vue').fill('En retard chez moi');
    await press('Enter');
    await says(desk.page.locator('#view-said'), 'Vue « En retard chez moi » gardée : G puis 1 y mène.');
    await other.page.locator('h1').first().click();
    await expect
      .poll(
        async () => {
          await other.page.keyboard.press('g');
          await other.page.keyboard.press('1');
          return new URL(other.page.url()).search;
        },
        { timeout: SEEN_MS, interval: 2000 },
      )
      .toBe('?echeance=retard');
    await other.context.close();
    await isSound();
  });

  it('is opened from the palette, renamed, never two of one name, and taken away', async () => {
    await desk.page.goto(trial.run.web);
    await live(desk.page);
    await press('Control+k');
    await desk.page.locator('dialog input').waitFor();
    await desk.page.keyboard.type('vue en retard');
    await press('ArrowDown');
    await press('Enter');
    await isAt('?echeance=retard');
    await press('f');
    await desk.page.getByLabel('Nom de la vue').fill('Les retards');
    await press('Enter');
    await says(desk.page.locator('#view-said'), 'La vue s’appelle « Les retards ».');
    await desk.page.getByLabel('État').selectOption('nouveau');
    await desk.page.getByLabel('Nom de la vue').fill('les retards');
    await press('Enter');
    await says(desk.page.locator('#view-said'), 'Une vue s’appelle déjà « les retards ».');
    await desk.page.locator('nav[aria-label="Mes vues"] a').click();
    await desk.page.getByRole('button', { name: 'Supprimer la vue' }).click();
    await says(desk.page.locator('#view-said'), 'Vue « Les retards » supprimée.');
    await expect.poll(() => desk.page.locator('nav[aria-label="Mes vues"]').count()).toBe(0);
    await desk.page.goto(trial.run.web);
    await live(desk.page);
  });
});

describe('the search in rooms', () => {
  let room: string;
  beforeAll(async () => {
    const [claire, paul] = [await OtherClient.open(trial, 'claire.morel'), await OtherClient.open(trial, PAUL)];
    const made = await claire.client.createRoom({ name: 'Travaux rue Haute', invite: ['@paul.vidal:desk.localhost'] });
    room = made.room_id;
    await paul.client.joinRoom(room);
    const secret = await claire.client.createRoom({ name: 'Sans Paul' });
    await claire.client.sendTextMessage(secret.room_id, 'La passerelle reste un secret');
    await claire.client.sendTextMessage(room, 'La passerelle sera fermée lundi matin');
    for (let n = 0; n < 30; n += 1) await claire.client.sendTextMessage(room, `Le chantier avance : point ${String(n)}`);
    claire.close();
    paul.close();
  });

  it('stands beside what the store found, only from rooms she is in, and leads to the message', async () => {
    await desk.page.goto(`${trial.run.web}/?q=passerelle`);
    await live(desk.page);
    await says(desk.page.locator('main h2'), 'Dossiers : 0 résultat pour « passerelle »');
    await says(desk.page.locator('main h2'), 'Messages : 1 résultat');
    const found = desk.page.locator('section[aria-labelledby="messages-title"] li');
    await expect.poll(() => found.count()).toBe(1);
    await says(found, 'Claire Morel dans Travaux rue Haute');
    await expect.poll(() => found.locator('mark').allInnerTexts()).toEqual(['passerelle']);
    await isSound();
    await found.locator('a').click();
    await desk.page.waitForURL((url) => url.pathname === `/salons/${room}` || url.pathname === `/salons/${encodeURIComponent(room)}`);
    await expect
      .poll(() => desk.page.evaluate(() => document.activeElement?.textContent), { timeout: SEEN_MS })
      .toContain('La passerelle sera fermée lundi matin');
  });

  it('goes on page by page, and a fault is a sentence with a way on', async () => {
    await desk.page.goto(`${trial.run.web}/?q=chantier`);
    await live(desk.page);
    await says(desk.page.locator('main h2'), 'Messages : plus de 20 résultats');
    await desk.page.getByRole('button', { name: 'Afficher plus de messages' }).click();
    await says(desk.page.locator('main h2'), 'Messages : 30 résultats');
    await desk.page.route('**/_matrix/client/v3/search*', (route) =>
      route.fulfill({ status: 429, body: '{"errcode":"M_LIMIT_EXCEEDED"}' }),
    );
    await desk.page.goto(`${trial.run.web}/?q=point`);
    await says(desk.page.locator('main [role="alert"]'), 'Trop de recherches à la suite');
    await desk.page.unroute('**/_matrix/client/v3/search*');
    await desk.page.getByRole('button', { name: 'Réessayer' }).click();
    await says(desk.page.locator('main h2'), 'Messages : plus de 20 résultats');
  });
});

describe('why she sees an item', () => {
  beforeAll(async () => {
    await desk.page.goto(trial.run.web);
    await live(desk.page);
  });

  const openWhy = async (title: string): Promise<void> => {
    await row(desk.page, title).locator('[data-row]').click();
    await says(desk.page.locator('section.detail h2').first(), title);
    await desk.page.locator('section.detail summary', { hasText: 'Pourquoi je vois ça' }).click();
  };

  it('is said, with the source and when it was last heard of', async () => {
    await openWhy('Congé de Marie');
    await says(desk.page.locator('.why'), 'Congés : dernier contact');
    await says(desk.page.locator('.why'), 'Congés vous l’a adressé : valideur.');
    await isSound();
  });

  it('lets her mute exactly that: it stays in the numbers, at the end, and comes back by z', async () => {
    const open = await desk.page.locator('.n.mine').innerText();
    await desk.page.getByRole('button', { name: '« Absence » de Congés' }).click();
    await says(desk.page.locator('.undo'), '« Absence » de Congés : en sourdine.');
    await shows('Arrêté de voirie', 'Avis de la commission', 'Règlement des salles');
    await says(desk.page.locator('.group h2'), 'En sourdine 2');
    await expect.poll(() => desk.page.locator('.n.mine').innerText()).toBe(open);
    await desk.page.getByRole('button', { name: 'Afficher les 2 éléments en sourdine' }).click();
    await shows(...ITEMS.map(([, { title }]) => String(title)));
    await press('Escape');
    await press('z');
    await expect.poll(() => desk.page.locator('.group h2', { hasText: 'En sourdine' }).count(), { timeout: SEEN_MS }).toBe(0);
  });

  it('what is muted is not announced, what is urgent is, and the settings undo it', async () => {
    await desk.page.goto(trial.run.web); // what is muted is folded away again
    await live(desk.page);
    await openWhy('Règlement des salles');
    await desk.page.getByRole('button', { name: `Tout le dossier ${DOSSIER}` }).click();
    await shows('Arrêté de voirie', 'Congé de Luc', 'Congé de Marie');
    await trial.post('actes', upsert(PAUL, { key: 'tu', title: 'Arrive sans bruit', dossier: DOSSIER }));
    await trial.post('actes', upsert(PAUL, { key: 'cri', title: 'Arrive en urgence', dossier: DOSSIER, severity: 'urgent' }));
    await says(announced(desk.page), 'Nouvel élément à traiter : Arrive en urgence');
    await says(desk.page.locator('.group h2'), 'En sourdine 3');
    await desk.page.goto(`${trial.run.web}/reglages`);
    await live(desk.page);
    await isSound();
    await desk.page.getByRole('button', { name: `Ne plus mettre en sourdine : Dossier ${DOSSIER}` }).click();
    await says(desk.page.locator('main'), 'Rien n’est en sourdine.');
  });
});

describe('the settings', () => {
  it('follow what is set in another tab, but for what she is changing in this one', async () => {
    const other = await browser.open(PAUL, { path: '/reglages' });
    await desk.page.goto(`${trial.run.web}/reglages`);
    await live(desk.page);
    await desk.page.getByLabel('Touche pour : Épingler').fill('i');
    await other.page.getByLabel('20 secondes pour annuler').check();
    await other.page.getByRole('button', { name: 'Enregistrer' }).click();
    await expect.poll(() => desk.page.getByLabel('20 secondes pour annuler').isChecked(), { timeout: SEEN_MS }).toBe(true);
    await expect.poll(() => desk.page.getByLabel('Touche pour : Épingler').inputValue()).toBe('i');
    await other.context.close();
  });
});

/** A desk with one of everything on it, and every page and state that it can be looked at in. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { OtherClient } from '../support/other-client.ts';
import { type Started, upsert } from '../support/started.ts';
import { live, row, says } from './desk-browser.ts';

export const CLAIRE = 'claire.morel';
const DAY_MS = 86_400_000;
export const LONG_TITLE = 'Délibération n° 2026-118 portant approbation du règlement intérieur des équipements sportifs intercommunaux';
const UNBROKEN = 'https-actes-ville-claire-exemple-dossier-tres-long-sans-espace-'.repeat(3);

/** Puts one of everything on Claire's desk, one item aside, and her in a room with Paul; answers that room. */
export async function furnish(trial: Started): Promise<string> {
  await fill(trial);
  return makeRoom(trial);
}

async function post(trial: Started, connection: string, item: { key: string; title: string } & Record<string, unknown>): Promise<void> {
  const answer = await trial.post(connection, upsert(CLAIRE, item, { reason: 'signataire par délégation' }));
  expect(answer.status, await answer.clone().text()).toBe(202);
}

/** One item in each group, of each severity, with everything an item can have. */
async function fill(trial: Started): Promise<void> {
  const at = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();
  await post(trial, 'gta', {
    key: '1',
    title: 'Congé en retard',
    dueAt: at(-3),
    kind: 'absence',
    url: 'https://gta.ville-claire.example/1',
    severity: 'urgent',
  });
  await post(trial, 'gta', { key: '2', title: 'Pour aujourd’hui', dueAt: at(0).slice(0, 10) });
  await post(trial, 'actes', {
    key: '3',
    title: LONG_TITLE,
    dueAt: at(1),
    summary: 'Avis favorable de la commission. '.repeat(14),
    url: 'https://actes.ville-claire.example/3',
    people: [
      { role: 'by', name: 'Marie-Françoise de La Rochefoucauld-Montmorency' },
      { role: 'cc', name: 'Paul Vidal' },
    ],
    place: 'Salle du conseil, 2e étage',
    dossier: 'DEL-2026-118',
    documents: [{ name: `${UNBROKEN}.pdf`, url: 'https://actes.ville-claire.example/3.pdf', size: 1_234_567 }],
    actions: [{ id: 'signer', label: 'Signer', risk: 'red', href: 'https://actes.ville-claire.example/3/signer' }],
  });
  await post(trial, 'astre', { key: '4', revision: 1, title: UNBROKEN, dueAt: at(30), state: 'doing' });
  await post(trial, 'actes', { key: '5', title: 'Sans échéance', severity: 'info' });
  await post(trial, 'messagerie', { key: '6', title: 'À mettre de côté', count: 12 });
}

/** A room with a name that does not break, and someone who wrote in it. */
async function makeRoom(trial: Started): Promise<string> {
  const [paul, claire] = [await OtherClient.open(trial, 'paul.vidal'), await OtherClient.open(trial, CLAIRE)];
  try {
    const made = await paul.client.createRoom({ name: 'Travaux rue Haute', invite: ['@claire.morel:desk.localhost'] });
    await claire.client.joinRoom(made.room_id);
    await paul.client.sendTextMessage(made.room_id, `Voici : https://exemple.example/${UNBROKEN}`);
    const message = await claire.item(await claire.deskRoom(), 'À mettre de côté');
    await claire.react(message.getRoomId() ?? '', message.getId() ?? '', '✅');
    await claire.event(message.getRoomId() ?? '', (event) => event.getContent()['fr.ecritoire.outcome'] !== undefined);
    return made.room_id;
  } finally {
    paul.close();
    claire.close();
  }
}

/** A page in one of its states: how one comes there from an empty tab of whoever it belongs to. */
export type State = { name: string; who: 'nobody' | 'claire' | 'paul' | 'marc'; open: (page: Page) => Promise<void> };

export function statesOf(trial: Started, room: string): State[] {
  const to = (path: string) => async (page: Page) => {
    await page.goto(trial.run.web + path);
  };
  const desk = (path: string) => async (page: Page) => {
    await page.goto(trial.run.web + path);
    await live(page);
  };
  return [
    { name: '/connexion', who: 'nobody', open: to('/connexion') },
    { name: '/connexion with an error', who: 'nobody', open: to('/connexion?erreur=unknown_organisation') },
    { name: '/connexion on a shared station', who: 'nobody', open: to('/connexion?poste=partage') },
    { name: '/connexion after signing out', who: 'nobody', open: to('/connexion?deconnexion=1') },
    { name: '/accessibilite', who: 'nobody', open: to('/accessibilite') },
    { name: '/donnees-personnelles', who: 'nobody', open: to('/donnees-personnelles') },
    { name: '/licence', who: 'nobody', open: to('/licence') },
    { name: 'a page that does not exist', who: 'nobody', open: to('/nulle-part') },
    { name: 'the desk', who: 'claire', open: desk('/') },
    {
      name: 'the desk with an item open',
      who: 'claire',
      open: async (page) => (
        await desk('/')(page),
        row(page, LONG_TITLE).locator('[data-row]').click(),
        says(page.locator('section.detail'), 'Signer')
      ),
    },
    {
      name: 'the desk with the putting-off menu open',
      who: 'claire',
      open: async (page) => (
        await desk('/')(page),
        await row(page, LONG_TITLE).locator('[data-row]').click(),
        page.locator('section.detail [data-snooze] summary').click()
      ),
    },
    {
      name: 'why an item is here',
      who: 'claire',
      open: async (page) => (
        await desk('/')(page),
        await row(page, LONG_TITLE).locator('[data-row]').click(),
        page.locator('section.detail .why summary').click()
      ),
    },
    {
      name: 'the filters open',
      who: 'claire',
      open: async (page) => (
        await desk('/?outil=gta&echeance=retard')(page),
        await page.keyboard.press('f'),
        page.getByLabel('Nom de la vue').waitFor()
      ),
    },
    { name: 'the desk with one tool chosen', who: 'claire', open: desk('/?outil=gta') },
    { name: 'the desk with an item that is gone', who: 'claire', open: desk('/?objet=%24nulle-part') },
    { name: 'what is set aside', who: 'claire', open: desk('/?liste=cote') },
    {
      name: 'what is over',
      who: 'claire',
      open: async (page) => (await desk('/?liste=termine')(page), says(page.locator('main'), 'Terminés')),
    },
    {
      name: 'what a search found',
      who: 'claire',
      open: async (page) => (await desk('/?q=conge')(page), says(page.locator('main'), 'pour « conge »')),
    },
    {
      name: 'several rows chosen',
      who: 'claire',
      open: async (page) => (
        await desk('/')(page),
        await page.keyboard.press('j'),
        await page.keyboard.press('x'),
        says(page.locator('.bulk'), 'Mettre 1 de côté')
      ),
    },
    {
      name: 'the palette',
      who: 'claire',
      open: async (page) => (await desk('/')(page), await page.keyboard.press('Control+k'), page.locator('dialog input').waitFor()),
    },
    {
      name: 'the list of keys',
      who: 'claire',
      open: async (page) => (await desk('/')(page), await page.keyboard.press('?'), says(page.locator('dialog'), 'Raccourcis clavier')),
    },
    {
      name: 'a task being added',
      who: 'claire',
      open: async (page) => (await desk('/')(page), await page.keyboard.press('n'), page.locator('dialog input').first().waitFor()),
    },
    { name: 'the settings', who: 'claire', open: desk('/reglages') },
    { name: 'the thread', who: 'claire', open: desk('/fil') },
    {
      name: 'the rooms',
      who: 'claire',
      open: async (page) => (await desk('/salons')(page), says(page.locator('main'), 'Travaux rue Haute')),
    },
    {
      name: 'a room',
      who: 'claire',
      open: async (page) => (await desk(`/salons/${encodeURIComponent(room)}`)(page), says(page.locator('[role="log"]'), 'Voici')),
    },
    {
      name: 'a room that is not hers',
      who: 'claire',
      open: async (page) => (await desk('/salons/!nulle-part')(page), says(page.locator('main'), 'Ce salon n’existe pas')),
    },
    { name: 'the undo line', who: 'paul', open: async (page) => (await desk('/')(page), setAside(trial, page)) },
    {
      name: 'the first visit',
      who: 'marc',
      open: async (page) => (await desk('/')(page), says(page.locator('main'), 'Voici votre bureau')),
    },
    {
      name: 'an empty desk',
      who: 'marc',
      open: async (page) => (
        await desk('/')(page),
        await page.locator('button', { hasText: 'C’est parti' }).click(),
        says(page.locator('main'), 'Tout est à jour')
      ),
    },
    {
      name: 'the desk offline',
      who: 'claire',
      open: async (page) => (
        await desk('/')(page),
        await page.context().setOffline(true),
        says(page.locator('main'), 'Votre poste est hors ligne.')
      ),
    },
  ];
}

/** Something new for Paul, set aside at once. */
export async function setAside(trial: Started, page: Page): Promise<void> {
  const title = `À ranger ${String(Date.now())}`;
  await trial.post('gta', upsert('paul.vidal', { key: title, title }));
  await row(page, title).locator('[data-row]').focus();
  await page.keyboard.press('e');
  await page.locator('.undo').waitFor();
}

/**
 * The whole path once: a tool posts, the agent sees it appear in her browser, sets it aside by the keyboard, and her other
 * Matrix client sees the same; then the other way round. One trial, one browser, one client, nothing pretended.
 */
import type { MatrixEvent } from 'matrix-js-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { announced, DeskBrowser, row, says, SEEN_MS, titles, type Visit } from '../e2e/desk-browser.ts';
import { bodyOf, OtherClient } from '../support/other-client.ts';
import { type Started, startTrial, upsert } from '../support/started.ts';

const CLAIRE = 'claire.morel';
const TITLE = 'Demande de congé de Paul Vidal';
const LINK = 'https://gta.ville-claire.example/demande/318';
const ASIDE = 'Mis de côté chez vous. Rien n’a été fait dans Congés.';

let trial: Started;
let browser: DeskBrowser;
let desk: Visit;
let phone: OtherClient;
let room: string;
beforeAll(async () => {
  trial = await startTrial();
  browser = await DeskBrowser.launch(trial);
  desk = await browser.open(CLAIRE);
  phone = await OtherClient.open(trial, CLAIRE);
  room = await phone.deskRoom();
  await desk.page.evaluate(() => Reflect.set(globalThis, 'neverReloaded', true));
});
afterAll(async () => {
  phone.close();
  await browser.close();
  await trial.stop();
});

/** In the page that was opened at the beginning, and nowhere else. */
async function withoutReload(): Promise<void> {
  expect(await desk.page.evaluate(() => Boolean(Reflect.get(globalThis, 'neverReloaded')))).toBe(true);
}

const isListed = (title: string) => expect.poll(() => titles(desk.page), { timeout: SEEN_MS }).toContain(title);
const isNotListed = (title: string) => expect.poll(() => titles(desk.page), { timeout: SEEN_MS }).not.toContain(title);

describe('from the tool to the browser, and on to another client', () => {
  it('a signed event appears on the open desk, is announced politely, and the title counts it', async () => {
    expect(await desk.page.title()).toBe('À traiter · Écritoire');
    const due = { dueAt: new Date(Date.now() + 40 * 86_400_000).toISOString() };
    const item = { key: 'demande/318', title: TITLE, kind: 'absence', url: LINK, people: [{ role: 'by', name: 'Paul Vidal' }], ...due };
    expect((await trial.post('gta', upsert(CLAIRE, item, { reason: 'valideuse' }))).status).toBe(202);
    await isListed(TITLE);
    await says(announced(desk.page), `Nouvel élément à traiter : ${TITLE}`);
    await expect.poll(() => desk.page.title()).toBe('(1) À traiter · Écritoire');
    await says(row(desk.page, TITLE), 'Absence · Paul Vidal · vous : valideuse');
    await withoutReload();
  });

  it('another client reads it as a French sentence of the tool’s bot, with its link', async () => {
    const message = await phone.item(room, TITLE);
    expect(message.getSender()).toBe('@ecritoire_gta:desk.localhost');
    expect(message.getContent()).toMatchObject({ msgtype: 'm.text', external_url: LINK });
    expect(message.getContent()['format']).toBeUndefined();
    const [opening, asking, link, ...rest] = bodyOf(message).split('\n');
    expect(opening).toBe(`À traiter dans Congés\u00a0: ${TITLE}`);
    expect(asking).toMatch(/^Demandé par Paul Vidal · vous êtes valideuse · avant \p{L}+ \d/u);
    expect([link, ...rest]).toEqual([LINK]);
  });

  it('set aside by the E key, it leaves the list, and the undo line says that nothing was done at the tool', async () => {
    await desk.page.keyboard.press('j');
    await desk.page.keyboard.press('e');
    await isNotListed(TITLE);
    await says(desk.page.locator('.undo'), `« ${TITLE} » mis de côté chez vous. Rien n’a été fait dans Congés.`);
    await says(announced(desk.page), `« ${TITLE} » mis de côté chez vous.`);
    await expect.poll(() => desk.page.title()).toBe('À traiter · Écritoire');
  });

  it('taken back by the Z key while the line stands, it is listed again', async () => {
    await desk.page.keyboard.press('z');
    await isListed(TITLE);
    await expect.poll(() => desk.page.title()).toBe('(1) À traiter · Écritoire');
    await withoutReload();
  });

  it('the other client sees what came of the request, that it was taken back, and the item’s message unchanged', async () => {
    const message = await phone.item(room, TITLE);
    const outcome = await phone.event(room, (event) => event.getType() === 'fr.ecritoire.outcome', 'the outcome');
    expect(outcome.getSender()).toBe('@ecritoire_desk:desk.localhost');
    expect(outcome.getContent()).toMatchObject({ outcome: 'confirmed' });
    const redacts = (event: MatrixEvent): unknown => event.event.redacts ?? event.getContent()['redacts'];
    const request: unknown = outcome.getContent()['request'];
    const redaction = await phone.event(room, (event) => event.isRedaction() && redacts(event) === request, 'the redaction');
    expect(redaction.getSender()).toBe('@claire.morel:desk.localhost');
    expect(message.replacingEventId()).toBeUndefined();
  });
});

describe('from another client to the browser', () => {
  let reaction: string;

  it('✅ sets the item aside in the open page, and the desk bot says so', async () => {
    const message = await phone.item(room, TITLE);
    reaction = await phone.react(room, message.getId() ?? '', '✅');
    await isNotListed(TITLE);
    const outcome = await phone.said(room, ASIDE);
    expect(outcome.getContent()['fr.ecritoire.outcome']).toMatchObject({ request: reaction });
    await expect.poll(() => desk.page.title()).toBe('À traiter · Écritoire');
    await withoutReload();
  });

  it('removing the ✅ brings it back', async () => {
    await phone.client.redactEvent(room, reaction);
    await isListed(TITLE);
    await phone.event(room, (event) => bodyOf(event).startsWith('Annulé'), 'the outcome of the removal');
    await expect.poll(() => desk.page.title()).toBe('(1) À traiter · Écritoire');
    await withoutReload();
  });

  it('what she writes in her desk room stands in the thread of the browser, and the other way round', async () => {
    await desk.page.locator('.switch a[href="/fil"], .rail a[href="/fil"]').first().click();
    await desk.page.locator('textarea').waitFor();
    await phone.client.sendTextMessage(room, 'Je regarde cela depuis le train.');
    await says(desk.page.locator('[role="log"]'), 'Je regarde cela depuis le train.');
    await desk.page.locator('textarea').fill('Bien reçu, merci.');
    await desk.page.keyboard.press('Enter');
    const heard = await phone.said(room, 'Bien reçu, merci.');
    expect(heard.getSender()).toBe('@claire.morel:desk.localhost');
    await says(desk.page.locator('[role="log"]'), 'Bien reçu, merci.');
    await withoutReload();
  });
});

it('through all of it the page did nothing it may not', () => {
  expect(desk.faults).toEqual({ console: [], broken: [], policy: [], strangers: [] });
});

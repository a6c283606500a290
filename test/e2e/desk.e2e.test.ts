/** The desk as people use it: who gets in, what each of them finds, long lists, changes as they happen, rooms, signing out. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { open as openCold, sizes } from '../bench/support/first-load.ts';
import { postEvents, readSecret } from '../support/hook.ts';
import { OtherClient } from '../support/other-client.ts';
import { personOf } from '../support/people.ts';
import { type Started, startTrial, upsert } from '../support/started.ts';
import { announced, DeskBrowser, goDown, live, row, says, SEEN_MS, titles, type Visit } from './desk-browser.ts';

let trial: Started;
let browser: DeskBrowser;
const visits: Visit[] = [];
beforeAll(async () => {
  trial = await startTrial();
  browser = await DeskBrowser.launch(trial);
});
afterEach(async () => {
  await Promise.all(visits.map(({ context }) => context.close())); // what they did wrong stays noted
});
afterAll(async () => {
  await browser.close();
  await trial.stop();
});

const open = async (...args: Parameters<DeskBrowser['open']>): Promise<Visit> => {
  const visit = await browser.open(...args);
  visits.push(visit);
  return visit;
};

async function post(
  login: string,
  title: string,
  { connection = 'gta', reason = 'valideuse', ...item }: Record<string, unknown> & { connection?: string; reason?: string } = {},
): Promise<void> {
  const answer = await trial.post(connection, upsert(login, { key: title.slice(0, 150), title, ...item }, { reason }));
  expect(answer.status, await answer.clone().text()).toBe(202);
}
const lists = (page: Visit['page'], title: string) => expect.poll(() => titles(page), { timeout: SEEN_MS }).toContain(title);
const listsNot = (page: Visit['page'], title: string) => expect.poll(() => titles(page), { timeout: SEEN_MS }).not.toContain(title);

describe('someone', () => {
  it('of two towns has both desks in one list, each row with its town, and two threads', async () => {
    await post('nadia.benali', 'Marché de voirie à relire');
    await trial.post('rivebelle-idelibre', upsert('nadia.benali', { key: 'seance/7', title: 'Convocation au conseil' }));
    const { page } = await open('nadia.benali');
    await lists(page, 'Marché de voirie à relire');
    await lists(page, 'Convocation au conseil');
    await says(row(page, 'Marché de voirie à relire').locator('.tag'), 'Ville-Claire');
    await says(row(page, 'Convocation au conseil').locator('.tag'), 'Rivebelle');
    await expect.poll(() => page.title()).toBe('(2) À traiter · Écritoire');
    await page.goto(`${trial.run.web}/fil?bureau=rivebelle`);
    await says(page.locator('[role="log"]'), 'Convocation au conseil');
    expect(await page.locator('[role="log"]').innerText()).not.toContain('Marché de voirie');
  });

  it('known only in the other town is unknown to this town’s tools', async () => {
    const answer = await trial.post('gta', upsert('bruno.leroy', { key: 'ailleurs/1', title: 'Pour l’autre ville' }));
    expect(await answer.json()).toMatchObject({ accepted: 1, waiting: 1 });
    const { page } = await open('bruno.leroy');
    expect(await titles(page)).not.toContain('Pour l’autre ville');
  });

  it('nobody knew signs in and finds what waited for her', async () => {
    const answer = await trial.post('gta', upsert('lea.fontaine', { key: 'arrivee/1', title: 'Badge à retirer à l’accueil' }));
    expect(await answer.json()).toMatchObject({ accepted: 1, waiting: 1 });
    const { page } = await open('lea.fontaine');
    await lists(page, 'Badge à retirer à l’accueil');
    await says(page.locator('h1'), 'Bonjour Léa');
  });

  it('of a town without a desk is told so in French, and nothing is opened', async () => {
    const { page, context } = await browser.sit();
    await browser.signIn(page, 'tom.garnier');
    await says(page.locator('[role="alert"]'), 'Votre collectivité n’utilise pas Écritoire');
    await page.goto(`${trial.run.web}/`);
    expect(new URL(page.url()).pathname).toBe('/connexion');
    await context.close();
  });
});

describe('hostile text from a tool', () => {
  const SCRIPT = '<script>globalThis.pwned = 1</script><img src=x onerror="globalThis.pwned = 1">';

  it('stays text in the list, the detail and the thread', async () => {
    await post('paul.vidal', SCRIPT, {
      key: 'hostile/1',
      summary: '</script><svg onload=alert(1)> {@html 1} **gras** [lien](javascript:alert(1))',
      reason: '<b>moi</b>',
      people: [{ role: 'by', name: '<a href="javascript:alert(1)">Robert</a>' }],
      documents: [{ name: '"><iframe src=javascript:alert(1)>', url: 'https://gta.ville-claire.example/d' }],
    });
    const { page } = await open('paul.vidal');
    await lists(page, SCRIPT);
    await row(page, 'pwned').locator('[data-row]').click();
    await says(page.locator('section.detail'), '"><iframe src=javascript:alert(1)>');
    expect(await page.locator('section.detail :is(script, iframe, img, b, svg[onload])').count()).toBe(0);
    expect(await page.locator('a[href^="javascript:" i]').count()).toBe(0);
    await page.goto(`${trial.run.web}/fil`);
    await says(page.locator('[role="log"]'), SCRIPT);
    expect(await page.evaluate(() => 'pwned' in globalThis)).toBe(false);
  });

  it('as the name of an action keeps the row and the detail within the screen', async () => {
    const label = 'Lesigner'.repeat(25);
    const actions = [{ id: 'signer', label, risk: 'red', href: 'https://gta.ville-claire.example/s' }];
    await post('paul.vidal', 'Une action au nom sans fin', { key: 'hostile/2', actions });
    const { page } = await open('paul.vidal');
    await lists(page, 'Une action au nom sans fin');
    const title = await row(page, 'sans fin').locator('h3').boundingBox();
    expect(title?.width).toBeGreaterThan(200);
    await page.setViewportSize({ width: 320, height: 640 });
    await row(page, 'sans fin').locator('[data-row]').click();
    await says(page.locator('section.detail'), label);
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  });

  it('of a megabyte is refused, of half of it shortened, and characters that turn text round are gone', async () => {
    const { page } = await open('paul.vidal');
    const tooLong = await trial.post('gta', upsert('paul.vidal', { key: 'long/1', title: 'x'.repeat(1_000_000) }));
    expect(tooLong.status).toBe(413);
    await post('paul.vidal', `Interminable ${'très '.repeat(80_000)}`, { key: 'long/2' });
    await expect.poll(async () => (await titles(page)).some((title) => title.startsWith('Interminable')), { timeout: SEEN_MS }).toBe(true);
    const long = (await titles(page)).find((title) => title.startsWith('Interminable')) ?? '';
    expect(long).toMatch(/…$/);
    expect(Array.from(long).length).toBeLessThanOrEqual(200);
    await post('paul.vidal', 'Facture \u202egpj.exe\u202c\u0007 à payer', { key: 'bidi/1' });
    await lists(page, 'Facture gpj.exe à payer');
  });
});

describe('the page', () => {
  it('holds no access token anywhere a script could look, and asks nobody else for anything', async () => {
    const { page, context, faults } = await open('marc.roche');
    const deviceToken = /syt_[A-Za-z0-9_]+|mat_[A-Za-z0-9_]+/;
    const drawn = await (await context.request.get(`${trial.run.web}/`)).text();
    const held = await page.evaluate(
      () => document.documentElement.outerHTML + JSON.stringify([localStorage, sessionStorage]) + document.cookie,
    );
    for (const text of [drawn, held]) {
      expect(text).not.toMatch(deviceToken);
      expect(text).not.toContain('accessToken');
    }
    expect(await page.evaluate(() => [document.cookie, localStorage.length, sessionStorage.length])).toEqual(['', 0, expect.any(Number)]);
    expect(faults.console.join('\n')).not.toMatch(deviceToken);
    expect(faults.strangers).toEqual([]);
  });

  it('reaches the homeserver only with its own header', async () => {
    const { page, context } = await browser.open('marc.roche');
    const asked = (headers: Record<string, string>) =>
      page.evaluate(async (sent) => (await fetch('/_matrix/client/v3/joined_rooms', { headers: sent })).status, headers);
    expect(await asked({ 'x-ecritoire': '1' })).toBe(200);
    expect(await asked({})).toBe(403);
    await context.close();
  });
});

describe('a list of 130 items', () => {
  const MANY = 130;
  const NAMES = Array.from({ length: MANY }, (_, at) => `Demande n° ${String(at + 1).padStart(3, '0')}`);

  it('shows its first screen with the true numbers, then the rest to the last one', async () => {
    await postMany('ines.faure', 'rivebelle-actes', NAMES.slice(0, 100));
    await postMany('ines.faure', 'rivebelle-idelibre', NAMES.slice(100));
    const { page, context } = await open('ines.faure');
    const total = async (): Promise<number> => Number(/^\((\d+)\)/.exec(await page.title())?.[1] ?? 0);
    await expect.poll(total, { timeout: 60_000 }).toBe(MANY);
    const drawn = async (): Promise<string> => (await context.request.get(`${trial.run.web}/`)).text();
    await expect.poll(drawn, { timeout: SEEN_MS }).toContain(`(${String(MANY)}) À traiter`); // the tools' states follow within 10 s
    await page.reload();
    await live(page);
    expect(await total()).toBe(MANY);
    expect(await indicators(page)).toEqual({ Actes: 100, 'i-delibRE': 30 });
    expect((await titles(page)).length).toBeLessThan(MANY);
    await expect.poll(async () => (await goDown(page)).sort(), { timeout: SEEN_MS }).toEqual(NAMES);
    await expect.poll(() => total()).toBe(MANY);
    await expect.poll(() => indicators(page)).toEqual({ Actes: 100, 'i-delibRE': 30 });
  });

  it('leaves only one tool’s rows when that tool is chosen, by an address that can be kept', async () => {
    const { page } = await open('ines.faure');
    await page.locator('.tool', { hasText: 'i-delibRE' }).click();
    await page.waitForURL('**/?outil=rivebelle-idelibre');
    const shown = await titles(page);
    expect(shown.every((title) => NAMES.indexOf(title) >= 100)).toBe(true);
    expect(shown.length).toBeGreaterThan(0);
    await says(page.locator('.filtered'), 'Outil : i-delibRE');
    await page.locator('.filtered a', { hasText: 'i-delibRE' }).click();
    await page.waitForURL(`${trial.run.web}/`);
  });

  /** One batch, as a tool would send them. */
  async function postMany(login: string, connection: string, names: readonly string[]): Promise<void> {
    const { hook, secretFile } = trial.run.connections.find(({ id }) => id === connection) ?? { hook: '', secretFile: '' };
    const time = new Date().toISOString();
    const events = names.map((title, at) => {
      const dueAt = at % 3 === 0 ? undefined : new Date(Date.now() + (at - 20) * 86_400_000).toISOString().slice(0, 10);
      const data = { op: 'upsert', to: [{ mail: personOf(login).mail }], item: { key: title, title, dueAt } };
      return {
        specversion: '1.0' as const,
        id: `${connection}-${title}`,
        source: 'urn:essai:beaucoup',
        type: 'fr.collectivite.essai',
        time,
        data,
      };
    });
    const answer = await postEvents({ url: hook, secret: await readSecret(secretFile) }, events);
    expect(await answer.json()).toMatchObject({ accepted: names.length });
  }
});

/** Each tool's number, by its name. */
async function indicators(page: Visit['page']): Promise<Record<string, number>> {
  const tools = await page.locator('.tool').all();
  const pairs = await Promise.all(
    tools.map(
      async (tool) =>
        [
          (await tool.locator('.name span').nth(1).innerText()).trim(),
          Number.parseInt(await tool.locator('strong').innerText(), 10),
        ] as const,
    ),
  );
  return Object.fromEntries(pairs);
}

describe('while the page is open', () => {
  it('a revision changes the row in place, a close takes it away, and the numbers follow', async () => {
    const { page } = await open('claire.morel');
    await post('claire.morel', 'Facture 12', { connection: 'astre', revision: 1 });
    await lists(page, 'Facture 12');
    await post('claire.morel', 'Facture 12, rectifiée', { connection: 'astre', key: 'Facture 12', revision: 3 });
    await lists(page, 'Facture 12, rectifiée');
    await post('claire.morel', 'Facture 12, plus ancienne', { connection: 'astre', key: 'Facture 12', revision: 2 });
    await post('claire.morel', 'Une autre');
    await lists(page, 'Une autre');
    await expect.poll(() => titles(page)).toContain('Facture 12, rectifiée');
    await expect.poll(() => page.title()).toBe('(2) À traiter · Écritoire');
    const close = { op: 'close', item: { key: 'Facture 12', revision: 4 } };
    expect((await trial.post('astre', close)).status).toBe(202);
    await listsNot(page, 'Facture 12, rectifiée');
    await expect.poll(() => page.title()).toBe('(1) À traiter · Écritoire');
    await expect.poll(async () => (await indicators(page))['Astre'], { timeout: SEEN_MS }).toBe(0);
  });

  it('several arrivals at once are announced together, none of them left out', async () => {
    const { page } = await open('claire.morel');
    const heard = await listen(page);
    await Promise.all(['Trois', 'Quatre', 'Cinq', 'Six'].map((title) => post('claire.morel', title)));
    const counted = async (): Promise<number> =>
      (await heard()).reduce((sum, text) => sum + Number(/^(\d+) nouveaux/.exec(text)?.[1] ?? 1), 0);
    await expect.poll(counted, { timeout: SEEN_MS }).toBe(4);
    expect((await heard()).length).toBeLessThan(4);
    for (const title of ['Trois', 'Quatre', 'Cinq', 'Six']) await lists(page, title);
  });

  it('an item put off leaves the list, stands among what is set aside, and comes back from there', async () => {
    const { page } = await open('claire.morel');
    await page.locator('[data-row]', { hasText: 'Trois' }).click();
    await page.locator('section.detail [data-snooze] summary').click();
    await page.locator('section.detail [data-snooze] button', { hasText: 'Demain matin' }).click();
    await listsNot(page, 'Trois');
    await page.locator('.end a[href="/?liste=cote"]').click();
    await page.locator('li', { hasText: 'Trois' }).locator('button', { hasText: 'Remettre à traiter' }).click();
    await listsNot(page, 'Trois');
    await page.goto(`${trial.run.web}/`);
    await lists(page, 'Trois');
  });
});

/** What the polite region has said from now on, in order. */
async function listen(page: Visit['page']): Promise<() => Promise<string[]>> {
  const said = await announced(page).evaluateHandle((element) => {
    const texts: string[] = [];
    new MutationObserver(() => texts.push(element.textContent)).observe(element, { childList: true, characterData: true, subtree: true });
    return texts;
  });
  return () => said.jsonValue();
}

describe('her other rooms', () => {
  it('stand beside the desk with their unread count; one is opened, read and written in', async () => {
    const paul = await OtherClient.open(trial, 'paul.vidal');
    try {
      const made = await paul.client.createRoom({ name: 'Travaux rue Haute', invite: ['@claire.morel:desk.localhost'] });
      const { page, faults } = await open('claire.morel');
      const link = page.locator('.rail a', { hasText: 'Travaux rue Haute' });
      await link.click();
      await page.locator('button', { hasText: 'Rejoindre' }).click();
      await page.locator('textarea').waitFor();
      await expect.poll(() => link.locator('.n').count(), { timeout: SEEN_MS }).toBe(0); // the invitation is read by now
      await page.goto(`${trial.run.web}/`);
      await live(page);
      await paul.client.sendTextMessage(made.room_id, 'La chaussée est ouverte.');
      await says(link.locator('.n'), '1');
      await link.click();
      await says(page.locator('[role="log"]'), 'La chaussée est ouverte.');
      await page.locator('textarea').fill('Merci, je préviens les riverains.');
      await page.keyboard.press('Enter');
      await paul.said(made.room_id, 'Merci, je préviens les riverains.');
      await expect.poll(() => link.locator('.n').count(), { timeout: SEEN_MS }).toBe(0);
      expect(faults.policy).toEqual([]);
    } finally {
      paul.close();
    }
  });
});

describe('signing out', () => {
  it('ends the session at both ends: going back shows the sign-in page, and the device is gone', async () => {
    const { page, context } = await browser.openAnew('marc.roche');
    const phone = await OtherClient.open(trial, 'marc.roche');
    try {
      const devices = async () => (await phone.client.getDevices()).devices.map((device) => device.device_id);
      const before = await devices();
      await page.locator('.rail button', { hasText: 'Se déconnecter' }).click();
      await page.waitForURL((url) => url.origin === trial.run.web && url.pathname === '/connexion');
      await says(page.locator('main'), 'Vous êtes déconnecté.');
      await page.goto(`${trial.run.web}/`);
      expect(new URL(page.url()).pathname).toBe('/connexion');
      for (let steps = 0; steps < 4; steps += 1) {
        await page.goBack().catch(() => undefined); // a form's page is not shown again, and that is as good
        await page.waitForLoadState();
        expect(await page.locator('.app').count(), page.url()).toBe(0);
      }
      const after = await devices();
      expect(before.filter((device) => !after.includes(device))).toHaveLength(1);
      expect(after).toContain(phone.client.getDeviceId());
    } finally {
      phone.close();
      await context.close();
    }
  });

  it('elsewhere leads the open page to the sign-in page, which says why', async () => {
    const { page, context } = await browser.openAnew('bruno.leroy');
    const { origin, pathname } = new URL('/auth/logout', trial.run.web);
    const answer = await context.request.post(origin + pathname, { headers: { origin }, form: {}, maxRedirects: 0 });
    expect(answer.status()).toBeLessThan(400);
    // What the page is parked on ends with the next thing that happens there, at the latest after 30 s.
    await trial.post('rivebelle-actes', upsert('bruno.leroy', { key: 'fin/1', title: 'Arrivé après la déconnexion' }));
    await page.waitForURL('**/connexion?erreur=ended', { timeout: 60_000 });
    await says(page.locator('[role="alert"]'), 'Votre session est terminée.');
    await context.close();
  });
});

/** kB of 1,000 bytes on the wire; who adds has to take something out, or to fetch it later. */
const MOST = { kBBeforePaint: 60, kBUntilLive: 110, kBInAll: 260 };

it('weighs little: its first load, with an empty cache, stays within its budget', async () => {
  await post('claire.morel', 'Congé du premier chargement');
  const { page, context } = await open('claire.morel');
  await lists(page, 'Congé du premier chargement');
  const cold = await browser.sit({}, await context.storageState());
  visits.push(cold);
  const weight = sizes([await openCold(cold.page, `${trial.run.web}/`, { live: true })]);
  for (const [name, most] of Object.entries(MOST)) {
    const kB = weight[name as keyof typeof MOST];
    expect(kB, name).toBeGreaterThan(most / 10);
    expect(kB, name).toBeLessThanOrEqual(most);
  }
});

it('in none of these pages was the policy broken, a stranger asked, or anything wrong in the console', () => {
  expect(visits.length).toBeGreaterThan(5);
  for (const { faults } of visits) expect(faults).toEqual({ console: [], broken: [], policy: [], strangers: [] });
});

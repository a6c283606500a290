/** The page when something behind it goes: it says so in words, loses nothing, and recovers by itself. */
import { type ChildProcess } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { type FaultyProxy, startFaultyProxy } from '../support/faulty-proxy.ts';
import { spawnCommand, stopChild, until } from '../support/guarded.ts';
import { type Started, startTrial, upsert } from '../support/started.ts';
import { freePort } from '../support/trial/ports.ts';
import { DeskBrowser, live, row, says, SEEN_MS, titles, type Visit } from './desk-browser.ts';

const CLAIRE = 'claire.morel';
const LONG_MS = 60_000;
const SLIDING = '/org.matrix.simplified_msc3575/sync';
const JSON_TYPE = { 'content-type': 'application/json' };
const UNRECOGNISED = {
  status: 404,
  headers: JSON_TYPE,
  body: JSON.stringify({ errcode: 'M_UNRECOGNIZED', error: 'Unrecognized request' }),
};
const FORGOTTEN = { status: 400, headers: JSON_TYPE, body: JSON.stringify({ errcode: 'M_UNKNOWN_POS', error: 'Connection unknown' }) };

let trial: Started;
let browser: DeskBrowser;
let desk: Visit;
beforeAll(async () => {
  trial = await startTrial();
  browser = await DeskBrowser.launch(trial);
  desk = await browser.open(CLAIRE);
});
afterAll(async () => {
  await browser.close();
  await trial.stop();
});

const post = async (title: string): Promise<void> => {
  const answer = await until(
    async () => {
      const one = await trial.post('gta', upsert(CLAIRE, { key: title, title })).catch(() => undefined);
      return one?.status === 202 ? one : undefined; // a tool tries again
    },
    { withinMs: LONG_MS, everyMs: 250 },
  );
  expect(answer?.status).toBe(202);
};
const lists = (title: string, { page } = desk) => expect.poll(() => titles(page), { timeout: LONG_MS }).toContain(title);
const standing = ({ page } = desk) => page.locator('[data-standing]').first();
const isReady = (part: string, pid: number) =>
  trial.waitFor(({ ready, parts }) => ready && parts.some((one) => one.name === part && one.pid !== pid), { withinMs: LONG_MS });

const mark = (page: Visit['page']) => page.evaluate(() => Reflect.set(globalThis, 'neverReloaded', true));
const isMarked = (page: Visit['page']) => page.evaluate(() => Boolean(Reflect.get(globalThis, 'neverReloaded')));

describe('while the page is open', () => {
  it('a web that is killed is said in words, and the page goes on by itself when it is back', async () => {
    await mark(desk.page);
    await says(standing(), 'En direct');
    const pid = await trial.kill('web');
    await says(desk.page.locator('main [role="status"]'), 'La liaison est coupée, elle reprend d’elle-même.');
    await says(standing(), 'Reconnexion…');
    await isReady('web', pid);
    await post('Arrivé pendant la coupure du web');
    await lists('Arrivé pendant la coupure du web');
    await says(standing(), 'En direct');
    await expect.poll(() => desk.page.locator('main [role="status"] .notice').count()).toBe(0);
    expect(await isMarked(desk.page)).toBe(true);
  });

  it('what she did while the web was away is done when it is back', async () => {
    await post('À ranger pendant la coupure');
    await lists('À ranger pendant la coupure');
    const pid = await trial.kill('web');
    await row(desk.page, 'À ranger pendant la coupure').locator('[data-row]').focus();
    await desk.page.keyboard.press('e');
    await expect.poll(() => titles(desk.page)).not.toContain('À ranger pendant la coupure');
    await isReady('web', pid);
    await says(standing(), 'En direct');
    await desk.page.reload(); // what the rooms hold, not what this page remembers
    await live(desk.page);
    await expect.poll(() => desk.page.locator('.end').innerText(), { timeout: SEEN_MS }).toContain('1 élément mis de côté ou reporté');
    expect(await titles(desk.page)).not.toContain('À ranger pendant la coupure');
  });

  it('an appservice that is killed leaves the page live, and what comes afterwards arrives', async () => {
    const pid = await trial.kill('appservice');
    await says(standing(), 'En direct');
    await desk.page.goto(`${trial.run.web}/`);
    await live(desk.page);
    await lists('Arrivé pendant la coupure du web');
    await isReady('appservice', pid);
    await post('Arrivé après le retour');
    await lists('Arrivé après le retour');
  });

  it('a homeserver that is killed is said in words, and missed by nobody afterwards', async () => {
    await mark(desk.page);
    const pid = await trial.kill('homeserver');
    await says(desk.page.locator('main [role="status"]'), 'La liaison est coupée, elle reprend d’elle-même.');
    await post('Accepté pendant que le serveur était à terre');
    await isReady('homeserver', pid);
    await lists('Accepté pendant que le serveur était à terre');
    await says(standing(), 'En direct');
    expect(await isMarked(desk.page)).toBe(true);
  });

  it('a station without network says that it is offline, and since when', async () => {
    await desk.context.setOffline(true);
    await says(standing(), 'Hors ligne');
    await says(desk.page.locator('main [role="status"]'), 'Votre poste est hors ligne.');
    await says(desk.page.locator('main [role="status"]'), 'Dernière mise à jour à');
    await desk.context.setOffline(false);
    await says(standing(), 'En direct');
  });

  it('a position that the homeserver has forgotten makes the page draw itself anew, without a reload, as soon as the web can', async () => {
    await mark(desk.page);
    let [forgotten, refused] = [0, 0];
    await desk.page.route('**/bureau', async (route) => {
      refused += 1;
      if (refused === 1) return route.abort();
      return refused === 2 ? route.fulfill({ status: 503 }) : route.fallback();
    });
    await desk.page.route(`**${SLIDING}*`, async (route) => {
      if (forgotten > 0) return route.fallback();
      forgotten += 1;
      return route.fulfill(FORGOTTEN);
    });
    await post('Rend la main au serveur'); // ends the parked request; the next is answered by us
    await expect.poll(() => forgotten, { timeout: LONG_MS }).toBe(1);
    await post('Arrivé après l’oubli');
    await lists('Arrivé après l’oubli');
    await lists('Rend la main au serveur');
    await desk.page.unroute(`**${SLIDING}*`);
    await desk.page.unroute('**/bureau');
    expect(refused).toBe(3);
    expect(await isMarked(desk.page)).toBe(true);
  });
});

describe('on a homeserver without sliding sync', () => {
  let proxy: FaultyProxy;
  let web: ChildProcess;
  let address: string;
  let file: string;

  /** A second web with the same keys, whose homeserver does not know the request; cookies know no port. */
  beforeAll(async () => {
    proxy = await startFaultyProxy(Number(new URL(trial.run.homeserver).port));
    proxy.fault = ({ path }) => (path.includes(SLIDING) ? UNRECOGNISED : undefined);
    const port = await freePort();
    address = `http://127.0.0.1:${String(port)}`;
    const config = parse(await readFile(trial.run.config, 'utf8')) as {
      publicUrl: string;
      homeserver: { url: string };
      web: { listen: { port: number } };
    };
    config.publicUrl = address;
    config.homeserver.url = proxy.url;
    config.web.listen.port = port;
    file = join(dirname(trial.run.config), 'sans-sliding-sync.yaml');
    await writeFile(file, stringify(config), { mode: 0o600 });
    web = spawnCommand([process.execPath, fileURLToPath(new URL('../../web/server.ts', import.meta.url)), '--config', file], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const answered = await until(async () => ((await fetch(`${address}/licence`).catch(() => undefined))?.ok ? true : undefined), {
      withinMs: LONG_MS,
      everyMs: 100,
    });
    expect(answered).toBe(true);
  });
  afterAll(async () => {
    await stopChild(web);
    await proxy.stop();
    await rm(file, { force: true });
  });

  it('the desk is drawn and live by classic sync, for the server and for the page', async () => {
    const { page, context } = desk;
    await page.goto(`${address}/`);
    await live(page);
    await mark(page);
    await lists('Arrivé après l’oubli');
    await post('Arrivé par l’ancien chemin');
    await lists('Arrivé par l’ancien chemin');
    expect(await isMarked(page)).toBe(true);
    expect(proxy.seen.filter(({ path }) => path.includes(SLIDING))).toHaveLength(1);
    expect(proxy.seen.filter(({ path }) => path.includes('/v3/sync')).length).toBeGreaterThan(1);
    await row(page, 'Arrivé par l’ancien chemin').locator('[data-row]').focus();
    await page.keyboard.press('e');
    await expect.poll(() => titles(page)).not.toContain('Arrivé par l’ancien chemin');
    await context.close();
  });
});

/**
 * `cold`: an agent with 300 other rooms opens her desk with an empty cache, then once more. How much is sent before the first paint
 * and until the desk is live, and when the true numbers are painted; the floor is a static page with the same rows and style sheet
 * from the same server, without a script. Bytes are those on the wire (compressed), answer headers included.
 */
import type { ChildProcess } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { parse, stringify } from 'yaml';
import { requireChromium } from '../support/chromium.ts';
import { spawnCommand, stopChild, until } from '../support/guarded.ts';
import { type Started, startTrial, upsert } from '../support/started.ts';
import { freePort } from '../support/trial/ports.ts';
import type { Found } from './found.ts';
import { median } from './support/figures.ts';
import { open, type Opened, sizes } from './support/first-load.ts';

const AGENT = 'claire.morel';
const OTHER_ROOMS = 300;
const ITEMS = 60;
const RUNS = 11;
const FLOOR_WEB = fileURLToPath(new URL('./floor-web.ts', import.meta.url));
const FLOOR_PATH = '/etalon.html';

export async function cold(say: (line: string) => void): Promise<Found> {
  const executablePath = requireChromium({ say });
  let browser: Browser | undefined;
  let trial: Started | undefined;
  let floor: Floor | undefined;
  try {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    trial = await startTrial();
    await furnish(trial, say);
    floor = await startFloor(trial, await drawFloor(browser, trial));
    return await measure(browser, trial, { floorUrl: floor.url, say });
  } finally {
    await browser?.close();
    if (floor) await stopChild(floor.web);
    await trial?.stop();
  }
}

type Floor = { url: string; web: ChildProcess };

/** The web once more, on a port of its own, with the floor's page. */
async function startFloor(trial: Started, html: string): Promise<Floor> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${String(port)}`;
  const folder = dirname(trial.run.config);
  const config = parse(await readFile(trial.run.config, 'utf8')) as { publicUrl: string; web: { listen: { port: number } } };
  config.publicUrl = origin;
  config.web.listen.port = port;
  const [file, page] = [join(folder, 'etalon.yaml'), join(folder, 'etalon.html')];
  await writeFile(file, stringify(config), { mode: 0o600 });
  await writeFile(page, html);
  const web = spawnCommand([process.execPath, FLOOR_WEB, '--config', file, '--page', page], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const url = origin + FLOOR_PATH;
  const answer = await until(() => fetch(url).catch(() => undefined), { withinMs: 30_000, everyMs: 100 });
  const rows = ((await answer?.text()) ?? '').split('data-row').length - 1;
  if (rows !== ITEMS) throw new Error(`the floor's page has ${String(rows)} rows, not ${String(ITEMS)}`);
  return { url, web };
}

/** 60 items on the desk and 300 rooms beside it. */
async function furnish(trial: Started, say: (line: string) => void): Promise<void> {
  const DAY_MS = 86_400_000;
  for (let at = 0; at < ITEMS; at += 1) {
    const dueAt = at % 4 === 0 ? undefined : new Date(Date.now() + (at - 8) * 0.3 * DAY_MS).toISOString();
    const item = {
      key: `cold/${String(at)}`,
      title: `Demande de congé n° ${String(at + 1)} à valider par le service`,
      dueAt,
      summary: 'Du 7 au 11 décembre',
    };
    const answer = await trial.post('gta', upsert(AGENT, item, { reason: 'valideuse' }));
    if (answer.status !== 202) throw new Error(`the door answered ${String(answer.status)}`);
  }
  const { accessToken } = await trial.matrixLogin(AGENT);
  for (let at = 0; at < OTHER_ROOMS; at += 1) {
    const made = await fetch(`${trial.run.homeserver}/_matrix/client/v3/createRoom`, {
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}` },
      body: JSON.stringify({ name: `Salon ${String(at + 1)}`, preset: 'private_chat' }),
    });
    if (!made.ok) throw new Error(`createRoom answered ${String(made.status)}`);
    await made.body?.cancel();
    if ((at + 1) % 50 === 0) say(`${String(at + 1)} rooms made`);
  }
}

export async function signIn(browser: Browser, trial: Started): Promise<BrowserContext> {
  const context = await browser.newContext({ locale: 'fr-FR', viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(`${trial.run.web}/auth/login/essai`);
  await page.locator(`button[value="${AGENT}"]`).click();
  await page.locator('[data-live]').waitFor();
  await page.close();
  return context;
}

/** The desk as the server draws it, without its scripts. */
async function drawFloor(browser: Browser, trial: Started): Promise<string> {
  const context = await signIn(browser, trial);
  const drawn = await (await context.request.get(`${trial.run.web}/`)).text();
  await context.close();
  const rows = drawn.split('data-row').length - 1;
  if (rows !== ITEMS) throw new Error(`the desk is drawn with ${String(rows)} rows, not ${String(ITEMS)}`);
  return drawn.replaceAll(/<script\b[^]*?<\/script>/g, '').replaceAll(/<link\b[^>]*rel="modulepreload"[^>]*>/g, '');
}

/** Twice the same address: the second time with what the first has left in the cache. */
type Visits = { first: Opened; second: Opened };

async function measure(
  browser: Browser,
  trial: Started,
  { floorUrl, say }: { floorUrl: string; say: (line: string) => void },
): Promise<Found> {
  const signedIn = await signIn(browser, trial);
  const cookies = await signedIn.storageState();
  await signedIn.close();
  const ours: Visits[] = [];
  const floor: Visits[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const visit = async (url: string, live: boolean): Promise<Visits> => {
      const context = await browser.newContext({ storageState: cookies, locale: 'fr-FR', viewport: { width: 1440, height: 900 } });
      try {
        const first = await open(await context.newPage(), url, { live });
        return { first, second: await open(await context.newPage(), url, { live }) };
      } finally {
        await context.close();
      }
    };
    ours.push(await visit(`${trial.run.web}/`, true));
    floor.push(await visit(floorUrl, false));
    say(`run ${String(run + 1)} of ${String(RUNS)}`);
  }
  for (const { open: shown } of ours.flatMap(({ first, second }) => [first, second]))
    if (shown !== ITEMS) throw new Error(`the first paint says ${String(shown)} items, not ${String(ITEMS)}`);
  const of = (visits: readonly Visits[], read: (one: Opened) => number) => ({
    first: median(visits.map(({ first }) => read(first))),
    second: median(visits.map(({ second }) => read(second))),
  });
  const painted = { ours: of(ours, ({ paintedMs }) => paintedMs), floor: of(floor, ({ paintedMs }) => paintedMs) };
  const liveMs = of(ours, (one) => one.liveMs);
  return {
    ours: {
      ...sizes(ours.map(({ first }) => first)),
      paintedMs: painted.ours.first,
      liveMs: liveMs.first,
      liveAfterPaintMs: of(ours, (one) => one.liveMs - one.paintedMs).first,
      secondPaintedMs: painted.ours.second,
      secondLiveMs: liveMs.second,
    },
    floor: {
      paintedMs: painted.floor.first,
      secondPaintedMs: painted.floor.second,
      kBBeforePaint: sizes(floor.map(({ first }) => first)).kBBeforePaint,
    },
    ratio: {
      painted: painted.ours.first / painted.floor.first,
      secondPainted: painted.ours.second / painted.floor.second,
    },
    runs: RUNS,
  };
}

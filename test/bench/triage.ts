/**
 * `triage`: an agent works with 2,000 items on her desk. From a key to the frame that shows what it did, from a choice of the filter and a
 * letter of the search to theirs, from an act to its confirmation on the card, and what the page holds in memory. The floor is the same page
 * without our script (its rows, its style sheet, a listener of five lines that moves the focus), and an act through a bare homeserver.
 */
import { readFile } from 'node:fs/promises';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import { requireChromium } from '../support/chromium.ts';
import { until } from '../support/guarded.ts';
import { type Started, upsert } from '../support/started.ts';
import { startActingTrial } from '../support/vendor.ts';
import { signIn } from './cold.ts';
import type { Found } from './found.ts';
import { percentile } from './support/figures.ts';
import { act } from './triage/act.ts';
import { actFloor } from './triage/floor.ts';

const AGENT = 'claire.morel';
const ITEMS = 2000;
const AT_ONCE = 20;
const TURNS = 20; // of the keys below
const KEYS = ['j', 'j', 'x', 'x', 'k', 'p', 'z', 'u', 'e', 'z'];
const FILTERS = 30;
const SEARCHES = 10;
const ACTS = 12;
const AMBER_ACTS = 4;
const TOOL_MS = 400; // what a quick tool takes to answer
const SLOW_TOOL_MS = 1_000; // one that is asked over SOAP
const UNDO_MS = 5_000; // what an amber act can be called back in, unless she has chosen otherwise
const GAP_MS = 60;
const P95 = 0.95;
const LONG_MS = 240_000;
const NAMES = ['Demande de congé', 'Facture à viser', 'Convention à signer', 'Arrêté de voirie', 'Courrier à instruire'];
const ACTIONS = [
  { id: 'prendre', label: 'Prendre en charge', risk: 'green' },
  { id: 'valider', label: 'Valider', risk: 'amber' },
];

export async function triage(say: (line: string) => void): Promise<Found> {
  const executablePath = requireChromium({ say });
  let browser: Browser | undefined;
  const stage = await startActingTrial();
  try {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    const cookies = await (await signIn(browser, stage.trial)).storageState();
    await furnish(stage.trial, say);
    const context = await browser.newContext({ storageState: cookies, locale: 'fr-FR', viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await page.addInitScript(watchKeys);
    await showAll(page, stage.trial);
    say('all of them are on the page');
    const memory = await memoryOf(page);
    const keys = await pressKeys(page, KEYS);
    say(`keys: ${percentile(keys, P95).toFixed(0)} ms`);
    const filters = await filter(page);
    const search = await searchFor(page);
    say('keys, filters and search are measured');
    const answerAfter = (afterMs: number): void => {
      stage.vendor.answer = ({ data }) => ({
        status: 200,
        afterMs,
        body: { item: { key: data.item.key, title: data.item.key, state: 'done' } },
      });
    };
    answerAfter(SLOW_TOOL_MS);
    const slow = await act(page, 'Prendre en charge', { times: ACTS });
    answerAfter(TOOL_MS);
    const acts = await act(page, 'Prendre en charge', { times: ACTS });
    say(`acts: ${percentile(acts, 0.5).toFixed(0)} ms`);
    const amber = await act(page, 'Valider', { times: AMBER_ACTS, isAmber: true });
    const floor = await pressKeys(await floorPage(page), ['j', 'j', 'j', 'k']);
    const bare = percentile(await actFloor({ acts: ACTS, toolMs: TOOL_MS }), 0.5);
    const figures = { keyToPaintMsP50: percentile(keys, 0.5), keyToPaintMsP95: percentile(keys, P95) };
    return {
      ours: {
        ...figures,
        filterMsP95: percentile(filters, P95),
        searchMsP95: percentile(search, P95),
        actConfirmedMsP50: percentile(acts, 0.5),
        actConfirmedMsP95: percentile(acts, P95),
        slowActConfirmedMsP50: percentile(slow, 0.5),
        amberConfirmedMsP50: percentile(amber, 0.5),
        ...memory,
      },
      floor: { keyToPaintMsP50: percentile(floor, 0.5), keyToPaintMsP95: percentile(floor, P95), actConfirmedMsP50: bare },
      // By the tool's own answer time (and its undo window), beside what a bare homeserver makes of the same.
      ratio: {
        actConfirmedMsP50: percentile(acts, 0.5) / TOOL_MS,
        slowActConfirmedMsP50: percentile(slow, 0.5) / SLOW_TOOL_MS,
        bareConfirmedMsP50: bare / TOOL_MS,
        amberConfirmedMsP50: percentile(amber, 0.5) / (TOOL_MS + UNDO_MS),
      },
      runs: keys.length,
    };
  } finally {
    await browser?.close();
    await stage.stop();
  }
}

/** 2,000 items of every group and many dossiers. */
async function furnish(trial: Started, say: (line: string) => void): Promise<void> {
  const DAY_MS = 86_400_000;
  const left = Array.from({ length: ITEMS }, (_, at) => at);
  const worker = async (): Promise<void> => {
    for (let at = left.shift(); at !== undefined; at = left.shift()) {
      const dueAt = at % 4 === 0 ? undefined : new Date(Date.now() + (at % 90) * 0.4 * DAY_MS - 2 * DAY_MS).toISOString();
      const title = `${NAMES[at % NAMES.length] ?? ''} n° ${String(at + 1)}`;
      const item = { key: `triage/${String(at)}`, title, dueAt, dossier: `DEL-${String(at % 200)}`, kind: 'demande', actions: ACTIONS };
      const answer = await trial.post('gta', upsert(AGENT, item, { reason: 'valideuse' }));
      if (answer.status !== 202) throw new Error(`the door answered ${String(answer.status)}`);
      await answer.body?.cancel();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  say(`${String(ITEMS)} items accepted`);
}

/** Until the page has every one of them: a filter that all pass makes it ask for the rest. */
async function showAll(page: Page, trial: Started): Promise<void> {
  const whole = await until(
    async () => {
      await page.goto(`${trial.run.web}/?etat=a-faire`);
      await page.locator('[data-live]').waitFor();
      const count = page.locator('.filters .count', { hasText: /\d/ }); // empty until all that is there has come
      await count.waitFor();
      return (await count.innerText()).startsWith(`${String(ITEMS)} `) || undefined;
    },
    { withinMs: LONG_MS, everyMs: 2_000 },
  );
  if (!whole) throw new Error(`the page does not show ${String(ITEMS)} items`);
  await page.locator('.filtered a').last().click();
  await page.waitForURL((url) => url.search === '');
  await page.waitForTimeout(6_000); // matrix-js-sdk and what is fetched ahead
}

/** In the page: from each key (or letter, or choice) to the frame after the one that draws what it did. */
function watchKeys(): void {
  const taken: number[] = [];
  Reflect.set(globalThis, 'takenMs', taken);
  const watch = ({ timeStamp }: Event): void => {
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => taken.push(performance.now() - timeStamp);
      channel.port2.postMessage(undefined);
    });
  };
  addEventListener('keydown', watch, { capture: true });
}

const takeAll = (page: Page): Promise<number[]> =>
  page.evaluate(() => {
    const taken = Reflect.get(globalThis, 'takenMs') as number[];
    return taken.splice(0);
  });

async function pressKeys(page: Page, keys: readonly string[]): Promise<number[]> {
  await page.keyboard.press('j');
  await takeAll(page);
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const key of keys) {
      await page.keyboard.press(key);
      await page.waitForTimeout(GAP_MS);
    }
  }
  return takeAll(page);
}

/** From the choice to the drawn number of what is left. */
async function filter(page: Page): Promise<number[]> {
  await page.keyboard.press('f');
  const select = page.getByLabel('Dossier');
  await select.waitFor();
  const taken: number[] = [];
  for (let at = 0; at < FILTERS; at += 1) {
    await select.evaluate(watchFilter);
    await select.selectOption({ index: 1 + (at % 100) });
    taken.push(await page.evaluate(() => Reflect.get(globalThis, 'filteredMs') as Promise<number>));
    await page.goBack();
    await page.waitForURL((url) => url.search === '');
    await page.waitForTimeout(GAP_MS);
  }
  await page.keyboard.press('Escape');
  return taken;
}

/** In the page: promises how long it takes from the next choice to the frame that shows a number again. Stands before the choice is made. */
function watchFilter(element: HTMLElement | SVGElement): void {
  const filtered = new Promise<number>((done) => {
    const onChange = ({ timeStamp }: Event): void => {
      const seen = new MutationObserver(() => {
        if (!/\d/.test(document.querySelector('.filters .count')?.textContent ?? '')) return;
        seen.disconnect();
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - timeStamp)));
      });
      seen.observe(document.querySelector('main') ?? document.body, { subtree: true, childList: true, characterData: true });
    };
    element.addEventListener('change', onChange, { once: true });
  });
  Reflect.set(globalThis, 'filteredMs', filtered);
}

/** Letter by letter in the palette, which looks through all that is open. */
async function searchFor(page: Page): Promise<number[]> {
  const all: number[] = [];
  for (let at = 0; at < SEARCHES; at += 1) {
    await page.keyboard.press('Control+k');
    await page.locator('dialog input').waitFor();
    await takeAll(page);
    await page.keyboard.type(`convention ${String(at * 7)}`, { delay: GAP_MS });
    await page.waitForTimeout(GAP_MS);
    all.push(...(await takeAll(page)));
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
  }
  return all;
}

/** The same page without our script, at the same address, with the least that a list of rows could do. */
async function floorPage(page: Page): Promise<Page> {
  const html = (await page.content()).replaceAll(/<script\b[^]*?<\/script>/g, '').replaceAll(/<link\b[^>]*rel="modulepreload"[^>]*>/g, '');
  const floor = await page.context().newPage();
  await floor.addInitScript(watchKeys);
  await floor.addInitScript(() => {
    addEventListener('keydown', ({ key }) => {
      const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')];
      const at = rows.findIndex((one) => one === document.activeElement);
      rows[at + (key === 'j' ? 1 : -1)]?.focus();
    });
  });
  await floor.route('**/etalon', (route) => route.fulfill({ contentType: 'text/html', body: html }));
  await floor.goto(new URL('/etalon', page.url()).href);
  return floor;
}

/** After a collection: the script's heap, and the private memory of the page's process. */
async function memoryOf(page: Page): Promise<{ heapMB: number; pageMB: number }> {
  const wire = await page.context().newCDPSession(page);
  await wire.send('HeapProfiler.collectGarbage');
  await wire.send('Performance.enable');
  const { metrics } = await wire.send('Performance.getMetrics');
  const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN;
  return { heapMB: heap / 1e6, pageMB: await privateMB(page) };
}

/** Of the renderer that holds the page: the largest, as there is one page. */
async function privateMB(page: Page): Promise<number> {
  const browser = page.context().browser();
  const wire: CDPSession | undefined = await browser?.newBrowserCDPSession();
  const { processInfo } = (await wire?.send('SystemInfo.getProcessInfo')) ?? { processInfo: [] };
  const sizes = await Promise.all(
    processInfo
      .filter(({ type }) => type === 'renderer')
      .map(async ({ id }) => privateOf(await readFile(`/proc/${String(id)}/smaps_rollup`, 'utf8'))),
  );
  return Math.max(...sizes);
}

/** kB of `Private_Clean` and `Private_Dirty`, in MB. */
function privateOf(rollup: string): number {
  const kB = [...rollup.matchAll(/^Private_\w+:\s+(\d+) kB/gm)].reduce((sum, [, size]) => sum + Number(size), 0);
  return (kB * 1024) / 1e6;
}

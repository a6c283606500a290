/**
 * The walk: pages of one person on her desk, a tool that speaks and answers as it likes, another client of hers, cuts and kills. What no
 * scenario thought of; a page must not break, and shows in the end what a fresh one does.
 */
import type { Page } from 'playwright-core';
import { pause, until } from '../support/guarded.ts';
import { makeRandom, pick, type Random } from '../support/town/random.ts';
import { startActingTrial, type VendorAnswer } from '../support/vendor.ts';
import { DeskBrowser, live, type Visit } from '../e2e/desk-browser.ts';
import { Phone } from './phone.ts';
import { type Ground, Items, playStep } from './steps.ts';

export type WalkOptions = { steps: number; pages: number; seed: number; say: (line: string) => void };
export type Walked = { seed: number; steps: number; compared: number; findings: string[] };

const LOGIN = 'paul.vidal';
const SEATS = [{ width: 1440 }, { width: 390, height: 800 }, { width: 1024 }];
const FIRST = 12; // objects
const FEWEST = 4; // on the list, or more come
const EVERY = 40; // steps between two comparisons
const LONGEST_GAP_MS = 400;
const SETTLED_MS = 5_500; // an act that can be called back has left by then
const SAME_MS = 60_000;

export async function walk({ steps, pages, seed, say }: WalkOptions): Promise<Walked> {
  const random = makeRandom(seed);
  const stage = await startActingTrial();
  stage.vendor.answer = ({ data }) => answerSomehow(random, data.item.key);
  const { trial } = stage;
  const findings: string[] = [];
  let browser: DeskBrowser | undefined;
  let phone: Phone | undefined;
  let compared = 0;
  try {
    browser = await DeskBrowser.launch(trial);
    const visits: Visit[] = [];
    for (let at = 0; at < pages; at += 1) visits.push(await browser.open(LOGIN, pick(SEATS, random)));
    const items = new Items(trial, LOGIN);
    for (let at = 0; at < FIRST; at += 1) await items.add();
    phone = await Phone.open(trial, LOGIN);
    const ground: Ground = { trial, items, phone, random };
    const walker = new Walker({ browser, visits, ground, findings, say });
    for (let at = 1; at <= steps && findings.length === 0; at += 1) {
      await walker.step(at);
      if (at % EVERY !== 0) continue;
      await walker.compare(at);
      compared += 1;
    }
    return { seed, steps, compared, findings };
  } finally {
    phone?.close();
    await browser?.close().catch((error: unknown) => findings.push(String(error)));
    await stage.stop();
  }
}

function answerSomehow(random: Random, key: string): VendorAnswer {
  const item = { key, title: key };
  return pick<VendorAnswer>(
    [
      { status: 200, afterMs: random() * 1500, body: { item: { ...item, state: 'done' } } },
      { status: 200, afterMs: random() * 1500, body: { item: { ...item, state: 'done' } } },
      { status: 409, afterMs: random() * 500, body: { detail: 'Déjà fait' } },
      { status: 500 },
      { status: 202 },
      { status: 200 },
    ],
    random,
  );
}

type WalkerOptions = { browser: DeskBrowser; visits: readonly Visit[]; ground: Ground; findings: string[]; say: (line: string) => void };

class Walker {
  readonly #options: WalkerOptions;

  constructor(options: WalkerOptions) {
    this.#options = options;
  }

  async step(at: number): Promise<void> {
    const { visits, ground, say } = this.#options;
    const visit = pick(visits, ground.random);
    const page = `page ${String(visits.indexOf(visit) + 1)}`;
    const did = await playStep(visit, ground).catch((error: unknown) => `could not: ${String(error).slice(0, 200)}`);
    say(`${String(at)} ${page}: ${did} @ ${visit.page.url().replace(ground.trial.run.web, '')}`);
    if (ground.random() < 0.5) await pause(ground.random() * LONGEST_GAP_MS);
    await this.#lookAt(visit, `${String(at)} ${page}`);
  }

  /** What broke is a finding; what the page opened elsewhere is closed; a page of the browser's own is left. */
  async #lookAt(visit: Visit, where: string): Promise<void> {
    const { findings, ground } = this.#options;
    findings.push(...visit.faults.broken.splice(0).map((fault) => `${where}: ${fault}`));
    for (const other of visit.context.pages()) if (other !== visit.page) await other.close();
    // Without a line the plain pages (licence, accessibility, personal data) have nowhere to go.
    if (new URL(visit.page.url()).origin !== ground.trial.run.web) await this.#goHome(visit);
  }

  async #goHome({ page, context }: Visit): Promise<void> {
    const { trial } = this.#options.ground;
    await context.setOffline(false);
    await trial.waitFor(({ ready }) => ready);
    await page.goto(`${trial.run.web}/`);
    await live(page);
  }

  /** Each page, without a reload, against a visit that begins now. */
  async compare(at: number): Promise<void> {
    const { visits, ground, findings } = this.#options;
    await Promise.all(visits.map(({ context }) => context.setOffline(false)));
    await ground.trial.waitFor(({ ready }) => ready);
    await pause(SETTLED_MS);
    for (const visit of visits) {
      await this.#toList(visit);
      let [mine, fresh] = ['', ''];
      const isSame = async (): Promise<true | undefined> => {
        mine = await listOf(visit.page);
        fresh = await this.#freshList();
        return mine === fresh || undefined;
      };
      const same = await until(isSame, { withinMs: SAME_MS, everyMs: 2_000 });
      if (same === undefined)
        findings.push(`${String(at)} page ${String(visits.indexOf(visit) + 1)} shows\n${mine}\na fresh one\n${fresh}`);
      if (mine.split('\n').length < FEWEST) for (let more = 0; more < 2 * FEWEST; more += 1) await ground.items.add();
    }
  }

  async #toList(visit: Visit): Promise<void> {
    for (let dialogs = 0; dialogs < 4; dialogs += 1) await visit.page.keyboard.press('Escape');
    const home = visit.page.locator('a[href="/"]:visible').first();
    await home.click({ timeout: 3_000 }).catch(() => this.#goHome(visit)); // a page without the way home
  }

  async #freshList(): Promise<string> {
    const { page, context } = await this.#options.browser.open(LOGIN);
    const list = await listOf(page);
    await context.close();
    return list;
  }
}

/** Titles with what is shown of each, but for what a page alone knows: which one is chosen, and which just came. */
async function listOf(page: Page): Promise<string> {
  const rows = await page.locator('main article.row').evaluateAll((all) =>
    all.map((row) => {
      const title = (row.querySelector('[data-row]')?.textContent ?? '').replaceAll(/\s+/g, ' ').trim();
      const classes = [...row.classList].filter((name) => !/^svelte-|^(chosen|fresh)$/.test(name));
      return `${title} (${classes.toSorted().join(' ')})`;
    }),
  );
  return rows.toSorted().join('\n');
}

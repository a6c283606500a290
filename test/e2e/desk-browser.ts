/**
 * Debian's Chromium before a started trial, as people sit before their desks. Whatever a page of ours must never do (a fault
 * in the console, a breach of its policy, a request to anyone else) is noted from the first moment.
 */
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { requireChromium } from '../support/chromium.ts';
import type { Line } from '../support/line.ts';
import type { Started } from '../support/started.ts';

export const SEEN_MS = 60_000; // the machine may be busy; no test asserts a duration
const ASKED_AGAIN_MS = 100;
const SHORT_MS = 2_000;

export type Seat = {
  width?: number;
  height?: number;
  colorScheme?: 'light' | 'dark';
  reducedMotion?: 'reduce' | 'no-preference';
  /** A phone's finger instead of a mouse. */
  touch?: boolean;
  /** The proxy that all of it goes through. */
  line?: Line;
};

/** What a page did that it may not; each a sentence. `broken`: errors of its own scripts, whatever a test does to its network. */
export type Faults = { console: string[]; broken: string[]; policy: string[]; strangers: string[] };

type SignedIn = Awaited<ReturnType<BrowserContext['storageState']>>;

export type Visit = { page: Page; context: BrowserContext; faults: Faults };

export class DeskBrowser {
  readonly trial: Started;
  readonly #browser: Browser;
  readonly #faults: Faults[] = [];
  /** The cookies of whoever has signed in, so that each does it once. */
  readonly #signedIn = new Map<string, SignedIn>();

  constructor(trial: Started, browser: Browser) {
    this.trial = trial;
    this.#browser = browser;
  }

  static async launch(trial: Started): Promise<DeskBrowser> {
    const executablePath = requireChromium({ say: console.log });
    return new DeskBrowser(trial, await chromium.launch({ executablePath, args: ['--no-sandbox'] }));
  }

  /** Throws when a script of any page has broken; the trial is stopped then, as nobody comes to it any more. */
  async close(): Promise<void> {
    await this.#browser.close();
    const broken = this.#faults.flatMap((faults) => faults.broken);
    if (broken.length === 0) return;
    await this.trial.stop();
    throw new Error(broken.join('\n'));
  }

  /** A browser of its own on an empty page, with nobody signed in unless her cookies are given. */
  async sit(seat: Seat = {}, storageState?: SignedIn): Promise<Visit> {
    const { width = 1440, height = 900, colorScheme = 'light', reducedMotion = 'no-preference', touch = false, line } = seat;
    const context = await this.#browser.newContext({
      locale: 'fr-FR',
      timezoneId: 'Europe/Paris',
      viewport: { width, height },
      colorScheme,
      reducedMotion,
      hasTouch: touch,
      ...(line && { proxy: { server: line.url } }),
      ...(storageState && { storageState }),
    });
    context.setDefaultTimeout(SEEN_MS);
    const page = await context.newPage();
    const faults = await watch(page, new URL(this.trial.run.web).origin);
    stayWhenAsked(page);
    this.#faults.push(faults);
    return { page, context, faults };
  }

  /** Someone signed in by the pages of the identity provider (the first time), on `path`, live. */
  async open(login: string, { path = '/', ...seat }: Seat & { path?: string } = {}): Promise<Visit> {
    const known = this.#signedIn.get(login);
    const visit = await this.sit(seat, known);
    if (known === undefined) {
      await this.signIn(visit.page, login);
      this.#signedIn.set(login, await visit.context.storageState());
    }
    if (known !== undefined || path !== '/') await visit.page.goto(this.trial.run.web + path);
    await live(visit.page);
    return visit;
  }

  /** The same by a sign-in of its own, which nobody else's visit shares. */
  async openAnew(login: string, seat: Seat = {}): Promise<Visit> {
    const visit = await this.sit(seat);
    await this.signIn(visit.page, login);
    await live(visit.page);
    return visit;
  }

  /** From the sign-in page to wherever the desk leads her. */
  async signIn(page: Page, login: string): Promise<void> {
    await page.goto(`${this.trial.run.web}/connexion`);
    await page.locator('.providers a').first().click();
    await page.locator(`button[value="${login}"]`).click();
    await page.waitForURL((url) => url.origin === this.trial.run.web && !url.pathname.startsWith('/auth/'));
    await page.locator('h1').first().waitFor();
  }
}

/** Until the page follows its room. */
export async function live(page: Page): Promise<void> {
  await page.locator('[data-live]').waitFor();
}

/** The row of an item in the list, by its title. */
export function row(page: Page, title: string): Locator {
  return page.locator('main article.row').filter({ hasText: title });
}

/** The titles of the list, in order. */
export async function titles(page: Page): Promise<string[]> {
  const links = await page.locator('main [data-row]').allInnerTexts();
  return links.map((text) => text.replace(/^nouveau,\s*/, '').trim());
}

/** Goes down the list to its end, as far as it can be had; gives the titles. */
export async function goDown(page: Page): Promise<string[]> {
  const more = page.locator('.end button:not([disabled])', { hasText: 'Afficher la suite' });
  const loading = page.locator('.end button[disabled]');
  for (let before = -1, now = (await titles(page)).length; now > before || (await loading.count()) > 0; now = (await titles(page)).length) {
    before = now;
    if ((await more.count()) > 0) await more.click({ timeout: SHORT_MS }).catch(() => undefined); // it is drawn further by itself
    await page.waitForTimeout(SHORT_MS / 10);
  }
  return titles(page);
}

/** Waits until what the page says somewhere contains the text. */
export async function says(where: Locator, text: string): Promise<void> {
  await expect
    .poll(async () => (await where.allInnerTexts()).join(' ').replaceAll(/\s+/g, ' '), { timeout: SEEN_MS })
    .toContain(text.replaceAll(/\s+/g, ' '));
}

/** The polite region that a screen reader listens to. */
export const announced = (page: Page): Locator => page.locator('p[role="status"]');

/** As a person does who is asked whether to leave what is not sent yet: she stays, and leaves a moment later. Playwright leaves at once. */
function stayWhenAsked(page: Page): void {
  const [goto, reload] = [page.goto.bind(page), page.reload.bind(page)];
  const asked = { times: 0 };
  page.on('dialog', (dialog) => {
    if (dialog.type() === 'beforeunload') asked.times += 1;
    void dialog.dismiss();
  });
  const patiently = async <T>(leave: () => Promise<T>, until = Date.now() + SEEN_MS): Promise<T> => {
    const before = asked.times;
    try {
      return await leave();
    } catch (error) {
      if (asked.times === before || Date.now() > until) throw error;
      await page.waitForTimeout(ASKED_AGAIN_MS);
      return patiently(leave, until);
    }
  };
  page.goto = (url, options) => patiently(() => goto(url, options));
  page.reload = (options) => patiently(() => reload(options));
}

async function watch(page: Page, origin: string): Promise<Faults> {
  const faults: Faults = { console: [], broken: [], policy: [], strangers: [] };
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.console.push(`${message.text()} (${message.location().url})`);
    if (message.type() === 'error' && message.text().includes('svelte.dev/e/')) faults.broken.push(message.text()); // caught, and written to the console
  });
  page.on('pageerror', (error) => {
    faults.console.push(error.message);
    faults.broken.push(error.stack ?? error.message);
  });
  page.on('request', (request) => {
    const { origin: asked, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && asked !== origin && !request.isNavigationRequest()) faults.strangers.push(request.url());
  });
  await page.exposeBinding('reportBreach', (_source, breach: string) => faults.policy.push(breach));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) => {
      const report = Reflect.get(globalThis, 'reportBreach') as (breach: string) => Promise<void>;
      void report(`${violatedDirective} ${blockedURI} ${sourceFile}`);
    });
  });
  return faults;
}

/**
 * What every page and every state of it must be: without a finding of axe-core in light and dark, nothing wider than the
 * screen, usable by the keyboard alone, still when asked, and light to load.
 */
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Started, startTrial, upsert } from '../support/started.ts';
import { DeskBrowser, live, row, says, SEEN_MS, titles, type Visit } from './desk-browser.ts';
import { findings, overflowing } from './findings.ts';
import { CLAIRE, furnish, setAside, type State, statesOf } from './states.ts';

const WIDTHS = [320, 390, 1024, 1440, 1920];
let trial: Started;
let browser: DeskBrowser;
let states: State[];
beforeAll(async () => {
  trial = await startTrial();
  browser = await DeskBrowser.launch(trial);
  states = statesOf(trial, await furnish(trial));
});
afterAll(async () => {
  await browser.close();
  await trial.stop();
});

const LOGINS = { claire: CLAIRE, paul: 'paul.vidal', marc: 'marc.roche' } as const;

/** Visits of everyone, signed in once; the same tab goes from state to state. */
async function everyone(seat: Parameters<DeskBrowser['sit']>[0]): Promise<Record<State['who'], Visit>> {
  const nobody = await browser.sit(seat);
  const [claire, paul, marc] = [
    await browser.open(LOGINS.claire, seat),
    await browser.open(LOGINS.paul, seat),
    await browser.open(LOGINS.marc, seat),
  ];
  return { nobody, claire, paul, marc };
}

async function eachState(seat: Parameters<DeskBrowser['sit']>[0], look: (state: State, page: Page) => Promise<void>): Promise<void> {
  const visits = await everyone(seat);
  try {
    for (const state of states) {
      const { page, context } = visits[state.who];
      await state.open(page);
      await look(state, page);
      await context.setOffline(false);
      await page.setViewportSize({ width: seat?.width ?? 1440, height: seat?.height ?? 900 });
    }
  } finally {
    await Promise.all(Object.values(visits).map(({ context }) => context.close()));
  }
}

describe('every page and state', () => {
  it('has nothing that axe-core finds and is no wider than the screen, from 320 to 1920 px', async () => {
    const faults: string[] = [];
    await eachState({ reducedMotion: 'reduce' }, async ({ name }, page) => {
      faults.push(...(await findings(page)).map((what) => `${name}: ${what}`));
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
        faults.push(...(await overflowing(page)).map((what) => `${name}, ${String(width)} px: ${what}`));
      }
    });
    expect(faults).toEqual([]);
  });

  it('has nothing that axe-core finds in dark, on a phone', async () => {
    const faults: string[] = [];
    await eachState({ colorScheme: 'dark', reducedMotion: 'reduce', width: 390, height: 844, touch: true }, async ({ name }, page) => {
      faults.push(...(await findings(page)).map((what) => `${name}: ${what}`));
    });
    expect(faults).toEqual([]);
  });
});

describe('by the keyboard alone', () => {
  it('the skip link comes first and leads to the content', async () => {
    const { page, context } = await browser.open(CLAIRE);
    await page.keyboard.press('Tab');
    await expect.poll(() => focused(page)).toMatchObject({ text: 'Aller au contenu' });
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('contenu');
    await context.close();
  });

  it('every control is reached in the order it is seen, each with a visible mark', async () => {
    const { page, context } = await browser.open(CLAIRE, { reducedMotion: 'reduce' });
    const controls = async (): Promise<string[]> => {
      await page.locator('.rail a', { hasText: 'Travaux rue Haute' }).waitFor(); // her other rooms come when the page is idle
      return page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>('a[href], button, input, textarea, summary')]
          .filter((one) => one.checkVisibility())
          .map((one) => one.innerText.trim() || (one.ariaLabel ?? '')),
      );
    };
    const through = async (): Promise<string[]> => {
      const reached: string[] = [];
      for (let steps = 0; steps < 80; steps += 1) {
        await page.keyboard.press('Tab');
        const { text, marked, inPage } = await focused(page);
        if (!inPage) break; // out of the page, to the browser's own controls
        expect(marked, `« ${text} » shows that it has the focus`).toBe(true);
        reached.push(text);
      }
      return reached;
    };
    let [before, reached, seen] = [await controls(), await through(), await controls()];
    // The desk is live: when something of it changed on the way, she goes through it again.
    while (before.join('\n') !== seen.join('\n')) {
      await page.reload();
      [before, reached, seen] = [await controls(), await through(), await controls()];
    }
    expect(reached).toEqual(seen);
    await context.close();
  });

  it('j, k and the arrows go through the rows, Enter opens the detail, Escape closes it and gives the focus back', async () => {
    const { page, context } = await browser.open(CLAIRE);
    const [first = '', second = '', third = ''] = await titles(page);
    const at = async (): Promise<string> => (await focused(page)).text;
    await page.keyboard.press('j');
    await expect.poll(() => at()).toContain(first);
    await page.keyboard.press('j');
    await expect.poll(() => at()).toContain(second);
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => at()).toContain(third);
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => at()).toContain(second);
    await page.keyboard.press('k');
    await expect.poll(() => at()).toContain(first);
    await page.keyboard.press('Enter');
    await says(page.locator('section.detail h2').first(), first);
    await page.keyboard.press('Escape');
    await says(page.locator('section.detail'), 'Choisissez un élément pour en voir le détail.');
    await expect.poll(() => at()).toContain(first);
    await context.close();
  });

  it('an item is put off, and taken back from what is set aside', async () => {
    const { page, context } = await browser.open('paul.vidal');
    await trial.post('gta', upsert('paul.vidal', { key: 'clavier', title: 'À reporter au clavier' }));
    await expect.poll(() => titles(page), { timeout: SEEN_MS }).toContain('À reporter au clavier');
    await page.keyboard.press('j');
    for (let rows = 0; rows < 20 && !(await focused(page)).text.includes('À reporter au clavier'); rows += 1)
      await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await says(page.locator('section.detail h2').first(), 'À reporter au clavier');
    await page.keyboard.press('b');
    await expect.poll(async () => (await focused(page)).text).toContain('Demain matin');
    await page.keyboard.press('Enter');
    await expect.poll(() => titles(page)).not.toContain('À reporter au clavier');
    await page.keyboard.press('z');
    await expect.poll(() => titles(page), { timeout: SEEN_MS }).toContain('À reporter au clavier');
    await context.close();
  });

  it('the focus stays where an open item was set aside, put off or taken back', async () => {
    const { page, context } = await browser.open(CLAIRE);
    await page.locator('[data-row]').first().click();
    const press = async (name: string): Promise<void> => {
      await page.locator('section.detail').getByRole('button', { name, exact: false }).focus();
      await page.keyboard.press('Enter');
    };
    const focus = async (): Promise<string> => (await focused(page)).text;
    await press('Mettre de côté');
    await expect.poll(focus).toContain('Remettre');
    await page.keyboard.press('Enter');
    await expect.poll(focus).toContain('Mettre de côté');
    await page.keyboard.press('b');
    await expect.poll(focus).toContain('Demain matin');
    await page.keyboard.press('Enter');
    await expect.poll(focus).toContain('Remettre');
    await page.keyboard.press('Enter');
    await context.close();
  });

  it('letters typed into a field are text, not orders', async () => {
    const { page, context } = await browser.open(CLAIRE, { path: '/fil' });
    await page.locator('textarea').focus();
    await page.keyboard.type('je bosse');
    await expect.poll(() => page.locator('textarea').inputValue()).toBe('je bosse');
    await expect.poll(() => page.locator('.undo').count()).toBe(0);
    await context.close();
  });
});

type Focused = { text: string; marked: boolean; inPage: boolean };

/** What has the focus: its words, and whether that can be seen. */
function focused(page: Page): Promise<Focused> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement) || element === document.body) return { text: '', marked: false, inPage: false };
    const marks = [element, element.closest('.row')].filter((one) => one !== null).map((one) => getComputedStyle(one));
    const marked = marks.some(({ outlineStyle, outlineWidth }) => outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2);
    return {
      text: element.innerText.trim() || (element.ariaLabel ?? ''),
      marked,
      inPage: true,
    };
  });
}

describe('with reduced motion', () => {
  it('nothing moves when an item comes and goes', async () => {
    const { page, context } = await browser.open('paul.vidal', { reducedMotion: 'reduce' });
    await setAside(trial, page);
    const moving = await page.evaluate(
      () =>
        document
          .getAnimations()
          .filter(({ playState, effect }) => playState === 'running' && Number(effect?.getComputedTiming().duration ?? 0) > 1).length,
    );
    expect(moving).toBe(0);
    await context.close();
  });

  it('is only a wish: without it, what comes slides in', async () => {
    const { page, context } = await browser.open('paul.vidal');
    await trial.post('gta', upsert('paul.vidal', { key: 'glisse', title: 'Celui qui glisse' }));
    await row(page, 'Celui qui glisse').waitFor();
    expect(await row(page, 'Celui qui glisse').evaluate((element) => getComputedStyle(element).animationName)).not.toBe('none');
    await context.close();
  });
});

describe('the weight of a cold desk', () => {
  const PAINT_KB = 60;
  const LIVE_KB = 110;

  it(`is at most ${String(PAINT_KB)} kB before the first paint and ${String(LIVE_KB)} kB of script and style until it is live`, async () => {
    const { context } = await browser.open(CLAIRE);
    const page = await context.newPage();
    const wire = await context.newCDPSession(page);
    await wire.send('Network.enable');
    await wire.send('Network.setCacheDisabled', { cacheDisabled: true });
    const asked = new Map<string, { url: string; type: string }>();
    const sent: { url: string; type: string; bytes: number }[] = [];
    wire.on('Network.requestWillBeSent', ({ requestId, request, type }) =>
      asked.set(requestId, { url: request.url, type: type ?? 'Other' }),
    );
    wire.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      const one = asked.get(requestId);
      if (one) sent.push({ ...one, bytes: encodedDataLength });
    });
    const answer = await page.goto(`${trial.run.web}/`, { waitUntil: 'commit' });
    await live(page);
    const html = (await answer?.text()) ?? '';
    const kB = (...types: string[]): number =>
      sent.filter(({ type }) => types.includes(type)).reduce((sum, { bytes }) => sum + bytes, 0) / 1000;
    const scripts = sent.filter(({ type }) => type === 'Script').length;
    expect(scripts).toBeGreaterThan(3);
    expect(kB('Document')).toBeGreaterThan(gzipSync(html).length / 2000); // it was really counted
    expect([...html.matchAll(/<script(?![^>]*\b(?:async|defer|type="module")\b)[^>]*\bsrc=/g)]).toEqual([]); // nothing blocks but what is counted
    expect(kB('Document', 'Stylesheet'), 'before the first paint').toBeLessThanOrEqual(PAINT_KB);
    expect(kB('Script', 'Stylesheet'), 'until live').toBeLessThanOrEqual(LIVE_KB);
    expect(sent.some(({ type }) => type === 'Font')).toBe(true);
    await context.close();
  });
});

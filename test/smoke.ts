/**
 * `npm run smoke`: every part on free ports in a throw-away folder, one signed event, and the milliseconds until its agent
 * reads it on the rendered page of her desk. The exit code tells.
 */
import { chromium, type Browser, type Page } from 'playwright-core';
import { requireChromium } from './support/chromium.ts';
import { personOf, fullName } from './support/people.ts';
import { type Started, startTrial, upsert } from './support/started.ts';
import { elapsed, say } from './support/trial/progress.mjs';

const AGENT = 'claire.morel';
const CONNECTION = 'gta';
const SEEN_MS = 30_000;

async function main(): Promise<void> {
  const executablePath = requireChromium({ say });
  say('Démarrage de toutes les parties sur des ports libres…');
  const trial = await startTrial();
  say(`Tout est en marche (${elapsed()}) : ${trial.run.web}`);
  let browser: Browser | undefined;
  try {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    const page = await (await browser.newContext({ locale: 'fr-FR' })).newPage();
    await signIn(page, trial);
    say(`${fullName(personOf(AGENT))} est devant son bureau (${elapsed()})`);
    const ms = await postAndSee(page, trial);
    say(`Du dépôt à la page : ${ms} ms`);
  } finally {
    await browser?.close();
    await trial.stop();
    say(`Tout est arrêté (${elapsed()})`);
  }
}

/** By the pages a person goes through: the desk, the picker, the desk. */
async function signIn(page: Page, { run }: Started): Promise<void> {
  await page.goto(`${run.web}/auth/login/essai`);
  await page.locator(`button[value="${AGENT}"]`).click();
  await page.waitForURL((url) => url.origin === run.web && !url.pathname.startsWith('/auth/'));
  await page.locator('h1').first().waitFor();
}

/** From the moment the event leaves to its title in the page, in whole milliseconds. */
async function postAndSee(page: Page, trial: Started): Promise<number> {
  const title = `Demande de congé à valider, essai ${Date.now()}`;
  const seen = page.getByText(title).first().waitFor({ state: 'visible', timeout: SEEN_MS });
  seen.catch(() => undefined); // awaited below, but a refused event comes first
  const began = performance.now();
  const answer = await trial.post(CONNECTION, upsert(AGENT, { key: `essai/${Date.now()}`, title }, { reason: 'valideuse' }));
  if (answer.status !== 202) {
    throw new Error(`Le dépôt a été refusé : ${answer.status} ${await answer.text()}`);
  }
  await seen;
  return Math.round(performance.now() - began);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    say(`Échec (${elapsed()}) : ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  },
);

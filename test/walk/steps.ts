/** What one step of a walk can be, and how often of a hundred. */
import type { Page } from 'playwright-core';
import { pause } from '../support/guarded.ts';
import { type Started, upsert } from '../support/started.ts';
import { pick, type Random } from '../support/town/random.ts';
import type { Visit } from '../e2e/desk-browser.ts';
import type { Phone } from './phone.ts';

export type Ground = { trial: Started; items: Items; phone: Phone; random: Random };

const ONE_KEY = ['j', 'j', 'k', 'x', 'e', 'e', 'b', 'p', 'u', 'u', 'z', 'z', 'z', '/', '?', 'f', 'n', 'Control+k'];
const MOVES = ['Enter', 'Enter', 'Enter', 'Escape', 'Escape', 'Tab', 'Tab', 'Shift+Tab', 'Space', 'ArrowDown', 'ArrowUp'];
const VIEWS = ['g b', 'g b', 'g f', 'g s', 'g c', 'g t', 'g o', 'g r'];
const KEYS = [...ONE_KEY, ...MOVES, ...VIEWS];
const WORDS = ['objet', 'mettre de cote', 'demain', 'zz', '12', 'Objet 3'];
const CLICKABLE = ['a[href^="/"]', 'a[href^="?"]', 'button', 'summary', 'input[type=checkbox]'].map((one) => `${one}:visible`).join(', ');
const AWAY = /déconnecter|imprimer|proconnect/i; // ends the walk, or the machine's paper
const SHORT_MS = 1_000;
const LONGEST_CUT_MS = 5_000;
const HOUR_MS = 3_600_000;
const ACTIONS = [
  { id: 'prendre', label: 'Prendre', risk: 'green' },
  { id: 'valider', label: 'Valider', risk: 'amber', input: { motif: { type: 'string', maxLength: 200 } } },
];

/** What the tool has to say: objects that come, change and are over. */
export class Items {
  readonly #trial: Started;
  readonly #login: string;
  #count = 0;

  constructor(trial: Started, login: string) {
    this.#trial = trial;
    this.#login = login;
  }

  async add(): Promise<string> {
    this.#count += 1;
    await this.#tell(this.#count, `Objet ${String(this.#count)}`);
    return `object ${String(this.#count)} comes`;
  }

  async change(random: Random): Promise<string> {
    const number = this.#any(random);
    await this.#tell(number, `Objet ${String(number)} v${String(Math.floor(random() * 1000))}`);
    return `object ${String(number)} changes`;
  }

  async close(random: Random): Promise<string> {
    const number = this.#any(random);
    await this.#trial.post('gta', { op: 'close', item: { key: `K${String(number)}` } });
    return `object ${String(number)} is over`;
  }

  #any(random: Random): number {
    return 1 + Math.floor(random() * this.#count);
  }

  async #tell(number: number, title: string): Promise<void> {
    const due = number % 3 === 0 ? { dueAt: new Date(Date.now() + (number - 6) * HOUR_MS).toISOString() } : {};
    await this.#trial.post('gta', upsert(this.#login, { key: `K${String(number)}`, title, actions: ACTIONS, ...due }));
  }
}

type Step = { weight: number; play: (visit: Visit, ground: Ground) => Promise<string> };

const STEPS: readonly Step[] = [
  { weight: 48, play: pressKey },
  { weight: 16, play: click },
  { weight: 5, play: typeWords },
  { weight: 4, play: (_visit, { items }) => items.add() },
  { weight: 4, play: (_visit, { items, random }) => items.change(random) },
  { weight: 3, play: (_visit, { items, random }) => items.close(random) },
  { weight: 12, play: (_visit, { phone, random }) => phone.act(random) },
  { weight: 2, play: loseLine },
  { weight: 1, play: reload },
  { weight: 2, play: (visit) => travel(visit, 'back') },
  { weight: 2, play: (visit) => travel(visit, 'forward') },
  { weight: 1, play: killPart },
];
const ALL = STEPS.reduce((sum, { weight }) => sum + weight, 0);

/** Does one of them; a dialog that is open is left more often than not. Answers what was done. */
export async function playStep(visit: Visit, ground: Ground): Promise<string> {
  const { random } = ground;
  if (random() < 0.4 && (await visit.page.locator('dialog').count()) > 0) {
    await visit.page.keyboard.press('Escape');
    return 'a dialog is left';
  }
  let left = random() * ALL;
  const step = STEPS.find(({ weight }) => (left -= weight) < 0);
  return step === undefined ? 'nothing' : step.play(visit, ground);
}

async function pressKey({ page }: Visit, { random }: Ground): Promise<string> {
  const keys = pick(KEYS, random);
  for (const key of keys.split(' ')) await page.keyboard.press(key);
  return `key ${keys}`;
}

async function click({ page }: Visit, { random }: Ground): Promise<string> {
  const all = page.locator(CLICKABLE);
  const count = await all.count();
  if (count === 0) return 'nothing to click';
  const one = all.nth(Math.floor(random() * count));
  const name = (await one.innerText({ timeout: SHORT_MS }).catch(() => '')).replaceAll(/\s+/g, ' ').slice(0, 40);
  const href = (await one.getAttribute('href', { timeout: SHORT_MS }).catch(() => null)) ?? '';
  if (AWAY.test(name) || href.startsWith('/auth')) return `not clicked: ${name}`;
  await one.click({ timeout: SHORT_MS, noWaitAfter: true }).catch(() => undefined); // gone by now, or under something
  return `click ${name} ${href}`;
}

async function typeWords({ page }: Visit, { random }: Ground): Promise<string> {
  const words = pick(WORDS, random);
  await page.keyboard.type(words);
  return `type ${words}`;
}

async function loseLine({ context }: Visit, { random }: Ground): Promise<string> {
  const ms = Math.round(random() * LONGEST_CUT_MS);
  await context.setOffline(true);
  void pause(ms).then(() => context.setOffline(false).catch(() => undefined)); // closed meanwhile
  return `no line for ${String(ms)} ms`;
}

/** With a line: that a browser cannot load a page without one is nobody's fault. */
async function reload({ page, context }: Visit): Promise<string> {
  await context.setOffline(false);
  await page.reload({ timeout: 5 * SHORT_MS }).catch(() => undefined);
  return 'reload';
}

async function travel({ page }: { page: Page }, way: 'back' | 'forward'): Promise<string> {
  await page.evaluate((one) => (one === 'back' ? history.back() : history.forward()), way).catch(() => undefined);
  return way;
}

async function killPart(_visit: Visit, { trial, random }: Ground): Promise<string> {
  const part = pick(['appservice', 'web'], random);
  await trial.kill(part);
  return `kill -9 ${part}`;
}

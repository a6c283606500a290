/**
 * `latency`: from the post of an event to another client's raw `/sync`, and to the pixels of the agent's open page; alternated
 * with a raw send seen by the same client. Each sample waits for the one before it.
 */
import { readFile } from 'node:fs/promises';
import { type Browser, chromium, type Page } from 'playwright-core';
import { z } from 'zod';
import { DESK_BOT } from '../../appservice/desk/access.ts';
import { requireChromium } from '../support/chromium.ts';
import { readSecret } from '../support/hook.ts';
import { personOf } from '../support/people.ts';
import { type Started, startTrial } from '../support/started.ts';
import { signIn } from './cold.ts';
import { percentile } from './support/figures.ts';
import { Reader } from './support/reader.ts';
import { signedRequest, Wire } from './support/wire.ts';
import type { Found } from './found.ts';

const AGENT = 'claire.morel';
const SAMPLES = 500;
const WARM = 20; // samples that are thrown away
const WITHIN_MS = 20_000;
const GAP_MS = 40;

export async function latency(say: (line: string) => void): Promise<Found> {
  const executablePath = requireChromium({ say });
  let browser: Browser | undefined;
  let trial: Started | undefined;
  let reader: Reader | undefined;
  try {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    trial = await startTrial();
    const { accessToken } = await trial.matrixLogin(AGENT);
    reader = new Reader({ url: trial.run.homeserver, token: accessToken });
    await reader.start();
    const context = await signIn(browser, trial);
    const painted = await watchPage(await context.newPage(), trial.run.web);
    return await measure({ ours: await openHook(trial), raw: await openRoom(trial, reader), reader, painted, say });
  } finally {
    await reader?.stop();
    await browser?.close();
    await trial?.stop();
  }
}

/** Does something that brings `words` to the agent. */
type Send = (words: string, index: number) => Promise<void>;
type Painted = (words: string) => Promise<number>;
type Bed = { ours: Send; raw: Send; reader: Reader; painted: Painted; say: (line: string) => void };

async function measure({ ours, raw, reader, painted, say }: Bed): Promise<Found> {
  const taken: Record<'ours' | 'painted' | 'floor', number[]> = { ours: [], painted: [], floor: [] };
  for (let sample = -WARM; sample < SAMPLES; sample += 1) {
    const name = `mesure-${String(sample + WARM)}.`;
    const began = performance.now();
    const [, seen, drawn] = await Promise.all([ours(name, sample + WARM), reader.wait(name, WITHIN_MS), painted(name)]);
    await pause();
    const rawName = `brut-${String(sample + WARM)}.`;
    const rawBegan = performance.now();
    const [, rawSeen] = await Promise.all([raw(rawName, sample), reader.wait(rawName, WITHIN_MS)]);
    await pause();
    if (sample < 0) continue;
    taken.ours.push(seen - began);
    taken.painted.push(drawn - began);
    taken.floor.push(rawSeen - rawBegan);
    if ((sample + 1) % 100 === 0) say(`${String(sample + 1)} samples`);
  }
  const [p50, p99] = [0.5, 0.99];
  return {
    ours: {
      p50: percentile(taken.ours, p50),
      p99: percentile(taken.ours, p99),
      paintedP50: percentile(taken.painted, p50),
      paintedP99: percentile(taken.painted, p99),
    },
    floor: { p50: percentile(taken.floor, p50), p99: percentile(taken.floor, p99) },
    ratio: {},
    runs: SAMPLES,
  };
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, GAP_MS));

/** Posts an event over one kept connection; each item is due before the last one, so that it is drawn at the top. */
async function openHook(trial: Started): Promise<Send> {
  const found = trial.run.connections.find(({ id }) => id === 'gta');
  if (found === undefined) throw new Error('the trial has no such connection');
  const hook = new URL(found.hook);
  const secret = await readSecret(found.secretFile);
  const wire = new Wire(Number(hook.port));
  const base = Date.now();
  return async (words, index) => {
    const item = { key: words, title: words, dueAt: new Date(base - index * 60_000).toISOString() };
    const data = { op: 'upsert', to: [{ mail: personOf(AGENT).mail }], item };
    const events = { specversion: '1.0', id: words, source: 'urn:essai:gta', type: 'fr.essai', time: new Date().toISOString(), data };
    const status = await wire.ask(signedRequest({ path: hook.pathname, secret, id: words, events }));
    if (status !== 202) throw new Error(`the door answered ${String(status)}`);
  };
}

/** A room of the desk bot with the agent in it, and raw sends into it: no rate limit, as for what we send. */
async function openRoom(trial: Started, reader: Reader): Promise<Send> {
  const { as_token: token } = z.looseObject({ as_token: z.string() }).parse(JSON.parse(await readFile(trial.run.registration, 'utf8')));
  const mxid = trial.run.people.find(({ login }) => login === AGENT)?.mxid ?? '';
  const server = mxid.slice(mxid.indexOf(':'));
  const ask = async (method: string, path: string, body: unknown): Promise<unknown> => {
    const query = `user_id=${encodeURIComponent(`@${DESK_BOT}${server}`)}`;
    const answer = await fetch(`${trial.run.homeserver}/_matrix/client/v3${path}?${query}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path} answered ${String(answer.status)}`);
    return answer.json();
  };
  const { room_id: room } = z
    .object({ room_id: z.string() })
    .parse(await ask('POST', '/createRoom', { preset: 'private_chat', invite: [mxid] }));
  const send: Send = async (words) => {
    const path = `/rooms/${encodeURIComponent(room)}/send/m.room.message/${encodeURIComponent(words)}`;
    await ask('PUT', path, { msgtype: 'm.text', body: words });
  };
  await new Promise((resolve) => setTimeout(resolve, 1000)); // she joins
  await send('bonjour.', 0);
  await reader.wait('bonjour.', WITHIN_MS);
  return send;
}

/** Opens the desk; the promise of words resolves with the instant of the frame that showed them, by our clock. */
async function watchPage(page: Page, web: string): Promise<Painted> {
  const drawn = new Map<string, number>();
  const waiting = new Map<string, (at: number) => void>();
  await page.exposeFunction('noteDrawn', (words: string, at: number) => {
    const ours = at - performance.timeOrigin;
    drawn.set(words, ours);
    waiting.get(words)?.(ours);
  });
  await page.addInitScript(watchWords);
  await page.goto(`${web}/`);
  await page.locator('[data-live]').waitFor();
  return (words) =>
    new Promise((done, fail) => {
      const at = drawn.get(words);
      if (at !== undefined) {
        done(at);
        return;
      }
      const late = setTimeout(() => fail(new Error(`${words} was not drawn`)), WITHIN_MS);
      waiting.set(words, (found) => {
        clearTimeout(late);
        done(found);
      });
    });
}

/** Runs in the page: tells of each new word of ours once the frame with it has been drawn. */
function watchWords(): void {
  const known = new Set<string>();
  const look = (records: readonly MutationRecord[]): void => {
    const texts = records.flatMap(({ target, addedNodes }) => [target.nodeType === Node.TEXT_NODE ? target : undefined, ...addedNodes]);
    for (const [words] of texts
      .map((node) => node?.textContent ?? '')
      .join(' ')
      .matchAll(/mesure-\d+\./g)) {
      if (known.has(words)) continue;
      known.add(words);
      requestAnimationFrame(() =>
        setTimeout(() => {
          const note: unknown = Reflect.get(globalThis, 'noteDrawn');
          if (typeof note === 'function') Reflect.apply(note, undefined, [words, performance.timeOrigin + performance.now()]);
        }),
      );
    }
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
}

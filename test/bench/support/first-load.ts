/**
 * What a first load weighs: one opening with an empty cache, and its bytes on the wire (compressed), answer headers included, sorted
 * by when the page needs them.
 */
import type { Page } from 'playwright-core';
import { median } from './figures.ts';

type Sent = { url: string; type: string; bytes: number; endedMs: number };
export type Opened = { paintedMs: number; liveMs: number; sent: Sent[]; blockingScripts: Set<string>; open: number };

const SETTLED_MS = 8_000; // matrix-js-sdk is loaded when idle: its bytes belong to kBInAll

/** For the bytes it needs a context that has opened nothing yet; `live`: until the desk follows its room, and is idle. The greeting's numbers are read from the document as the server sent it. */
export async function open(page: Page, url: string, { live }: { live: boolean }): Promise<Opened> {
  const sent: Sent[] = [];
  const wire = await page.context().newCDPSession(page);
  await wire.send('Network.enable');
  const known = new Map<string, { url: string; type: string; early: number }>();
  let began: number | undefined;
  wire.on('Network.requestWillBeSent', ({ requestId, timestamp, request, type }) => {
    began ??= timestamp;
    known.set(requestId, { url: request.url, type: type ?? 'Other', early: 0 });
  });
  wire.on('Network.loadingFinished', ({ requestId, timestamp, encodedDataLength }) => {
    const one = known.get(requestId);
    if (one) sent.push({ url: one.url, type: one.type, bytes: encodedDataLength, endedMs: (timestamp - (began ?? timestamp)) * 1000 });
  });
  await page.addInitScript(() => {
    const seen = new MutationObserver(() => {
      if (!document.querySelector('[data-live]')) return;
      performance.mark('live');
      seen.disconnect();
    });
    seen.observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-live'] });
  });
  const answer = await page.goto(url);
  const html = (await answer?.text()) ?? '';
  if (live) {
    await page.locator('[data-live]').waitFor();
    await page.waitForTimeout(SETTLED_MS);
  }
  await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0); // a page from the cache is whole before
  const { paintedMs, liveMs } = await page.evaluate(() => ({
    paintedMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
    liveMs: performance.getEntriesByName('live')[0]?.startTime ?? Number.NaN,
  }));
  const blockingScripts = new Set(
    [...html.matchAll(/<script(?![^>]*\b(?:async|defer|module)\b)[^>]*\bsrc="([^"]+)"/g)].map(([, src = '']) => new URL(src, url).href),
  );
  const open = Number(/class="n mine"[^>]*>(\d+)/.exec(html)?.[1] ?? Number.NaN);
  return { paintedMs, liveMs, sent, blockingScripts, open };
}

/** Medians over the runs, in kB of 1,000 bytes. */
export function sizes(opened: readonly Opened[]) {
  const kB = (wanted: (one: Sent, of: Opened) => boolean) =>
    median(opened.map((of) => of.sent.filter((one) => wanted(one, of)).reduce((sum, { bytes }) => sum + bytes, 0))) / 1000;
  const isCode = ({ type }: Sent) => type === 'Script' || type === 'Stylesheet';
  return {
    kBBeforePaint: kB((one, of) => one.type === 'Document' || one.type === 'Stylesheet' || of.blockingScripts.has(one.url)),
    kBUntilLive: kB((one, of) => isCode(one) && one.endedMs <= of.liveMs),
    kBInAll: kB(isCode),
    kBFonts: kB(({ type }) => type === 'Font'),
    kBMatrix: kB(({ url }) => new URL(url).pathname.startsWith('/_matrix/')),
  };
}

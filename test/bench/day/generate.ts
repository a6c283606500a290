/**
 * Writes `trace.txt`, the working day that the bench `day` plays: `node test/bench/day/generate.ts`. Seeded, so that it is the
 * same each time. A line is a minute of the day, what happens, and the items it happens to (base 36, 50 to an agent).
 */
import { writeFile } from 'node:fs/promises';
import { AGENTS, ITEMS_EACH, type Kind, TRACE, writeTrace } from './trace.ts';

const SEED = 20_261_127;
const CHANGES_EACH = 120; // the first of each item included
const CLOSED_EACH = 30; // of the later changes
const TRIAGED_EACH = 20; // set aside by the agent, those of one round as one act (`x`, `x`, `e`)
const [OPENS, CLOSES] = [8 * 60, 18 * 60]; // minutes of the day
const BURSTS = [8 * 60 + 30, 14 * 60]; // mail merges, nightly exports, committees
const BURST_MINUTES = 5;
const IN_BURSTS = 0.6; // of the new items and of the changes
/** When an agent goes through her list, give or take: after the bursts, before lunch, before she leaves. */
const ROUNDS = [8 * 60 + 45, 11 * 60 + 30, 14 * 60 + 20, 17 * 60];
const ROUND_SPREAD = 20; // minutes

/** mulberry32: small, seeded, good enough for a fixture. */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const random = makeRandom(SEED);
const between = (from: number, to: number): number => from + Math.floor(random() * (to - from));

/** A minute not before `from`: in a burst that is still to come, or any. */
function minute(from: number): number {
  const coming = BURSTS.filter((burst) => burst >= from);
  const burst = coming[between(0, coming.length)];
  return burst !== undefined && random() < IN_BURSTS ? between(burst, burst + BURST_MINUTES) : between(from, CLOSES);
}

const happenings: { minute: number; kind: Kind; item: number }[] = [];
for (let agent = 0; agent < AGENTS; agent += 1) {
  const items = Array.from({ length: ITEMS_EACH }, (_, index) => ({
    item: agent * ITEMS_EACH + index,
    at: minute(OPENS),
    closedAt: CLOSES,
  }));
  for (const { item, at } of items) happenings.push({ minute: at, kind: 'new', item });
  for (const one of items.slice(0, CLOSED_EACH)) {
    one.closedAt = minute(one.at + 1);
    happenings.push({ minute: one.closedAt, kind: 'closed', item: one.item });
  }
  for (let count = ITEMS_EACH + CLOSED_EACH; count < CHANGES_EACH; count += 1) {
    const one = items[between(CLOSED_EACH, ITEMS_EACH)];
    if (one !== undefined) happenings.push({ minute: minute(one.at + 1), kind: 'changed', item: one.item });
  }
  const rounds = ROUNDS.map((round) => round + between(-ROUND_SPREAD, ROUND_SPREAD + 1));
  for (const { item, at } of items.slice(-TRIAGED_EACH)) {
    const coming = [...rounds.filter((round) => round > at), CLOSES];
    happenings.push({ minute: coming[between(0, coming.length)] ?? CLOSES, kind: 'aside', item });
  }
}
await writeFile(TRACE, writeTrace(happenings));

import { expect, it } from 'vitest';
import { type Offer, Plan } from '../../crash/plan.ts';
import { makeRandom } from '../../support/town/random.ts';

const agents = ['un', 'deux', 'trois'].map((localpart) => ({ localpart, organisation: 'ville-claire' }));
const doors = [
  { connection: 'gta', bot: 'gta', organisation: 'ville-claire' },
  { connection: 'ailleurs', bot: 'gta', organisation: 'rivebelle' },
];

function planRounds(seed: number): Offer[][] {
  const plan = new Plan({ agents, doors, prefix: 'essai' });
  plan.warmUp(makeRandom(seed));
  return [1, 2, 3].map((round) => plan.round(makeRandom(seed + round), 3500));
}

const count = (offers: readonly Offer[], from: number, to: number) => {
  const due = offers.filter(({ at }) => at >= from && at < to);
  const events = due.flatMap((offer) => (offer.kind === 'post' ? offer.events : []));
  return { events: events.length, requests: due.filter(({ kind }) => kind === 'ask').length };
};

it.each([1, 2, 3, 4, 5])('seed %i offers at least 20 events and 5 requests in each second of each round, in the order of time', (seed) => {
  for (const offers of planRounds(seed)) {
    for (const from of [0, 1000, 2000, 2500]) {
      const { events, requests } = count(offers, from, from + 1000);
      expect(events).toBeGreaterThanOrEqual(20);
      expect(requests).toBeGreaterThanOrEqual(5);
    }
    expect(offers.map(({ at }) => at)).toEqual(offers.map(({ at }) => at).sort((a, b) => a - b));
  }
});

it('the same seed plans the same rounds, another seed others', () => {
  expect(planRounds(7)).toEqual(planRounds(7));
  expect(planRounds(7)).not.toEqual(planRounds(8));
});

it('no delivery id is used for two events, and older events come late as well', () => {
  const events = planRounds(3).flatMap((offers) => offers.flatMap((offer) => (offer.kind === 'post' ? offer.events : [])));
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  const newest = new Map<string, number>();
  const late = events.filter(({ key, revision }) => {
    const isLate = revision < (newest.get(key) ?? 0);
    newest.set(key, Math.max(revision, newest.get(key) ?? 0));
    return isLate;
  });
  expect(late.length).toBeGreaterThan(5);
  expect(events.filter(({ op }) => op === 'close').length).toBeGreaterThan(20);
});

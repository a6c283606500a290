import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { type Contract, type Delivery, readDeliveries } from '../../../../appservice/desk/delivery.ts';
import { diff } from '../../../../appservice/desk/diff.ts';
import type { LastAction, Placement } from '../../../../appservice/desk/placement.ts';
import { applyDelivery, applyToAgent, type Known } from '../../../../appservice/desk/delivery/decide.ts';

const CONTRACT: Contract = { bot: 'gta', connection: 'gta', order: 'time', hosts: [], hasCallback: false };
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

type Said = { at: number; op?: 'upsert' | 'close'; to?: readonly string[]; item?: Record<string, unknown>; id?: string };

function say({ at, op = 'upsert', to = ['claire'], item = {}, id = String(at) }: Said): Delivery {
  const data = { op, to: to.map((uid) => ({ uid, reason: `pour ${uid}` })), item: { key: 'k', title: `vu à ${at}`, ...item } };
  const event = { specversion: '1.0', id, source: 's', type: 't', time: new Date(1_700_000_000_000 + at).toISOString(), data };
  const reading = readDeliveries(Buffer.from(JSON.stringify(event)), { mode: 'one', contract: CONTRACT, digest });
  const [delivery] = reading.kind === 'deliveries' ? reading.deliveries : [];
  if (!delivery) throw new Error(JSON.stringify(reading));
  return delivery;
}

const unheard = (): Known => ({ standing: undefined, closed: true, shown: new Map(), isChanged: false });

function tell(known: Known, delivery: Delivery): 'newer' | 'same' | 'late' {
  const { change } = delivery;
  const recipients = change.op === 'close' ? [] : change.to.map(({ value, reason }) => ({ agent: value, reason }));
  return applyDelivery(known, delivery, { order: 'time', recipients });
}

function after(...said: Said[]): Known {
  const known = unheard();
  said.forEach((one) => tell(known, say(one)));
  return known;
}

/** As if the relay had sent everything that was queued by now. */
function sent(known: Known): Known {
  for (const [agent, shown] of known.shown)
    known.shown.set(agent, { ...shown, hasMessage: shown.hasMessage || shown.row === 'queue', row: 'leave' });
  return known;
}

function shown(known: Known, agent = 'claire') {
  const found = known.shown.get(agent);
  if (!found) throw new Error(`${agent} is shown nothing`);
  return found;
}

describe('what an agent did, when the tool answers with the object', () => {
  const lastAction: LastAction = { by: '@claire:x', at: '2026-11-27T09:00:00Z', action: 'viser', outcome: 'confirmed', request: '$r' };

  it.each(['upsert', 'close'] as const)('is on every card that its answer moves (%s), and stays there', (op) => {
    const known = sent(after({ at: 1, to: ['claire', 'paul'] }));
    tell(known, { ...say({ at: 2, op, to: ['claire', 'paul'] }), lastAction });
    for (const agent of ['claire', 'paul']) expect(shown(known, agent)).toMatchObject({ row: 'queue', placement: { lastAction } });
    tell(known, say({ at: 3, to: ['claire', 'paul'] }));
    expect(shown(known).placement.lastAction).toEqual(lastAction);
  });

  it.each(['upsert', 'close'] as const)('is on her card alone where her own account reads (%s)', (op) => {
    const known = sent(after({ at: 1, to: ['claire', 'paul'] }));
    applyToAgent(known, { ...say({ at: 2, op }), lastAction }, 'claire');
    expect(shown(known)).toMatchObject({ row: 'queue', placement: { lastAction } });
    expect(shown(known, 'paul').placement.lastAction).toBeUndefined();
  });

  it('is on no card when the answer is older than what stands', () => {
    const known = sent(after({ at: 3 }));
    expect(tell(known, { ...say({ at: 2 }), lastAction })).toBe('late');
    expect(shown(known).row).toBe('leave');
    expect(shown(known).placement.lastAction).toBeUndefined();
  });
});

describe('a delivery', () => {
  it('that is the first of its object gets a row for everybody it addresses', () => {
    const known = after({ at: 1, to: ['claire', 'paul'] });
    expect([...known.shown.keys()]).toEqual(['claire', 'paul']);
    expect(shown(known)).toMatchObject({
      row: 'queue',
      addressed: true,
      placement: { reason: 'pour claire', title: 'vu à 1', via: { source: 's', id: '1' } },
    });
  });

  it('that is older changes nothing for anybody, also not for whom it alone names', () => {
    const known = sent(after({ at: 2 }));
    expect(tell(known, say({ at: 1, to: ['claire', 'paul'] }))).toBe('late');
    expect([...known.shown.keys()]).toEqual(['claire']);
    expect(shown(known)).toMatchObject({ row: 'leave', placement: { title: 'vu à 2' } });
  });

  it('of equal time with equal content is the same, with other content the later one wins', () => {
    const known = sent(after({ at: 1 }));
    expect(tell(known, say({ at: 1, id: 'again' }))).toBe('same');
    expect(shown(known).row).toBe('leave');
    expect(tell(known, say({ at: 1, id: 'other', item: { title: 'autre' } }))).toBe('newer');
    expect(shown(known)).toMatchObject({ row: 'queue', placement: { title: 'autre' } });
  });

  it('that addresses others takes the item away from whom it was shown to, who keeps what she saw', () => {
    const known = sent(after({ at: 1, to: ['claire', 'paul'], item: { title: 'Ancien titre' } }));
    tell(known, say({ at: 2, to: ['paul'], item: { title: 'Nouveau titre' } }));
    const { placement, addressed, row } = shown(known);
    expect(placement).toMatchObject({ title: 'Ancien titre', state: 'cancelled', reason: 'réattribué', revision: 1_700_000_000_002 });
    expect([addressed, row]).toEqual([false, 'queue']);
    tell(known, say({ at: 3, op: 'close' }));
    expect(shown(known).placement).toMatchObject({ state: 'cancelled', revision: 1_700_000_000_002 });
    tell(known, say({ at: 4, to: ['claire'] }));
    expect(shown(known)).toMatchObject({
      row: 'queue',
      addressed: true,
      hasMessage: true,
      placement: { title: 'vu à 4', state: 'todo', reason: 'pour claire' },
    });
  });

  it('that closes keeps the content last shown and the state it asks for', () => {
    const known = sent(after({ at: 1 }));
    tell(known, say({ at: 2, op: 'close', item: { title: 'non lu', state: 'expired' } }));
    expect(shown(known)).toMatchObject({ row: 'queue', placement: { title: 'vu à 1', state: 'expired', revision: 1_700_000_000_002 } });
    expect(known.closed).toBe(true);
  });

  it('that closes before the first claim drops the row, and a newer one opens the same card again', () => {
    const known = after({ at: 1 }, { at: 2, op: 'close' });
    expect(shown(known)).toMatchObject({ row: 'drop', placement: { state: 'done' } });
    expect(tell(known, say({ at: 1, id: 'late' }))).toBe('late');
    tell(known, say({ at: 3 }));
    expect(shown(known)).toMatchObject({ row: 'queue', placement: { state: 'todo' } });
  });

  it('that takes away before the first claim drops the row as well', () => {
    expect(shown(after({ at: 1 }, { at: 2, to: ['paul'] })).row).toBe('drop');
  });

  it('that shows an object already closed is told all the same', () => {
    expect(shown(after({ at: 1, item: { state: 'done' } })).row).toBe('queue');
    expect(shown(after({ at: 1, item: { state: 'done' } }, { at: 2, item: { state: 'expired' } })).row).toBe('queue');
  });

  it('that closes an object never heard of leaves nothing but its standing', () => {
    const known = after({ at: 2, op: 'close' });
    expect(known).toMatchObject({ closed: true, standing: { revision: 1_700_000_000_002 } });
    expect(tell(known, say({ at: 1 }))).toBe('late');
    expect(tell(known, say({ at: 3 }))).toBe('newer');
  });
});

describe('any sequence of deliveries of one object', () => {
  const saidAt = (at: number): fc.Arbitrary<Said> =>
    fc.record({
      at: fc.constant(at),
      op: fc.constantFrom('upsert', 'upsert', 'close'),
      to: fc.uniqueArray(fc.constantFrom('claire', 'paul', 'nadia'), { minLength: 1 }),
      item: fc.record({ state: fc.constantFrom('todo', 'doing', 'done'), severity: fc.constantFrom('normal', 'urgent') }),
    });
  const history = fc.integer({ min: 1, max: 6 }).chain((length) => fc.tuple(...Array.from({ length }, (_, at) => saidAt(at))));
  const shuffled = history.chain((said) =>
    fc.tuple(fc.constant(said), fc.shuffledSubarray([...said, ...said], { minLength: said.length * 2 })),
  );

  it('ends with the newest, in any order and however often each comes', () => {
    fc.assert(
      fc.property(shuffled, ([said, arrivals]) => {
        const newest = say(said.at(-1) ?? { at: 0 });
        const known = after(...arrivals);
        expect(known.standing).toEqual({ revision: newest.revision, digest: newest.contentDigest });
        const addressed = [...known.shown].filter(([, one]) => one.addressed).map(([agent]) => agent);
        if (newest.change.op === 'upsert') expect(addressed.sort()).toEqual(newest.change.to.map(({ value }) => value).sort());
        for (const [agent, one] of known.shown) {
          const expected = newest.change.op === 'upsert' && one.addressed ? newest.change.item.state : undefined;
          if (expected !== undefined) expect([agent, one.placement.state]).toEqual([agent, expected]);
          else expect(['done', 'cancelled']).toContain(one.placement.state);
        }
      }),
    );
  });

  it('never loses a change of what a room shows', () => {
    fc.assert(
      fc.property(shuffled, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), ([, arrivals], claims) => {
        const known = unheard();
        const room = new Map<string, Placement>();
        const relay = (): void => {
          for (const [agent, one] of known.shown) if (one.row === 'queue') room.set(agent, one.placement);
          sent(known);
        };
        arrivals.forEach((said, index) => {
          tell(known, say(said));
          if (claims[index] === true) relay();
        });
        relay();
        for (const [agent, one] of known.shown) {
          const isUntold = !room.has(agent) && ['done', 'cancelled'].includes(one.placement.state);
          if (!isUntold) expect([agent, diff(room.get(agent), one.placement)]).toEqual([agent, 'nothing']);
        }
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRequest } from '#desk/event.ts';
import { DESK_ACTIONS, type Request } from '#desk/request.ts';
import { apply, fold, hasNoMoment, isBack, isDeskAction, isOpen, isSnoozed, NO_TRIAGE, type Triage } from '#desk/triage.ts';
import { DAY_MS } from '#desk/zone.ts';
import { eventOf } from './arbitrary.ts';

const zone = { timeZone: 'Europe/Paris' };
/** Friday 27 November 2026, 16:00 in Paris. */
const friday = Date.parse('2026-11-27T15:00:00Z');
const monday = Date.parse('2026-11-30T08:00:00Z');
const item = { state: 'todo', revision: 10 } as const;

let made = 0;
function request(action: string, changes: Partial<Request> = {}): Request {
  made += 1;
  return { eventId: `$r${made}`, sender: '@claire:x', items: ['$a'], action, askedAt: friday, at: friday, source: 'action', ...changes };
}

function after(...requests: Request[]): Triage {
  return fold(requests, { ...zone, revisionAt: () => 10 }).get('$a') ?? NO_TRIAGE;
}

describe('what each of the desk’s actions does', () => {
  it('sees, sets aside and restores', () => {
    expect(after(request('desk.seen'))).toEqual({ ...NO_TRIAGE, seen: true });
    expect(after(request('desk.aside'))).toEqual({ ...NO_TRIAGE, seen: true, aside: true, snoozedRevision: 10 });
    expect(after(request('desk.aside'), request('desk.restore'))).toEqual({ ...NO_TRIAGE, seen: true });
  });

  it('keeps the lines of a note, and not more than one empty one between them', () => {
    const text = '\nVoir avec Paul\u202e :\r\n- le lot 2 \n\n\n\n\u0007- le lot\t3\u2028\n';
    expect(after(request('desk.note', { input: { text } })).note).toBe('Voir avec Paul :\n- le lot 2\n\n- le lot 3');
    expect(after(request('desk.note', { input: { text: '\n'.repeat(600) } }))).not.toHaveProperty('note');
    expect(after(request('desk.note', { input: { text: 'x\n'.repeat(400) } })).note).toHaveLength(500);
  });

  it('pins, unpins and keeps a note, cleaned and bounded', () => {
    expect(after(request('desk.pin')).pinned).toBe(true);
    expect(after(request('desk.pin'), request('desk.unpin')).pinned).toBe(false);
    expect(after(request('desk.note', { input: { text: ' voir\tavec Paul\u202e ' } })).note).toBe('voir avec Paul');
    expect(after(request('desk.note', { input: { text: 'x'.repeat(900) } })).note).toHaveLength(500);
    expect(after(request('desk.note', { input: { text: 'a' } }), request('desk.note', { input: { text: ' ' } }))).not.toHaveProperty(
      'note',
    );
  });

  it('takes an action run at the tool as having seen the item, and as nothing else', () => {
    expect(after(request('valider'))).toEqual({ ...NO_TRIAGE, seen: true });
  });

  it('restores what was put off, and puts off what was set aside', () => {
    expect(after(request('desk.snooze'), request('desk.restore'))).toEqual({ ...NO_TRIAGE, seen: true });
    expect(after(request('desk.aside'), request('desk.snooze'))).toEqual({ ...NO_TRIAGE, seen: true, snoozedUntil: monday });
    expect(after(request('desk.snooze'), request('desk.aside'))).toEqual({ ...NO_TRIAGE, seen: true, aside: true, snoozedRevision: 10 });
    expect(after(request('desk.aside'), request('desk.snooze'))).not.toHaveProperty('snoozedRevision');
  });

  it('brings back what was set aside when its object moves past what she saw, and not before', () => {
    const aside = after(request('desk.aside'));
    expect([10, 11].map((revision) => isOpen({ ...item, revision }, aside, friday))).toEqual([false, true]);
    expect([10, 11].map((revision) => isOpen({ ...item, revision }, after(request('desk.aside', { revision: 9 })), friday))).toEqual([
      true,
      true,
    ]);
    expect(isOpen({ ...item, revision: 11, state: 'done' }, aside, friday)).toBe(false);
  });
});

describe('putting off', () => {
  it('goes on until the next working morning when nothing else is said', () => {
    expect(after(request('desk.snooze')).snoozedUntil).toBe(monday);
    expect(after(request('desk.snooze', { input: { until: 'bientôt' } })).snoozedUntil).toBe(monday);
    expect(after(request('desk.snooze', { input: { until: Number.MAX_SAFE_INTEGER } })).snoozedUntil).toBe(monday); // no calendar has that
    const saturdayThere = fold([request('desk.snooze')], { timeZone: 'Pacific/Noumea' }).get('$a');
    expect(saturdayThere?.snoozedUntil).toBe(Date.parse('2026-11-29T22:00:00Z'));
  });

  it('to what is no moment is told from putting off without one', () => {
    const none = (input?: Record<string, unknown>) => hasNoMoment({ action: 'desk.snooze', ...(input && { input }) }, 'Europe/Paris');
    expect([{ until: '2027-02-31' }, { until: 'bientôt' }, { until: -1 }, { until: [] }].map(none)).toEqual(Array(4).fill(true));
    expect([undefined, {}, { until: null }, { onChange: true }, { until: '2027-02-28' }, { until: monday }].map(none)).toEqual(
      Array(6).fill(false),
    );
  });

  it('goes on until an instant, or a day’s morning', () => {
    expect(after(request('desk.snooze', { input: { until: '2026-12-01T14:00:00+01:00' } })).snoozedUntil).toBe(
      Date.parse('2026-12-01T13:00:00Z'),
    );
    expect(after(request('desk.snooze', { input: { until: '2026-12-01' } })).snoozedUntil).toBe(Date.parse('2026-12-01T08:00:00Z'));
    expect(after(request('desk.snooze', { input: { until: monday + 1 } })).snoozedUntil).toBe(monday + 1);
  });

  it('ends with the hour', () => {
    const triage = after(request('desk.snooze'));
    expect([isOpen(item, triage, monday - 1), isOpen(item, triage, monday)]).toEqual([false, true]);
  });

  it('ends when the item moves, if that was asked', () => {
    const triage = after(request('desk.snooze', { input: { onChange: true }, revision: 10 }));
    expect(triage).toEqual({ ...NO_TRIAGE, seen: true, snoozedRevision: 10 });
    expect(isOpen(item, triage, friday + 1000 * DAY_MS)).toBe(false);
    expect(isOpen({ ...item, revision: 11 }, triage, friday)).toBe(true);
  });

  it('has already ended when the item moved before the agent’s page knew', () => {
    expect(isOpen(item, after(request('desk.snooze', { input: { onChange: true }, revision: 9 })), friday)).toBe(true);
  });

  it('means the revision before it when a request does not say one, and of each item when it names several', () => {
    const both = request('desk.snooze', { input: { onChange: true }, items: ['$a', '$b'], revision: 3 });
    const folded = fold([both], { ...zone, revisionAt: (eventId) => (eventId === '$a' ? 10 : 20) });
    expect([folded.get('$a')?.snoozedRevision, folded.get('$b')?.snoozedRevision]).toEqual([10, 20]);
    expect(after(request('desk.snooze', { input: { onChange: true } })).snoozedRevision).toBe(10);
  });

  it('leaves what is back to be noticed, until she does something with it', () => {
    const back = after(request('desk.snooze', { input: { until: '2026-12-01' } }));
    const tuesday = Date.parse('2026-12-01T08:00:00Z');
    expect([friday, tuesday].map((now) => isBack(back, { revision: 10, now }))).toEqual([false, true]);
    const seen = fold([request('desk.snooze', { input: { until: '2026-12-01' } }), request('desk.seen', { at: tuesday })], zone).get('$a');
    expect(seen).toEqual({ ...NO_TRIAGE, seen: true });
    const moved = apply(after(request('desk.aside')), request('desk.seen', { revision: 11 }), zone);
    expect(moved).toEqual({ ...NO_TRIAGE, seen: true });
  });

  it('never hides an item for good: without a known revision the next working morning ends it', () => {
    const triage = fold([request('desk.snooze', { input: { onChange: true } })], zone).get('$a');
    expect(triage).toEqual({ ...NO_TRIAGE, seen: true, snoozedUntil: monday });
  });

  it('ends with whichever comes first when both were asked', () => {
    const triage = after(request('desk.snooze', { input: { onChange: true, until: '2026-12-01' }, revision: 10 }));
    expect(isSnoozed(triage, { revision: 10, now: friday })).toBe(true);
    expect(isSnoozed(triage, { revision: 11, now: friday })).toBe(false);
    expect(isSnoozed(triage, { revision: 10, now: Date.parse('2026-12-01T08:00:00Z') })).toBe(false);
  });
});

it('counts as open what the source asks for, neither set aside nor put off', () => {
  const open = (['todo', 'doing', 'waiting', 'done', 'cancelled', 'expired'] as const).filter((state) =>
    isOpen({ state, revision: 1 }, NO_TRIAGE, friday),
  );
  expect(open).toEqual(['todo', 'doing', 'waiting']);
  expect(isOpen(item, { ...NO_TRIAGE, aside: true }, friday)).toBe(false);
  expect(isOpen(item, { ...NO_TRIAGE, seen: true, pinned: true, note: 'x' }, friday)).toBe(true);
});

it('knows its own actions from a tool’s', () => {
  expect(DESK_ACTIONS.every(isDeskAction)).toBe(true);
  expect(['valider', 'desk', 'desk.autre', 'seen'].some(isDeskAction)).toBe(false);
});

const anyInput = fc.oneof(
  fc.constant(undefined),
  fc.record(
    { until: fc.oneof(fc.constantFrom('2026-12-01', '2026-12-01T10:00:00Z'), fc.jsonValue()), onChange: fc.boolean(), text: fc.string() },
    { requiredKeys: [] },
  ),
);
const requests = fc
  .array(
    fc.record({
      action: fc.constantFrom(...DESK_ACTIONS, 'valider'),
      items: fc.subarray(['$a', '$b', '$c']),
      input: anyInput,
      revision: fc.option(fc.nat(20), { nil: undefined }),
      at: fc.integer({ min: friday, max: friday + 10 * DAY_MS }),
    }),
    { maxLength: 12 },
  )
  .map((all): Request[] =>
    all.map((asked, n) => ({ ...asked, eventId: `$${n}`, sender: '@claire:x', askedAt: asked.at, source: 'action' })),
  );

describe('the fold', () => {
  it('says the same when requests come again, whole or in part', () => {
    fc.assert(
      fc.property(
        requests.chain((all) => fc.tuple(fc.constant(all), fc.subarray(all))),
        ([all, again]) => {
          expect(fold([...all, ...again], zone)).toEqual(fold(all, zone));
        },
      ),
    );
  });

  it('goes on from where it was: folding is applying one by one', () => {
    fc.assert(
      fc.property(requests, (all) => {
        for (const [eventId, triage] of fold(all, zone))
          expect(all.filter(({ items }) => items.includes(eventId)).reduce((now, one) => apply(now, one, zone), NO_TRIAGE)).toEqual(triage);
      }),
    );
  });

  it('takes a redacted request as one that never was', () => {
    const events = requests.map((all) =>
      all.map((asked) =>
        eventOf({
          type: 'fr.ecritoire.action',
          event_id: asked.eventId,
          sender: asked.sender,
          origin_server_ts: asked.at,
          content: { v: 1, items: asked.items, action: asked.action, ...(asked.input && { input: asked.input }) },
        }),
      ),
    );
    fc.assert(
      fc.property(events, fc.nat(), (all, which) => {
        const redacted = all[which % Math.max(all.length, 1)]?.event_id;
        const asHomeserversServeIt = all.map((event) => (event.event_id === redacted ? { ...event, content: {} } : event));
        const read = (some: typeof all) => some.flatMap((event) => readRequest(event) ?? []);
        expect(fold(read(asHomeserversServeIt), zone)).toEqual(fold(read(all.filter((event) => event.event_id !== redacted)), zone));
      }),
    );
  });

  it('touches only the items that are named', () => {
    fc.assert(
      fc.property(requests, (all) => {
        expect([...fold(all, zone).keys()].sort()).toEqual([...new Set(all.flatMap(({ items }) => items))].sort());
      }),
    );
  });

  it('undoes ✅ when its reaction is redacted', () => {
    const reaction = eventOf({ type: 'm.reaction', content: { 'm.relates_to': { rel_type: 'm.annotation', event_id: '$a', key: '✅' } } });
    const triageOf = (event: typeof reaction) =>
      fold(
        [readRequest(event)].flatMap((one) => one ?? []),
        zone,
      ).get('$a') ?? NO_TRIAGE;
    expect(triageOf(reaction).aside).toBe(true);
    expect(triageOf({ ...reaction, content: {} })).toEqual(NO_TRIAGE);
  });
});

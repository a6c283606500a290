import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareRows, dueMs } from '#desk/due.ts';
import { type Counted, ToolState, toolState } from '#desk/indicator.ts';
import { Severity, State } from '#desk/item.ts';
import { jsonBytes } from '#desk/text.ts';
import { isOpen, NO_TRIAGE } from '#desk/triage.ts';
import { addDays, DAY_MS } from '#desk/zone.ts';
import { due } from './arbitrary.ts';

/** Thursday 26 November 2026, 10:00 in Paris. */
const now = Date.parse('2026-11-26T09:00:00Z');
const at = { bot: 'gta', connection: 'gta', label: 'Congés', url: 'https://gta.ville-claire.example', now, timeZone: 'Europe/Paris' };

let made = 0;
function row(changes: Partial<Counted> = {}): Counted {
  made += 1;
  return { eventId: `$${String(made).padStart(43, '0')}`, state: 'todo', revision: 1, severity: 'normal', triage: NO_TRIAGE, ...changes };
}

describe('the counts', () => {
  it('count what is open, and apart what was set aside or put off; closed items are in none', () => {
    const aside = { ...NO_TRIAGE, aside: true };
    const snoozed = { ...NO_TRIAGE, snoozedUntil: now + 1 };
    const rows = [
      row({ severity: 'urgent' }),
      row({ state: 'doing', dueAt: '2026-11-27' }),
      row({ state: 'waiting' }),
      row({ severity: 'urgent', triage: aside }),
      row({ triage: snoozed }),
      row({ triage: { ...NO_TRIAGE, snoozedUntil: now } }),
      row({ state: 'done' }),
      row({ state: 'cancelled', triage: aside }),
    ];
    expect(toolState(rows, at).counts).toEqual({ open: 4, urgent: 1, undated: 3, aside: 2 });
  });

  it('are all there with nothing to count', () => {
    expect(toolState([], at)).toEqual({
      v: 1,
      bot: 'gta',
      label: 'Congés',
      url: at.url,
      counts: { open: 0, urgent: 0, undated: 0, aside: 0 },
      due: {},
      before: 0,
      after: 0,
      first: [],
      more: 0,
    });
  });
});

describe('the dates', () => {
  it('are days of the organisation’s zone', () => {
    const rows = [row({ dueAt: '2026-11-27T23:30:00Z' }), row({ dueAt: '2026-11-28' }), row({ dueAt: '2026-11-27' })];
    expect(toolState(rows, at).due).toEqual({ '2026-11-27': 1, '2026-11-28': 2 });
    expect(toolState(rows, { ...at, timeZone: 'America/Martinique' }).due).toEqual({ '2026-11-27': 2, '2026-11-28': 1 });
  });

  it('are the sixty nearest to today, the others summed before and after', () => {
    const rows = Array.from({ length: 100 }, (_, n) => row({ dueAt: addDays('2026-11-26', n - 40) }));
    const { due: dates, before, after } = toolState(rows, at);
    const kept = Object.keys(dates).sort();
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([60, '2026-10-28', '2026-12-26']);
    expect([before, after]).toEqual([11, 29]);
  });

  it('do not name what is late, so that midnight changes nothing', () => {
    const rows = [row({ dueAt: '2026-11-25' }), row({ dueAt: '2026-11-26T09:00:00Z' }), row({ dueAt: '2026-11-30' })];
    expect(toolState(rows, { ...at, now: now + 2 * DAY_MS })).toEqual(toolState(rows, at));
  });
});

describe('the first rows', () => {
  it('are twenty in list order, with what the page needs to draw them', () => {
    const rows = Array.from({ length: 25 }, (_, n) => row({ dueAt: addDays('2027-01-01', 25 - n) }));
    const urgent = row({ severity: 'urgent', dueAt: '2026-11-26T17:00:00.500+01:00' });
    const { first, more } = toolState([row(), ...rows, urgent], at);
    expect(first[0]).toEqual({ event_id: urgent.eventId, dueAt: '2026-11-26T16:00:00Z', urgent: true });
    expect(first.slice(1).map(({ event_id }) => event_id)).toEqual(
      rows
        .toReversed()
        .slice(0, 19)
        .map(({ eventId }) => eventId),
    );
    expect([first.length, more]).toEqual([20, 7]);
  });

  it('are twenty even with sixty dates, a link and today’s ids', () => {
    const rows = Array.from({ length: 2000 }, (_, n) =>
      row({ severity: 'urgent', dueAt: `${addDays('2026-11-26', n % 60)}T17:00:00+01:00` }),
    );
    expect(toolState(rows, at).first).toHaveLength(20);
  });

  it('are fewer when ids are so long that the state would grow above its bound', () => {
    const rows = Array.from({ length: 100 }, (_, n) => row({ eventId: `$${'é'.repeat(120)}${n}`, dueAt: addDays('2026-11-26', n) }));
    const state = toolState(rows, at);
    expect(jsonBytes(state)).toBeLessThanOrEqual(4000);
    expect(state.first.length).toBeGreaterThan(4);
    expect(state.first.length + state.more).toBe(100);
  });
});

const counted = fc.array(
  fc.record({
    eventId: fc.oneof(fc.uuid(), fc.string({ maxLength: 255, unit: 'binary' })),
    state: fc.constantFrom(...State.options),
    revision: fc.nat(5),
    severity: fc.constantFrom(...Severity.options),
    dueAt: fc.option(due, { nil: undefined }),
    triage: fc.record(
      {
        seen: fc.boolean(),
        aside: fc.boolean(),
        pinned: fc.boolean(),
        snoozedUntil: fc.integer({ min: now - 9, max: now + 9 }),
        snoozedRevision: fc.nat(5),
      },
      { requiredKeys: ['seen', 'aside', 'pinned'] },
    ),
  }),
  { maxLength: 300, size: 'max' },
);

it('always adds up, stays within 4 KB, and reads as its own schema', () => {
  fc.assert(
    fc.property(
      counted,
      fc.string({ maxLength: 2000 }),
      fc.constantFrom('Europe/Paris', 'Pacific/Noumea', 'America/Martinique'),
      (rows, url, timeZone) => {
        const state = toolState(rows, { ...at, url, timeZone });
        const { counts, before, after, first, more } = state;
        const dated = Object.values(state.due).reduce((sum, count) => sum + count, 0);
        const open = rows.filter((one) => isOpen(one, one.triage, now));
        expect(counts.open).toBe(open.length);
        expect(dated + before + after + counts.undated).toBe(counts.open);
        expect(first.length + more).toBe(counts.open);
        expect(Object.keys(state.due).length).toBeLessThanOrEqual(60);
        expect(jsonBytes(state)).toBeLessThanOrEqual(4000);
        expect(ToolState.parse(state)).toEqual(state);
        const inOrder = open
          .map((one) => ({ eventId: one.eventId, dueMs: one.dueAt === undefined ? undefined : dueMs(one.dueAt, timeZone) }))
          .sort(compareRows);
        expect(first.map(({ event_id }) => event_id)).toEqual(inOrder.slice(0, first.length).map(({ eventId }) => eventId));
      },
    ),
    { numRuns: 60 },
  );
}, 30_000);

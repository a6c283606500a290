import { describe, expect, it } from 'vitest';
import { NO_TRIAGE } from '#desk/triage.ts';
import { foldMarks, NO_MARKS } from '../../../../appservice/rebuild/marks.ts';
import type { RequestRow } from '../../../../appservice/store/requests.ts';

const zone = { sender: '@claire:desk.localhost', timeZone: 'Europe/Paris' };

/** A request as `record` keeps it; `at` in ms is when it came. */
const row = (action: string, at: number, changes: Partial<RequestRow> = {}): RequestRow => ({
  event_id: `$r${String(at)}`,
  seq: at,
  room_id: '!desk',
  localpart: 'claire',
  action,
  items: ['$a'],
  input: null,
  revision: null,
  revisions: { $a: 10 },
  source: 'action',
  asked_at: new Date(at),
  received_at: new Date(at),
  redacted_at: null,
  outcome: 'confirmed',
  place: null,
  outcome_at: null,
  ...changes,
});

const fold = (...rows: RequestRow[]) => foldMarks(rows, zone);

describe('marks', () => {
  it('have the time of the request that first set them', () => {
    const marks = fold(row('desk.seen', 100), row('desk.aside', 200), row('desk.seen', 300)).get('$a');
    expect(marks).toMatchObject({ triage: { seen: true, aside: true }, seenAt: 100, asideAt: 200, pinnedAt: null, at: 300 });
  });

  it('lose their time with the mark, and get a new one', () => {
    const marks = fold(row('desk.aside', 100), row('desk.restore', 200)).get('$a');
    expect([marks?.triage.aside, marks?.asideAt]).toEqual([false, null]);
    expect(fold(row('desk.pin', 100), row('desk.unpin', 200), row('desk.pin', 300)).get('$a')?.pinnedAt).toBe(300);
  });

  it('are each item’s own when one request names several', () => {
    const marks = fold(row('desk.aside', 100, { items: ['$a', '$b'] }), row('desk.restore', 200, { items: ['$b'] }));
    expect([marks.get('$a')?.asideAt, marks.get('$b')?.asideAt]).toEqual([100, null]);
  });

  it('put off until something changes remember the revision that was shown then', () => {
    const snooze = row('desk.snooze', 100, { input: { onChange: true }, revisions: { $a: 42 } });
    expect(fold(snooze).get('$a')?.triage.snoozedRevision).toBe(42);
  });

  it('are none where nothing was asked', () => {
    expect(fold().get('$a')).toBeUndefined();
    expect(NO_MARKS).toEqual({ triage: NO_TRIAGE, seenAt: null, asideAt: null, pinnedAt: null, at: 0 });
  });
});

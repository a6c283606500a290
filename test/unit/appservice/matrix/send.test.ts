import { describe, expect, test } from 'vitest';
import type { Answer } from '../../../../appservice/matrix/client.ts';
import { readOutcome } from '../../../../appservice/matrix/send.ts';

const answer = (status: number, body?: Record<string, unknown>, retryAfterMs?: number): Answer => ({
  status,
  body,
  errcode: typeof body?.errcode === 'string' ? body.errcode : undefined,
  retryAfterMs,
  reason: status < 300 && status > 0 ? '' : String(status),
});

describe('what came of a send', () => {
  test('is sent only with an event id', () => {
    expect(readOutcome(answer(200, { event_id: '$e' }))).toEqual({ kind: 'sent', eventId: '$e' });
    expect(readOutcome(answer(200, {}))).toMatchObject({ kind: 'later', trouble: 'foreign' });
    expect(readOutcome(answer(200))).toMatchObject({ kind: 'later', trouble: 'foreign' });
  });

  test.each([
    [403, 'M_FORBIDDEN'],
    [404, 'M_NOT_FOUND'],
    [400, 'M_BAD_JSON'],
  ])('is refused for good with %i in the homeserver’s own words', (status, errcode) => {
    expect(readOutcome(answer(status, { errcode })).kind).toBe('refused');
  });

  test('is refused for good when too large, whoever says so', () => {
    expect(readOutcome(answer(413)).kind).toBe('refused');
    expect(readOutcome(answer(413, { errcode: 'M_TOO_LARGE' })).kind).toBe('refused');
  });

  test.each([
    [400, 'foreign'],
    [403, 'foreign'],
    [404, 'foreign'],
    [500, 'failing'],
    [502, 'failing'],
    [503, 'failing'],
    [504, 'failing'],
    [0, 'silent'],
  ])('is to be tried again after %i without Matrix’s words: that was a proxy, or nobody', (status, trouble) => {
    expect(readOutcome(answer(status))).toMatchObject({ kind: 'later', trouble });
  });

  test('is to be tried again when it comes too late', () => {
    expect(readOutcome({ ...answer(0), isLate: true })).toMatchObject({ kind: 'later', trouble: 'slow' });
  });

  test('is to be tried again after an error of the homeserver itself, without taking it for gone', () => {
    expect(readOutcome(answer(500, { errcode: 'M_UNKNOWN' }))).toMatchObject({ kind: 'later', trouble: undefined });
    expect(readOutcome(answer(404, { errcode: 'M_UNRECOGNIZED' }))).toMatchObject({ kind: 'later' });
    expect(readOutcome(answer(401, { errcode: 'M_UNKNOWN_TOKEN' }))).toMatchObject({ kind: 'later' });
  });

  test('waits as long as 429 says', () => {
    expect(readOutcome(answer(429, { errcode: 'M_LIMIT_EXCEEDED' }, 4000))).toEqual({
      kind: 'later',
      afterMs: 4000,
      trouble: 'limited',
      reason: '429',
    });
  });
});

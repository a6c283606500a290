import { describe, expect, it } from 'vitest';
import { DeskError, type ErrorCode } from '../../../../appservice/desk/errors.ts';
import { Breakers } from '../../../../appservice/poll/breaker.ts';
import { nextSweepMs, retryMs, wordFor } from '../../../../appservice/poll/pace.ts';
import { Streaks } from '../../../../appservice/poll/streak.ts';

const MINUTE = 60_000;
const error = (code: ErrorCode, retryAfterMs?: number): DeskError =>
  new DeskError(code, 'essai', { ...(retryAfterMs !== undefined && { retryAfterMs }) });
const after = (code: ErrorCode, { failures = 1, isAccount = true, isHers = false, retryAfterMs = 0 } = {}): number | undefined =>
  retryMs(error(code, retryAfterMs), { failures, everyMs: MINUTE, isAccount, isHers, random: () => 0 });

describe('the next look', () => {
  it('comes a little before its time, never after', () => {
    expect([0, 0.5, 0.999].map((dice) => nextSweepMs(MINUTE, () => dice))).toEqual([60_000, 57_000, 54_006]);
  });

  it('comes later with each failure, within a quarter of an hour', () => {
    expect([1, 2, 3, 5, 60].map((failures) => after('unavailable', { failures }))).toEqual([60_000, 120_000, 240_000, 900_000, 900_000]);
  });

  it('comes no sooner than the tool said', () => {
    expect(after('rate_limited', { retryAfterMs: 7 * MINUTE })).toBe(7 * MINUTE);
    expect(after('unavailable', { failures: 4, retryAfterMs: 1000 })).toBe(8 * MINUTE);
    expect(after('config', { retryAfterMs: 60 * MINUTE })).toBe(60 * MINUTE);
  });

  it('of an account that was refused comes when it is linked again; of a technical one in a quarter of an hour', () => {
    expect(after('auth', { isHers: true })).toBeUndefined();
    expect([1, 3, 9].map((failures) => after('auth', { failures }))).toEqual([MINUTE, 4 * MINUTE, 15 * MINUTE]); // it may be everybody’s
    expect(after('auth', { isAccount: false })).toBe(15 * MINUTE);
  });

  it('where a part is refused to an agent is no later than any', () => {
    expect(after('denied', { failures: 9 })).toBe(MINUTE);
  });
});

describe('the word of health', () => {
  it('of one agent’s account alone is none, unless it is certain that it is everybody’s', () => {
    const codes: readonly ErrorCode[] = [
      'auth',
      'denied',
      'invalid',
      'not_found',
      'conflict',
      'bug',
      'config',
      'unavailable',
      'rate_limited',
    ];
    expect(codes.map((code) => wordFor(error(code), { isOwn: true }))).toEqual([
      ...[undefined, undefined, undefined, undefined, undefined, undefined],
      ...['misconfigured', 'retrying', 'retrying'],
    ]);
    expect(codes.map((code) => wordFor(error(code), { isOwn: false }))).toEqual([
      ...['bad_credentials', 'bad_credentials', 'misconfigured', 'misconfigured', 'misconfigured', 'misconfigured'],
      ...['misconfigured', 'retrying', 'retrying'],
    ]);
  });

  it('is the connection’s after three failures in a row and nothing good for three intervals', () => {
    let now = 0;
    const streaks = new Streaks(() => now);
    streaks.well('a');
    const fails = (at: number): boolean => ((now = at), streaks.failed('a', MINUTE));
    expect([1, 2, 2.5].map((minute) => fails(minute * MINUTE))).toEqual([false, false, false]); // three, too soon
    expect(fails(3 * MINUTE)).toBe(true);
    streaks.well('a');
    expect(fails(4 * MINUTE)).toBe(false);
    // Of one that never went well since the start three are enough, whatever others meet.
    expect([0, 0, 0].map(() => streaks.failed('b', MINUTE))).toEqual([false, false, true]);
  });
});

describe('the circuit of a connection', () => {
  const open = (breakers: Breakers, id: string): void => {
    for (let n = 0; n < 5; n += 1) breakers.failed(id);
  };

  it('opens after five failures in a row, for that connection alone', () => {
    const breakers = new Breakers(() => 0);
    for (let n = 0; n < 4; n += 1) breakers.failed('a');
    expect(breakers.restMs('a')).toBe(0);
    breakers.failed('a');
    expect([breakers.restMs('a'), breakers.restMs('b'), breakers.isOpen('a')]).toEqual([30_000, 0, true]);
  });

  it('lets one through when its rest is over, and rests twice as long when that one fails', () => {
    let now = 0;
    const breakers = new Breakers(() => now);
    open(breakers, 'a');
    now = 30_000;
    expect(breakers.restMs('a')).toBe(0);
    expect(breakers.restMs('a')).toBeGreaterThan(0); // everybody else waits for the first
    breakers.failed('a');
    expect(breakers.restMs('a')).toBe(60_000);
  });

  it('closes when that one goes well', () => {
    let now = 0;
    const breakers = new Breakers(() => now);
    open(breakers, 'a');
    now = 30_000;
    breakers.restMs('a');
    breakers.well('a');
    expect([breakers.restMs('a'), breakers.restMs('a')]).toEqual([0, 0]);
  });
});

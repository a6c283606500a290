import { describe, expect, it } from 'vitest';
import { backOff, Silence } from '../../../../appservice/relay/silence.ts';

const TEN_MINUTES = 600_000;

/** Tries a homeserver that is down, each time as soon as that is allowed; each try costs what a refused connection does. */
function outage(lastsMs: number, tryMs: number): { tries: number; longestPauseMs: number } {
  let now = 1_764_000_000_000;
  const silence = new Silence(() => now);
  const end = now + lastsMs;
  let [tries, longestPauseMs] = [0, 0];
  while (now < end) {
    now += tryMs;
    silence.note();
    tries += 1;
    longestPauseMs = Math.max(longestPauseMs, silence.pauseMs);
    now += silence.pauseMs;
  }
  return { tries, longestPauseMs };
}

describe('a homeserver that was down for ten minutes', () => {
  it('is never left alone for longer than two seconds, so what waits goes on as soon as it is back', () => {
    expect(outage(TEN_MINUTES, 5).longestPauseMs).toBeLessThanOrEqual(2000);
  });

  it('met no more than a try every two seconds meanwhile, and some while it begins', () => {
    const { tries } = outage(TEN_MINUTES, 5);
    expect(tries).toBeGreaterThan(250);
    expect(tries).toBeLessThan(TEN_MINUTES / 2000 + 10);
  });

  it('costs one time-out and one pause at most after it is back, when it swallowed what it was sent', () => {
    // A send is given up after 30 s; it is the one that waits when the homeserver comes back.
    expect(outage(TEN_MINUTES, 30_000).longestPauseMs).toBeLessThanOrEqual(2000);
  });

  it('is forgotten at its first answer', () => {
    let now = 0;
    const silence = new Silence(() => now);
    for (let tries = 0; tries < 300; tries += 1) {
      silence.note();
      now += 2000;
    }
    silence.note();
    expect([silence.isOn, silence.end(), silence.isOn]).toEqual([true, true, false]);
    expect(silence.pauseMs).toBeLessThanOrEqual(0);
  });
});

describe('one room that is put off', () => {
  it('comes back within five seconds and a tenth, however often it was tried', () => {
    for (const attempts of [0, 1, 5, 20, 1000, 1_000_000]) expect(backOff(attempts)).toBeLessThanOrEqual(5500);
    expect(backOff(0)).toBeLessThanOrEqual(275);
  });
});

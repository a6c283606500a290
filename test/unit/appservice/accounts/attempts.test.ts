import { describe, expect, test } from 'vitest';
import { Attempts } from '../../../../appservice/accounts/attempts.ts';

describe('tries at linking an account', () => {
  test('are six in ten minutes for one account, and again after them', () => {
    let now = 0;
    const attempts = new Attempts(() => now);
    const tries = (): boolean[] => Array.from({ length: 7 }, () => attempts.may('claire', 'nuage'));
    expect(tries()).toEqual([true, true, true, true, true, true, false]);
    now = 599_000;
    expect(attempts.may('claire', 'nuage')).toBe(false);
    now = 601_000;
    expect(attempts.may('claire', 'nuage')).toBe(true);
  });

  test('of one agent do not count for another, nor those that went well', () => {
    const attempts = new Attempts(() => 0);
    for (let n = 0; n < 6; n += 1) attempts.may('claire', 'nuage');
    expect(attempts.may('marc', 'nuage')).toBe(true);
    attempts.succeeded('claire', 'nuage');
    expect(attempts.may('claire', 'nuage')).toBe(true);
  });

  test('are thirty in all, whatever the tools', () => {
    const attempts = new Attempts(() => 0);
    const made = Array.from({ length: 40 }, (_, n) => attempts.may('claire', `outil-${n}`));
    expect(made.filter(Boolean)).toHaveLength(30);
  });
});

import { describe, expect, test } from 'vitest';
import { isTooMany, makeCode, MOST_TRIES, readCode, stateOfCode } from '../../../../appservice/accounts/code.ts';

describe('a code', () => {
  test('has eight digits, the smallest and the largest too', () => {
    expect(makeCode(() => 0)).toBe('00000000');
    expect(makeCode((below) => below - 1)).toBe('99999999');
  });

  test('is read however it is spaced; what is no code is no try', () => {
    for (const typed of ['12345678', ' 1234 5678\n', '1234\u00a05678', '12-34-56-78']) expect(readCode(typed)).toBe('12345678');
    for (const typed of ['', '1234567', '123456789', '1234567a', '１２３４５６７８']) expect(readCode(typed)).toBeUndefined();
  });

  test('that is used up is that, over or not', () => {
    expect(stateOfCode({ tries: 0, isOver: false })).toEqual({ state: 'sent', left: 5 });
    expect(stateOfCode({ tries: MOST_TRIES - 1, isOver: false })).toEqual({ state: 'sent', left: 1 });
    expect(stateOfCode({ tries: MOST_TRIES, isOver: true })).toEqual({ state: 'spent', left: 0 });
    expect(stateOfCode({ tries: 1, isOver: true })).toEqual({ state: 'expired', left: 4 });
  });

  test('is made five times an hour for one agent, three for one address', () => {
    expect([isTooMany({ agent: 4, address: 2 }), isTooMany({ agent: 5, address: 0 }), isTooMany({ agent: 0, address: 3 })]).toEqual([
      false,
      true,
      true,
    ]);
  });
});

import { expect, test } from 'vitest';
import { readAhead } from '../../../appservice/desk/clock.ts';

test('another’s clock is read from its answers, to the nearest that they tell', () => {
  const now = Date.parse('2026-11-26T10:00:00Z');
  expect(readAhead('Thu, 26 Nov 2026 11:00:00 GMT', now)).toBe(3_600_000);
  expect(readAhead('Thu, 26 Nov 2026 09:00:00 GMT', now)).toBe(-3_600_000);
  expect(readAhead('Thu, 26 Nov 2026 10:00:01 GMT', now)).toBe(0);
  expect(readAhead(null, now)).toBeUndefined();
  expect(readAhead('soon', now)).toBeUndefined();
});

import { expect, test } from 'vitest';
import { readRetryAfter } from '../../../../appservice/matrix/client.ts';

const NOW = Date.parse('2026-11-23T10:00:00Z');

test.each([
  ['seconds', '7', undefined, 7000],
  ['a date', 'Mon, 23 Nov 2026 10:00:30 GMT', undefined, 30_000],
  ['a date that is over', 'Mon, 23 Nov 2026 09:00:00 GMT', undefined, 0],
  ['only Matrix’s older field', null, { retry_after_ms: 1234.5 }, 1235],
  ['both: the header counts', '2', { retry_after_ms: 9000 }, 2000],
  ['a header nobody can read, and the older field', 'soon', { retry_after_ms: 500 }, 500],
  ['nothing', null, {}, undefined],
  ['a negative wait', null, { retry_after_ms: -5 }, undefined],
])('the time to wait is read from %s', (_said, header, body, expected) => {
  expect(readRetryAfter(header, body, NOW)).toBe(expected);
});

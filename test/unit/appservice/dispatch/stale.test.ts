import { expect, test } from 'vitest';
import { isStale } from '../../../../appservice/dispatch/stale.ts';

const NOW = Date.parse('2026-11-26T10:00:00Z');
const MINUTE = 60_000;

test.each([
  ['made just now', { askedAt: NOW, at: NOW }, false],
  ['made a quarter of an hour ago', { askedAt: NOW - 15 * MINUTE, at: NOW - 15 * MINUTE }, false],
  ['a minute older than that', { askedAt: NOW - 16 * MINUTE, at: NOW - 16 * MINUTE }, true],
  ['asked an hour ago on a phone that only now has a network', { askedAt: NOW - 60 * MINUTE, at: NOW }, true],
  ['that says it comes from tomorrow, and is old', { askedAt: NOW + 1440 * MINUTE, at: NOW - 20 * MINUTE }, true],
  ['that says it comes from tomorrow, and is new', { askedAt: NOW + 1440 * MINUTE, at: NOW - MINUTE }, false],
])('a request %s', (_said, request, stale) => {
  expect(isStale(request, NOW)).toBe(stale);
});

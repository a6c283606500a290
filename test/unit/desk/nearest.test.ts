import { expect, it } from 'vitest';
import { nearest } from '#desk/nearest.ts';

it('names the nearest word to a mistyped one, and none when nothing is near', () => {
  expect(nearest('callbak', ['callback', 'connection', 'id'])).toBe('callback');
  expect(nearest('Hosts', ['hosts', 'host'])).toBe('hosts');
  expect(nearest('mot', ['publicUrl', 'organisations'])).toBeUndefined();
});

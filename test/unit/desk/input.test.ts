import { expect, test } from 'vitest';
import { onlyAsked } from '#desk/input.ts';

test('of what was given only the fields that are asked for remain', () => {
  const fields = { motif: { type: 'string' as const }, jours: { type: 'integer' as const } };
  expect(onlyAsked(fields, { motif: 'non', jours: null, constructor: 1, extra: { a: 1 } })).toEqual({ motif: 'non' });
  expect(onlyAsked(undefined, { motif: 'non' })).toEqual({});
});

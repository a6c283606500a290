import { afterEach, expect, it, vi } from 'vitest';
import { askDesk, askRows, askStandings } from '../../../../../web/src/lib/ui/ask.ts';

afterEach(() => vi.unstubAllGlobals());

const answers = (answer: () => Promise<Response>): void => void vi.stubGlobal('fetch', answer);

it('an answer that breaks off half-way, or is none of ours, is none, so that it is asked for again', async () => {
  answers(() => Promise.resolve(new Response('{"rooms": [')));
  expect([await askDesk(), await askRows({}), await askStandings()]).toEqual([undefined, undefined, undefined]);
  answers(() => Promise.reject(new TypeError('Failed to fetch')));
  expect(await askDesk()).toBeUndefined();
});

it('a session that has ended is told from a server that cannot now', async () => {
  answers(() => Promise.resolve(new Response('{}', { status: 401 })));
  expect(await askDesk()).toBe('signed-out');
  answers(() => Promise.resolve(new Response('{}', { status: 503 })));
  expect(await askDesk()).toBeUndefined();
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Outcome, outcomeEvent, outcomeMessage, readOutcome } from '#desk/event.ts';
import { anyText, eventOf } from '../arbitrary.ts';
import { jsonBytes } from '#desk/text.ts';
import { REPLIES } from '#desk/words.ts';

const until = Date.parse('2026-11-30T08:00:00Z');
const text = 'Mis de côté chez vous. Rien n’a été fait dans Congés.';
const written = { request: '$request', outcome: 'confirmed' as const, text, row: 'row-1' };
const read = { eventId: '$event', sender: '@ecritoire_gta:desk.localhost', request: '$request', at: 1_764_000_000_000, row: 'row-1' };

describe('an outcome', () => {
  it('is a notice with its sentence, related to the request, when a person needs to know', () => {
    expect(outcomeMessage(written)).toEqual({
      type: 'm.room.message',
      content: {
        msgtype: 'm.notice',
        body: text,
        'm.mentions': {},
        'm.relates_to': { rel_type: 'm.reference', event_id: '$request' },
        'fr.ecritoire.outcome': { v: 1, request: '$request', outcome: 'confirmed', text },
        'fr.ecritoire.row': 'row-1',
      },
    });
  });

  it('reads back from both forms', () => {
    const waiting = { request: '$request', outcome: 'waiting' as const, until, row: 'row-1' };
    expect(readOutcome(eventOf(outcomeMessage(written)))).toEqual({ ...read, outcome: 'confirmed', text });
    expect(readOutcome(eventOf(outcomeEvent(waiting)))).toEqual({ ...read, outcome: 'waiting', until });
  });

  it('has a sentence of its own for each word', () => {
    const bodies = Outcome.options.map((outcome) => outcomeMessage({ request: '$r', outcome, row: 'r' }).content['body']);
    expect(new Set(bodies).size).toBe(Outcome.options.length);
  });

  it('says all of the help, line by line', () => {
    const { content } = outcomeMessage({ ...written, text: REPLIES.help() });
    expect(content['body']).toBe(REPLIES.help());
    expect(String(content['body']).split('\n').length).toBeGreaterThan(5);
  });

  it('stays small whatever a tool answered', () => {
    fc.assert(
      fc.property(anyText, (said) => {
        expect(jsonBytes(outcomeMessage({ ...written, text: said }))).toBeLessThan(15_000);
      }),
    );
  });

  it('is nothing when it is not whole', () => {
    for (const content of [{}, { v: 1 }, { v: 1, request: '$r', outcome: 'peut-être' }, { v: 2, request: '$r', outcome: 'sent' }]) {
      expect(readOutcome(eventOf({ type: 'fr.ecritoire.outcome', content }))).toBeUndefined();
      expect(readOutcome(eventOf({ type: 'm.room.message', content: { body: 'x', 'fr.ecritoire.outcome': content } }))).toBeUndefined();
    }
  });
});

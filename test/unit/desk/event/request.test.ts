import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MatrixEvent, readRedaction, readRequest, requestEvent } from '#desk/event.ts';
import { eventOf } from '../arbitrary.ts';

const CLAIRE = '@claire.morel:desk.localhost';
const sent = Date.parse('2026-11-22T10:00:01Z');
const asked = Date.parse('2026-11-22T10:00:00Z');

function from(event: Pick<MatrixEvent, 'type' | 'content'>): MatrixEvent {
  return eventOf({ ...event, sender: CLAIRE, origin_server_ts: sent });
}

function reaction(key: string): MatrixEvent {
  return from({ type: 'm.reaction', content: { 'm.relates_to': { rel_type: 'm.annotation', event_id: '$item', key } } });
}

describe('what is typed in a thread', () => {
  const typed = (relation: object) =>
    readRequest(from({ type: 'm.room.message', content: { msgtype: 'm.text', body: 'fait', 'm.relates_to': relation } }))?.items;
  const thread = { rel_type: 'm.thread', event_id: '$item' };

  it('is about what the thread is about, whichever message stands beside it for clients without threads', () => {
    expect(typed({ ...thread, is_falling_back: true, 'm.in_reply_to': { event_id: '$talk' } })).toEqual(['$item']);
    expect(typed(thread)).toEqual(['$item']);
  });

  it('is about the message that it really answers', () => {
    expect(typed({ ...thread, 'm.in_reply_to': { event_id: '$other' } })).toEqual(['$other']);
    expect(typed({ ...thread, is_falling_back: false, 'm.in_reply_to': { event_id: '$other' } })).toEqual(['$other']);
  });
});

describe('an action event', () => {
  it('reads back as it was written', () => {
    const request = { items: ['$a', '$b'], action: 'refuser', input: { motif: 'délai' }, revision: 7, askedAt: asked };
    expect(readRequest(from(requestEvent(request)))).toEqual({ ...request, eventId: '$event', sender: CLAIRE, at: sent, source: 'action' });
  });

  it('names each item once', () => {
    const event = from(requestEvent({ items: ['$a', '$b', '$a'], action: 'desk.seen', askedAt: asked }));
    expect(readRequest(event)?.items).toEqual(['$a', '$b']);
  });

  it('is never younger than the homeserver says', () => {
    const later = from(requestEvent({ items: ['$a'], action: 'desk.seen', askedAt: sent + 3_600_000 }));
    expect(readRequest(later)?.askedAt).toBe(sent);
  });

  it('understands a time in milliseconds, and none at all', () => {
    const content = { v: 1, items: ['$a'], action: 'desk.aside' };
    expect(readRequest(from({ type: 'fr.ecritoire.action', content: { ...content, askedAt: asked } }))?.askedAt).toBe(asked);
    expect(readRequest(from({ type: 'fr.ecritoire.action', content }))?.askedAt).toBe(sent);
  });

  it('asks nothing when it is an edit, redacted, too large, or misshapen', () => {
    const { content } = requestEvent({ items: ['$a'], action: 'desk.aside', askedAt: asked });
    for (const changed of [
      {},
      { ...content, 'm.relates_to': { rel_type: 'm.replace', event_id: '$first' } },
      { ...content, v: 2 },
      { ...content, items: Array.from({ length: 51 }, (_, n) => `$${n}`) },
      { ...content, items: ['not an event id'] },
      { ...content, items: '$a' },
      { ...content, action: 'Un autre' },
      { ...content, action: 'desk.' },
      { ...content, revision: -1 },
      { ...content, askedAt: 'hier' },
    ])
      expect(readRequest(from({ type: 'fr.ecritoire.action', content: changed }))).toBeUndefined();
  });
});

describe('a reaction', () => {
  it('asks for what its emoji means, with or without variation selectors', () => {
    const meant = (key: string) => readRequest(reaction(key))?.action;
    expect([meant('✅'), meant('✅\ufe0f'), meant('👀'), meant('👀\ufe0e')]).toEqual([
      'desk.aside',
      'desk.aside',
      'desk.seen',
      'desk.seen',
    ]);
    expect([meant('⏰'), meant('⏰\ufe0f'), meant('↩'), meant('↩️')]).toEqual([
      'desk.snooze',
      'desk.snooze',
      'desk.restore',
      'desk.restore',
    ]);
  });

  it('is a request on the message it is put on', () => {
    expect(readRequest(reaction('✅'))).toEqual({
      eventId: '$event',
      sender: CLAIRE,
      items: ['$item'],
      action: 'desk.aside',
      askedAt: sent,
      at: sent,
      source: 'reaction',
    });
  });

  it('asks nothing with another emoji, by the name of an object’s member, or redacted', () => {
    for (const key of ['👍', '✅✅', '', 'constructor', 'toString', '__proto__']) expect(readRequest(reaction(key))).toBeUndefined();
    expect(readRequest(from({ type: 'm.reaction', content: {} }))).toBeUndefined();
  });
});

describe('a redaction', () => {
  it('names what it takes out, in the content or, before room version 11, beside it', () => {
    expect(readRedaction(from({ type: 'm.room.redaction', content: { redacts: '$a' } }))).toEqual({ redacts: '$a', sender: CLAIRE });
    expect(readRedaction({ ...from({ type: 'm.room.redaction', content: {} }), redacts: '$b' })).toEqual({ redacts: '$b', sender: CLAIRE });
    expect(readRedaction(from({ type: 'm.room.redaction', content: {} }))).toBeUndefined();
    expect(readRedaction(from({ type: 'm.reaction', content: { redacts: '$a' } }))).toBeUndefined();
  });
});

it('never throws, whatever the content', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (content, relation) => {
      for (const type of ['fr.ecritoire.action', 'm.reaction', 'm.room.redaction'])
        expect(() =>
          [readRequest, readRedaction].map((read) => read(from({ type, content: { ...content, 'm.relates_to': relation } }))),
        ).not.toThrow();
    }),
  );
});

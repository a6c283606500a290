import { describe, expect, it } from 'vitest';
import { firstAnswer, openFeed } from '../../../../../web/src/lib/matrix/open-feed.ts';
import { backOff, follow } from '../../../../../web/src/lib/matrix/follow.ts';
import { type Call, callOver, Refusal } from '../../../../../web/src/lib/matrix/homeserver.ts';
import { Outgoing } from '../../../../../web/src/lib/matrix/outgoing.ts';
import { sendEvent } from '../../../../../web/src/lib/matrix/send.ts';

const INTEREST = { desks: ['!d'], organisationRooms: ['!o'] };
const LINE = { isOnline: () => true, events: new EventTarget() };
const message = { event_id: '$1', type: 'm.room.message', sender: '@a:b', origin_server_ts: 1, content: {} };

/** Answers the requests in turn; an Error is thrown. Keeps what was asked. */
function script(...answers: (object | Error)[]) {
  const asked: { method: string; path: string; body: unknown }[] = [];
  const call: Call = (method, path, { body } = {}) => {
    asked.push({ method, path, body });
    const answer = answers.shift() ?? new Refusal(401);
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { call, asked };
}

describe('the desk’s feed', () => {
  it('asks sliding sync for the desk’s tools and its latest 50 events, and for the organisation’s health', async () => {
    const { call, asked } = script({ pos: '1', rooms: { '!d': { initial: true, timeline: [message, 'rubbish'], required_state: [] } } });
    const answer = await firstAnswer(call, INTEREST, 'tab');
    expect(answer).toMatchObject({ kind: 'sliding', pos: '1', rooms: [{ room: '!d', initial: true, timeline: [message] }] });
    expect(asked[0]?.body).toMatchObject({
      conn_id: 'tab',
      room_subscriptions: {
        '!d': {
          timeline_limit: 50,
          required_state: [
            ['m.room.create', ''],
            ['fr.ecritoire.desk', ''],
            ['fr.ecritoire.tool', '*'],
          ],
        },
      },
    });
  });

  it('falls back to classic sync where the homeserver does not know it, and asks who made the desk when that is left out', async () => {
    const create = { ...message, event_id: '$c', type: 'm.room.create', state_key: '' };
    const { call, asked } = script(
      new Refusal(404, { errcode: 'M_UNRECOGNIZED' }),
      {
        next_batch: 's1',
        rooms: { join: { '!d': { timeline: { events: [message], limited: true, prev_batch: 'p' }, state: { events: [] } } } },
      },
      create,
    );
    expect(await firstAnswer(call, INTEREST, 'tab')).toMatchObject({
      kind: 'classic',
      pos: 's1',
      rooms: [{ room: '!d', limited: true, prevBatch: 'p', state: [create] }],
    });
    expect(asked[1]?.path).toMatch(/^\/_matrix\/client\/v3\/sync\?/);
    expect(asked[2]?.path).toBe('/_matrix/client/v3/rooms/!d/state/m.room.create/?format=event');
  });

  it('does not fall back because the homeserver is down', async () => {
    await expect(firstAnswer(script(new Refusal(502)).call, INTEREST, 'tab')).rejects.toBeInstanceOf(Refusal);
  });

  it('follows from the position, says when it is live, and repeats after a cut from where it was', async () => {
    const { call, asked } = script({ pos: '2', rooms: {} }, new Refusal(0), { pos: '3', rooms: { '!d': { timeline: [message] } } });
    const said: string[] = [];
    const news: string[] = [];
    await follow(openFeed('sliding', call, INTEREST, 'tab'), '1', {
      listener: {
        onNews: (rooms) => news.push(...rooms.map((room) => room.room)),
        onStanding: (word) => said.push(word),
        onEnd: (why) => said.push(why),
      },
      signal: new AbortController().signal,
      line: LINE,
    });
    expect(said).toEqual(['live', 'reconnecting', 'live', 'signed-out']);
    expect(news).toEqual(['!d']);
    expect(asked.map(({ path }) => /pos=(\d)/.exec(path)?.[1])).toEqual(['1', '2', '2', '3']);
  });

  it('ends when the homeserver has forgotten the position, so that the page is drawn anew', async () => {
    const ends: string[] = [];
    const { call } = script(new Refusal(400, { errcode: 'M_UNKNOWN_POS' }));
    const ignore = () => undefined;
    const listener = { onNews: ignore, onStanding: ignore, onEnd: (why: string) => ends.push(why) };
    await follow(openFeed('sliding', call, INTEREST, 'tab'), '1', { listener, signal: new AbortController().signal, line: LINE });
    expect(ends).toEqual(['position-lost']);
  });

  it('waits longer after each failure, never more than 10 s', () => {
    expect(backOff(1, 1)).toBe(400);
    expect(backOff(3, 1)).toBe(1600);
    expect(backOff(50, 1)).toBe(10_000);
    expect(backOff(1, 0)).toBe(240);
  });
});

describe('sending', () => {
  const sending = { room: '!d', type: 'fr.ecritoire.action', content: {}, txn: 'web-1' };

  it('repeats with the same transaction id until the homeserver has it', async () => {
    const { call, asked } = script(new Refusal(0), new Refusal(429, { retryAfterMs: 1 }), { event_id: '$e' });
    expect(await sendEvent(call, sending)).toBe('$e');
    expect(new Set(asked.map(({ path }) => path)).size).toBe(1);
  });

  it('gives up at once on what will not pass by itself', async () => {
    const { call, asked } = script(new Refusal(403, { errcode: 'M_FORBIDDEN' }));
    await expect(sendEvent(call, sending)).rejects.toMatchObject({ errcode: 'M_FORBIDDEN' });
    expect(asked.length).toBe(1);
  });

  it('is tried again as soon as the line is back, and says meanwhile that something is held', async () => {
    const { call, asked } = script(new Refusal(503, { retryAfterMs: 3_600_000 }), { event_id: '$e' });
    const held: number[] = [];
    const outgoing = new Outgoing(call, (now) => held.push(now));
    const sent = outgoing.send(sending);
    await expect.poll(() => held).toEqual([1]);
    outgoing.wake();
    expect(await sent).toBe('$e');
    expect([asked.length, held]).toEqual([2, [1, 0]]);
  });

  it('reads the homeserver’s own words for a refusal', async () => {
    const fetcher = () => Promise.resolve(Response.json({ errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 7 }, { status: 429 }));
    await expect(callOver(fetcher, 'http://h', {})('GET', '/x')).rejects.toMatchObject({
      status: 429,
      errcode: 'M_LIMIT_EXCEEDED',
      retryAfterMs: 7,
      passing: true,
    });
  });
});

import { describe, expect, it } from 'vitest';
import { NO_TRIAGE } from '#desk/triage.ts';
import { DeskRoom } from '../../../../../web/src/lib/desk/room.ts';
import {
  AGENT,
  DESK_BOT,
  editEvent,
  emptySnapshot,
  event,
  itemEvent,
  NOW,
  placement,
  reaction,
  redaction,
  requestOf,
  ROOM,
  SERVER,
  toolState,
} from './sample.ts';

const open = () => new DeskRoom(emptySnapshot(), { agent: AGENT, serverName: SERVER }, NOW);
const openIds = (room: DeskRoom) => [...room.items.values()].filter((known) => room.isOpen(known, NOW)).map((known) => known.eventId);
const timeline = (...events: ReturnType<typeof event>[]) => ({ state: [], timeline: events });

describe('a desk room on the page', () => {
  it('does not ask again what was called back before the homeserver’s answer to the request was here', () => {
    const room = open();
    const asked = requestOf('valider', ['$a'], { event_id: '$asked' });
    const outcome = (of: string, more: object) =>
      event({ type: 'fr.ecritoire.outcome', sender: DESK_BOT, content: { v: 1, request: '$asked', outcome: of, ...more } });
    room.take(timeline(itemEvent('$a')), NOW);
    room.addRequest({ eventId: '~1', sender: AGENT, items: ['$a'], action: 'valider', askedAt: NOW, at: NOW, source: 'action' });
    room.take(timeline(asked, outcome('waiting', { until: '2026-11-26T09:01:00Z' })), NOW);
    room.take(timeline(redaction('$asked'), outcome('refused', {})), NOW);
    room.renameRequest('~1', '$asked'); // it was sent twice, as its first answer was lost
    expect(room.requests).toEqual([]);
  });

  it('keeps her decisions in their order when the feed tells of the first before the answer to it is here', () => {
    const room = open();
    const decided = (txn: string, action: string) =>
      room.addRequest({ eventId: `~${txn}`, sender: AGENT, items: ['$a'], action, askedAt: NOW, at: NOW, source: 'action' });
    const told = (txn: string, action: string) => requestOf(action, ['$a'], { event_id: `$${txn}`, unsigned: { transaction_id: txn } });
    room.take(timeline(itemEvent('$a')), NOW);
    decided('one', 'desk.aside');
    decided('two', 'desk.restore');
    room.take(timeline(told('one', 'desk.aside')), NOW);
    expect(openIds(room)).toEqual(['$a']);
    room.renameRequest('~one', '$one');
    expect(room.requests.map(({ eventId }) => eventId)).toEqual(['$one', '~two']);
    room.takeBack('~two');
    room.take(timeline(told('two', 'desk.restore')), NOW);
    expect(room.requests.map(({ eventId }) => eventId)).toEqual(['$one']);
  });

  it('counts decisions as the room has them, also one that stood here before another screen’s came through the feed', () => {
    const room = open();
    room.take(timeline(itemEvent('$a')), NOW);
    const source = 'action' as const;
    const decided = { eventId: '~one', sender: AGENT, items: ['$a'], action: 'desk.restore', askedAt: NOW, at: NOW, source };
    room.addRequest(decided); // without a line
    room.take(timeline(requestOf('desk.aside', ['$a'], { event_id: '$other' })), NOW);
    room.renameRequest('~one', '$one');
    room.addRequest({ ...decided, eventId: '~two', action: 'desk.pin' });
    room.take(timeline(requestOf('desk.restore', ['$a'], { event_id: '$one', unsigned: { transaction_id: 'one' } })), NOW);
    expect(room.requests.map(({ eventId }) => eventId)).toEqual(['$other', '$one', '~two']);
    expect(openIds(room)).toEqual(['$a']);
  });

  it('shows of two requests to a tool the one that goes on, then what was said last', () => {
    const room = open();
    const asked = (event_id: string) => requestOf('valider', ['$a'], { event_id });
    const said = (request: string, outcome: string, more: object) =>
      event({ type: 'fr.ecritoire.outcome', sender: DESK_BOT, content: { v: 1, request, outcome, ...more } });
    const shown = () => {
      const known = room.items.get('$a');
      const act = known && room.actOf(known);
      return [act?.request, act?.told?.outcome];
    };
    room.take(timeline(itemEvent('$a'), asked('$first'), asked('$second')), NOW);
    room.take(
      timeline(said('$first', 'waiting', { until: '2026-11-26T09:01:00Z' }), said('$second', 'refused', { text: 'Déjà en cours.' })),
      NOW,
    );
    expect(shown()).toEqual(['$first', 'waiting']);
    room.take(timeline(said('$first', 'confirmed', {})), NOW);
    expect(shown()).toEqual(['$first', 'confirmed']);
    const again = new DeskRoom(structuredClone(room.snapshot()), { agent: AGENT, serverName: SERVER }, NOW);
    const known = again.items.get('$a');
    expect(known && again.actOf(known)?.request).toBe('$first');
  });

  it('takes the tool’s confirmation from the card, if it is that of this very request', () => {
    const room = open();
    const done = (request: string, revision: number) =>
      editEvent('$a', {
        revision,
        state: 'done',
        lastAction: { by: AGENT, at: '2026-11-26T09:00:00Z', action: 'valider', outcome: 'confirmed', request },
      });
    const toldOf = (): string | undefined => {
      const known = room.items.get('$a');
      return known && room.actOf(known)?.told?.outcome;
    };
    room.take(timeline(itemEvent('$a'), requestOf('valider', ['$a'], { event_id: '$asked' }), done('$other', 2)), NOW);
    expect(toldOf()).toBeUndefined();
    room.take(timeline(done('$asked', 3)), NOW);
    expect(toldOf()).toBe('confirmed');
  });

  it('shows an item of the tool’s bot and says that it arrived', () => {
    const room = open();
    expect(room.take(timeline(itemEvent('$a')), NOW).arrived).toEqual(['$a']);
    expect(openIds(room)).toEqual(['$a']);
  });

  it('does not believe an item that the agent wrote herself, another bot’s, or another server’s', () => {
    const room = open();
    const forged = [
      itemEvent('$a', {}, AGENT),
      itemEvent('$b', {}, `@ecritoire_gta:${SERVER}`),
      itemEvent('$c', {}, '@ecritoire_astre:elsewhere.example'),
    ];
    expect(room.take(timeline(...forged), NOW).arrived).toEqual([]);
    expect(room.items.size).toBe(0);
  });

  it('changes an item in place by an edit of the same bot, and by nobody else’s', () => {
    const room = open();
    room.take(timeline(itemEvent('$a'), editEvent('$a', { title: 'Forgé', revision: 9 }, AGENT)), NOW);
    expect(room.items.get('$a')?.placement.title).toBe('Facture a');
    room.take(timeline(editEvent('$a', { title: 'Facture corrigée', revision: 2 })), NOW);
    expect(room.items.get('$a')?.placement.title).toBe('Facture corrigée');
  });

  it('leaves an edit of an older revision aside', () => {
    const room = open();
    room.take(timeline(itemEvent('$a', { revision: 5 }), editEvent('$a', { title: 'Vieux', revision: 4 })), NOW);
    expect(room.items.get('$a')?.placement.revision).toBe(5);
  });

  it('closes an item when the tool says so', () => {
    const room = open();
    room.take(timeline(itemEvent('$a'), editEvent('$a', { state: 'done', revision: 2 })), NOW);
    expect(openIds(room)).toEqual([]);
  });

  it('sets aside by the agent’s request and takes it back by a restore', () => {
    const room = open();
    room.take(timeline(itemEvent('$a'), requestOf('desk.aside', ['$a'])), NOW);
    expect(openIds(room)).toEqual([]);
    room.take(timeline(requestOf('desk.restore', ['$a'])), NOW);
    expect(openIds(room)).toEqual(['$a']);
  });

  it('ignores a request of another member', () => {
    const room = open();
    room.take(timeline(itemEvent('$a'), requestOf('desk.aside', ['$a'], { sender: `@paul.vidal:${SERVER}` })), NOW);
    expect(openIds(room)).toEqual(['$a']);
  });

  it('sets aside by a ✅ from any client, and folds anew when it is taken away', () => {
    const room = open();
    const tick = reaction('✅', '$a');
    room.take(timeline(itemEvent('$a'), tick), NOW);
    expect(openIds(room)).toEqual([]);
    expect(room.take(timeline(redaction(tick.event_id)), NOW).wanted).toEqual([]);
    expect(openIds(room)).toEqual(['$a']);
  });

  it('shows again what was set aside once its object has moved, however she asked and from whenever it is read', () => {
    const tick = reaction('✅', '$a');
    const moved = editEvent('$a', { revision: 2 });
    const page = open();
    page.take(timeline(itemEvent('$a'), itemEvent('$b'), tick, requestOf('desk.aside', ['$b', '$c'])), NOW);
    expect(openIds(page)).toEqual([]);
    page.take(timeline(moved, editEvent('$b', { revision: 2 })), NOW);
    expect(openIds(page)).toEqual(['$a', '$b']);
    const again = new DeskRoom(page.snapshot(), { agent: AGENT, serverName: SERVER }, NOW);
    expect(openIds(again)).toEqual(['$a', '$b']);
    again.take(timeline(requestOf('desk.aside', ['$a'], { event_id: '$later' })), NOW);
    expect(openIds(again)).toEqual(['$b']);
    const bundled = { ...itemEvent('$a'), unsigned: { 'm.relations': { 'm.replace': { ...moved, origin_server_ts: NOW - 1000 } } } };
    const late = open();
    late.take(timeline(bundled, tick), NOW);
    expect(openIds(late)).toEqual(['$a']);
  });

  it('leaves aside what only an act was written on since, also when it is read as it is now', () => {
    const tick = reaction('✅', '$a');
    const last = { by: AGENT, at: '2026-11-26T09:00:00Z', action: 'valider', outcome: 'refused', request: '$asked' } as const;
    const bundled = (revision: number) => ({
      ...itemEvent('$a'),
      unsigned: { 'm.relations': { 'm.replace': { ...editEvent('$a', { revision, lastAction: last }), origin_server_ts: NOW - 1000 } } },
    });
    const page = open();
    page.take(timeline(bundled(1), tick), NOW);
    expect(openIds(page)).toEqual([]);
    const moved = open();
    moved.take(timeline(bundled(2), tick), NOW);
    expect(openIds(moved)).toEqual(['$a']);
    moved.take(timeline(editEvent('$a', { revision: 3 }), requestOf('desk.aside', ['$a'])), NOW);
    expect(openIds(moved)).toEqual([]);
  });

  it('leaves aside what moved before she set it aside, and had only an act written on since, also when all of it is read at once', () => {
    const last = { by: AGENT, at: '2026-11-26T09:00:00Z', action: 'valider', outcome: 'refused', request: '$asked' } as const;
    const moved = { ...editEvent('$a', { revision: 2 }), origin_server_ts: NOW - 50_000 };
    const tick = { ...reaction('✅', '$a'), origin_server_ts: NOW - 30_000 };
    const told = { ...editEvent('$a', { revision: 2, lastAction: last }), origin_server_ts: NOW - 1000 };
    const bundled = { ...itemEvent('$a'), unsigned: { 'm.relations': { 'm.replace': told } } };
    const page = open();
    page.take(timeline(bundled, moved, tick, told), NOW);
    expect(openIds(page)).toEqual([]);
    const late = open();
    late.take(timeline(itemEvent('$a'), moved, told, tick), NOW);
    expect(openIds(late)).toEqual([]);
  });

  it('folds anew what she took back in words, whose event stands in the room, and leaves what she only said', () => {
    const room = open();
    const refused = (request: string) =>
      event({
        type: 'm.room.message',
        sender: DESK_BOT,
        content: { msgtype: 'm.notice', body: 'Annulé', 'fr.ecritoire.outcome': { v: 1, request, outcome: 'refused' } },
      });
    const aside = requestOf('desk.aside', ['$a']);
    room.take(timeline(itemEvent('$a'), aside), NOW);
    expect(openIds(room)).toEqual([]);
    expect(room.take(timeline(refused(aside.event_id)), NOW).wanted).toEqual([]);
    expect(openIds(room)).toEqual(['$a']);
    room.takeRows([{ eventId: '$old', room: ROOM, sentAt: NOW, placement: placement('old'), triage: NO_TRIAGE }], NOW);
    const talk = event({ type: 'm.room.message', content: { msgtype: 'm.text', body: 'reporter 31/02' } });
    expect(room.take(timeline(talk, refused(talk.event_id)), NOW).wanted).toEqual([]);
    expect(room.lines.map(({ eventId }) => eventId)).toContain(talk.event_id);
    expect(room.take(timeline(refused('$from-before')), NOW).wanted).toEqual(['$old']);
  });

  it('asks the store when a request from before the page was taken back for an item older than the window', () => {
    const base = { ...NO_TRIAGE, aside: true, seen: true };
    const known = { eventId: '$old', sender: '', at: NOW, placement: placement('old'), whole: false, base };
    const request = {
      eventId: '$r',
      sender: AGENT,
      items: ['$old'],
      action: 'desk.aside',
      askedAt: NOW,
      at: NOW,
      source: 'action' as const,
    };
    const room = new DeskRoom(emptySnapshot({ items: [known], requests: [request] }), { agent: AGENT, serverName: SERVER }, NOW);
    expect(room.take(timeline(redaction('$r')), NOW).wanted).toEqual(['$old']);
    room.takeRows([{ eventId: '$old', room: ROOM, sentAt: NOW, placement: placement('old'), triage: NO_TRIAGE }], NOW);
    expect(openIds(room)).toEqual(['$old']);
  });

  it('does not believe numbers that anyone but the desk bot wrote', () => {
    const room = open();
    room.take({ state: [toolState({ open: 5 }, AGENT)], timeline: [] }, NOW);
    expect(room.tools.size).toBe(0);
  });

  it('asks for first items that the numbers name and the page does not have', () => {
    const room = open();
    room.take(timeline(itemEvent('$a')), NOW);
    expect(room.take({ state: [toolState({ open: 2, first: ['$a', '$b'] })], timeline: [] }, NOW).wanted).toEqual(['$b']);
  });

  it('knows which item her answer in another client is about, and what the desk says of it', () => {
    const room = open();
    const answer = (about: string) =>
      event({
        type: 'm.room.message',
        content: { msgtype: 'm.text', body: 'viser', 'm.relates_to': { 'm.in_reply_to': { event_id: about } } },
      });
    const asked = answer('$a');
    const said = event({
      type: 'm.room.message',
      sender: DESK_BOT,
      content: {
        msgtype: 'm.notice',
        body: 'Répondez oui pour viser.',
        'fr.ecritoire.outcome': { v: 1, request: asked.event_id, outcome: 'waiting' },
      },
    });
    const talk = event({ type: 'm.room.message', content: { msgtype: 'm.text', body: 'Bonjour' } });
    room.take(timeline(itemEvent('$a'), asked, said, talk), NOW);
    expect(room.lines.map(({ about }) => about)).toEqual(['$a', '$a', undefined]);
  });

  it('keeps a message once when its echo and its event both come', () => {
    const room = open();
    const line = { eventId: '~txn', sender: AGENT, at: NOW, body: 'Bonjour', fate: 'sending' as const };
    room.addLine(line);
    room.take(timeline(event({ type: 'm.room.message', event_id: '$m', content: { msgtype: 'm.text', body: 'Bonjour' } })), NOW);
    room.addLine({ eventId: '$m', sender: AGENT, at: NOW, body: 'Bonjour' }, '~txn');
    expect(room.lines.map((one) => one.eventId)).toEqual(['$m']);
  });

  it('puts her message in the place of its echo when the feed is quicker than the answer to it', () => {
    const room = open();
    room.addLine({ eventId: '~one', sender: AGENT, at: NOW, body: 'un', fate: 'sending' });
    room.addLine({ eventId: '~two', sender: AGENT, at: NOW, body: 'deux', fate: 'sending' });
    const said = { event_id: '$one', type: 'm.room.message', sender: AGENT, content: { msgtype: 'm.text', body: 'un' } };
    room.take(timeline(event({ ...said, unsigned: { transaction_id: 'one' } })), NOW);
    expect(room.lines.map(({ eventId }) => eventId)).toEqual(['$one', '~two']);
  });

  it('puts no item from further up the thread into the list before its triage is known', () => {
    const room = open();
    expect(room.takeOlder([itemEvent('$older')], undefined)).toEqual(['$older']);
    expect(openIds(room)).toEqual([]);
    room.takeRows([{ eventId: '$older', room: ROOM, sentAt: NOW, placement: placement('older'), triage: NO_TRIAGE }], NOW);
    expect(openIds(room)).toEqual(['$older']);
  });

  it('draws the same from its own snapshot', () => {
    const room = open();
    room.take(timeline(itemEvent('$a'), itemEvent('$b'), requestOf('desk.aside', ['$a'])), NOW);
    const again = new DeskRoom(structuredClone(room.snapshot()), { agent: AGENT, serverName: SERVER }, NOW);
    expect(openIds(again)).toEqual(['$b']);
  });
});

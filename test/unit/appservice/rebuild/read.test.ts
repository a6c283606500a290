import { describe, expect, it } from 'vitest';
import { itemEdit, itemMessage, type MatrixEvent, outcomeEvent, requestEvent } from '#desk/event.ts';
import type { Placement } from '#desk/placement.ts';
import { RoomReading } from '../../../../appservice/rebuild/read.ts';
import { eventOf, plainPlacement } from '../../desk/arbitrary.ts';

const AGENT = '@claire:desk.localhost';
const GTA = '@ecritoire_gta:desk.localhost';
const DESK = '@ecritoire_desk:desk.localhost';
const writing = { agent: AGENT, tool: 'Congés', timeZone: 'Europe/Paris', now: 0 };

let made = 0;
const at = (event: Partial<MatrixEvent> & Pick<MatrixEvent, 'type' | 'content'>): MatrixEvent =>
  eventOf({ event_id: `$${String((made += 1))}`, origin_server_ts: made, ...event });

const shown = (number: number, changes: Partial<Placement> = {}): Placement =>
  plainPlacement({ via: { source: 'urn:gta', id: `d${String(number)}`, digest: `x${String(number)}` }, revision: number, ...changes });
const message = (placement: Placement, sender = GTA): MatrixEvent => at({ ...itemMessage(placement, { ...writing, row: 'r' }), sender });
const edit = (original: MatrixEvent, placement: Placement, sender = GTA): MatrixEvent =>
  at({ ...itemEdit(placement, { ...writing, row: 'r', original: original.event_id, becameUrgent: false }), sender });

function read(...events: MatrixEvent[]): RoomReading {
  const reading = new RoomReading({ serverName: 'desk.localhost', agent: AGENT });
  for (const event of events) reading.add(event);
  return reading;
}

describe('a card', () => {
  it('is its first message with its latest edit, and every delivery that a message names', () => {
    const first = message(shown(1));
    const reading = read(first, edit(first, shown(2, { title: 'Changée' })), edit(first, shown(3, { title: 'Encore changée' })));
    const [card] = reading.cards.values();
    expect(card).toMatchObject({ eventId: first.event_id, sender: GTA, placement: { title: 'Encore changée', revision: 3 } });
    expect([card?.sentAt, card?.changedAt]).toEqual([first.origin_server_ts, first.origin_server_ts + 2]);
    expect(reading.deliveries.map(({ id }) => id)).toEqual(['d1', 'd2', 'd3']);
    expect(reading.isCard(first.event_id)).toBe(true);
  });

  it('is one, the first, when a room holds two messages of one object', () => {
    const [first, second] = [message(shown(1)), message(shown(2, { title: 'Deuxième message' }))];
    const reading = read(first, second);
    expect([...reading.cards.values()].map(({ eventId }) => eventId)).toEqual([first.event_id]);
    expect(reading.isCard(second.event_id)).toBe(false);
  });

  it('is none from anybody but the tool’s own bot, and no edit of anybody else counts', () => {
    for (const sender of [AGENT, DESK, '@ecritoire_autre:desk.localhost', '@ecritoire_gta:ailleurs.example'])
      expect(read(message(shown(1), sender)).cards.size).toBe(0);
    const first = message(shown(1));
    const [card] = read(first, edit(first, shown(2, { title: 'Imitée' }), AGENT)).cards.values();
    expect(card?.placement.title).toBe(shown(1).title);
  });

  it('is none once its message was redacted', () => {
    expect(read({ ...message(shown(1)), unsigned: { redacted_because: {} } }).cards.size).toBe(0);
  });
});

describe('what the agent asked', () => {
  const ask = (sender = AGENT): MatrixEvent => at({ ...requestEvent({ items: ['$1'], action: 'desk.aside', askedAt: 1 }), sender });

  it('is kept in room order, with what she takes back; nobody else’s is', () => {
    const [first, second] = [ask(), ask()];
    const redaction = at({ type: 'm.room.redaction', content: { redacts: first.event_id }, redacts: first.event_id, sender: AGENT });
    const reading = read(first, ask('@paul:desk.localhost'), second, redaction);
    expect(reading.asked.map(({ event }) => event.event_id)).toEqual([first.event_id, second.event_id]);
    expect([...reading.redactions.keys()]).toEqual([first.event_id]);
  });

  it('is kept also when it cannot be read, so that it can be answered; emptied it is not', () => {
    const unreadable = at({ type: 'fr.ecritoire.action', content: { v: 1, items: 'tout' }, sender: AGENT });
    const emptied = at({ type: 'fr.ecritoire.action', content: {}, sender: AGENT });
    expect(read(unreadable, emptied).asked).toEqual([{ event: unreadable, request: undefined }]);
  });

  it('is known to be answered by the desk bot’s outcome alone', () => {
    const outcome = (sender: string) => at({ ...outcomeEvent({ request: `$by ${sender}`, outcome: 'confirmed', row: 'r' }), sender });
    expect([...read(outcome(DESK), outcome(GTA), outcome(AGENT)).answered]).toEqual([`$by ${DESK}`]);
  });
});

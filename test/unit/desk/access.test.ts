import { describe, expect, it } from 'vitest';
import {
  deskBot,
  isDeskRoom,
  isOurBot,
  localpartOf,
  mayBelieveEdit,
  mayBelieveItem,
  mayBelieveOutcome,
  mayBelieveState,
  mayRequest,
  toolBot,
} from '#desk/access.ts';
import { itemEdit, itemMessage, readItem } from '#desk/event.ts';
import { eventOf, plainPlacement } from './arbitrary.ts';

const serverName = 'desk.localhost';
const CLAIRE = '@claire.morel:desk.localhost';
const GTA = '@ecritoire_gta:desk.localhost';
const DESK = '@ecritoire_desk:desk.localhost';
/** Everyone who must never pass for one of our bots. */
const STRANGERS = [
  CLAIRE,
  '@ecritoirex:desk.localhost',
  '@ecritoire:desk.localhost',
  '@ecritoire_:desk.localhost',
  '@ecritoire_gta:autre.example',
  '@ecritoire_gta:desk.localhost:8448',
  '@ecritoire_gta:desk.localhost.example',
  '@ecritoire_gta:x:desk.localhost',
  '@ECRITOIRE_gta:desk.localhost',
  '@ecritoire_gtä:desk.localhost',
  '@ecritoire_gta_2:desk.localhost',
  'ecritoire_gta:desk.localhost',
  '@ecritoire_gta',
  '',
];
const writing = { row: 'r', agent: CLAIRE, tool: 'Congés', timeZone: 'Europe/Paris', now: 0 };

describe('our bots', () => {
  it('are full mxids of our own server', () => {
    expect([deskBot(serverName), toolBot('gta', serverName)]).toEqual([DESK, GTA]);
    expect([DESK, GTA, '@ecritoire_s2low-2:desk.localhost'].every((mxid) => isOurBot(mxid, serverName))).toBe(true);
    expect(STRANGERS.filter((mxid) => isOurBot(mxid, serverName))).toEqual([]);
    expect(isOurBot('@ecritoire_gta:localhost:8008', 'localhost:8008')).toBe(true);
  });

  it('have the localpart before the first colon', () => {
    expect([localpartOf(CLAIRE), localpartOf('@a:b:1'), localpartOf('claire'), localpartOf('@:b')]).toEqual(['claire.morel', 'a', '', '']);
  });
});

describe('items', () => {
  const message = itemMessage(plainPlacement(), writing);
  const edit = itemEdit(plainPlacement(), { ...writing, original: '$o', becameUrgent: false });

  it('count from the bot of the tool they name, as given and as read', () => {
    const event = eventOf({ ...message, sender: GTA });
    const read = readItem(event);
    expect([mayBelieveItem(event, { serverName }), read && mayBelieveItem(read, { serverName })]).toEqual([true, true]);
    expect(mayBelieveItem(eventOf({ ...edit, sender: GTA }), { serverName })).toBe(true);
  });

  it('do not count from the agent, another member, another tool’s bot, or the desk bot', () => {
    for (const sender of [...STRANGERS, '@ecritoire_astre:desk.localhost', DESK]) {
      expect(mayBelieveItem(eventOf({ ...message, sender }), { serverName })).toBe(false);
      expect(mayBelieveItem({ sender, placement: { bot: 'gta' } }, { serverName })).toBe(false);
    }
    expect(mayBelieveItem({ sender: DESK, placement: { bot: 'desk' } }, { serverName })).toBe(false);
    expect(mayBelieveItem(eventOf({ type: 'm.room.message', sender: GTA, content: { body: 'rien' } }), { serverName })).toBe(false);
  });

  it('are edited only by their own sender, about the same object', () => {
    const placement = plainPlacement();
    const original = { sender: GTA, placement };
    expect(mayBelieveEdit({ sender: GTA, placement }, original, { serverName })).toBe(true);
    expect(mayBelieveEdit({ sender: CLAIRE, placement }, original, { serverName })).toBe(false);
    expect(mayBelieveEdit({ sender: GTA, placement: { ...placement, key: 'gta:gta:autre' } }, original, { serverName })).toBe(false);
    expect(mayBelieveEdit({ sender: GTA, placement }, { sender: CLAIRE, placement }, { serverName })).toBe(false);
  });
});

it('believes states and outcomes of the desk bot alone', () => {
  for (const may of [mayBelieveState, mayBelieveOutcome]) {
    expect(may({ sender: DESK }, { serverName })).toBe(true);
    for (const sender of [...STRANGERS, GTA, '@ecritoire_desk:autre.example']) expect(may({ sender }, { serverName })).toBe(false);
  }
});

describe('a request', () => {
  const item = { sender: GTA, room: '!desk', actions: ['valider', { id: 'refuser' }] };
  const asked = { sender: CLAIRE, deskAgent: CLAIRE, room: '!desk', serverName, action: 'valider', item };

  it('counts from the desk’s agent, for our bot’s item of that room, for an action it offers or the desk’s own', () => {
    const actions = ['valider', 'refuser', 'desk.aside', 'desk.seen', 'desk.note'];
    expect(actions.map((action) => mayRequest({ ...asked, action }))).toEqual(actions.map(() => 'yes'));
  });

  it('does not count from anyone else, not even our own bots', () => {
    for (const sender of ['@paul.vidal:desk.localhost', GTA, DESK, '@claire.morel:autre.example'])
      expect(mayRequest({ ...asked, sender, action: 'desk.aside' })).toBe('not_the_agent');
  });

  it('does not count for a message that is no item of ours', () => {
    for (const sender of [CLAIRE, '@ecritoire_gta:autre.example', DESK])
      expect(mayRequest({ ...asked, item: { ...item, sender } })).toBe('not_an_item');
    expect(mayRequest({ ...asked, item: undefined })).toBe('not_an_item');
  });

  it('does not count for an item of another room', () => {
    expect(mayRequest({ ...asked, item: { ...item, room: '!other' } })).toBe('other_room');
    expect(mayRequest({ ...asked, action: 'desk.aside', item: { ...item, room: '!other' } })).toBe('other_room');
  });

  it('does not count for an action that is not offered', () => {
    for (const action of ['supprimer', 'desk.autre', '']) expect(mayRequest({ ...asked, action })).toBe('not_offered');
    expect(mayRequest({ ...asked, item: { ...item, actions: [] } })).toBe('not_offered');
  });

  it('to make a task names no item', () => {
    expect(mayRequest({ ...asked, action: 'desk.task', item: undefined })).toBe('yes');
    expect(mayRequest({ ...asked, action: 'desk.task', item: undefined, sender: GTA })).toBe('not_the_agent');
  });
});

it('takes a room for a desk only when the desk bot both created and marked it', () => {
  expect(isDeskRoom({ creator: DESK, deskState: { sender: DESK } }, serverName)).toBe(true);
  expect(isDeskRoom({ creator: CLAIRE, deskState: { sender: DESK } }, serverName)).toBe(false);
  expect(isDeskRoom({ creator: DESK, deskState: { sender: CLAIRE } }, serverName)).toBe(false);
  expect(isDeskRoom({ creator: DESK, deskState: undefined }, serverName)).toBe(false);
  expect(isDeskRoom({ creator: undefined, deskState: { sender: DESK } }, serverName)).toBe(false);
  expect(isDeskRoom({ creator: GTA, deskState: { sender: GTA } }, serverName)).toBe(false);
});

/** What happens to our rooms themselves: each is met without losing anything, and said to the admins in one sentence. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AppserviceProcess, startAppservice } from '../support/appservice-process.ts';
import { addPeople } from '../support/door.ts';
import { until } from '../support/guarded.ts';
import { type MatrixBed, type Person, startMatrixBed } from '../support/matrix-bed.ts';
import { RelayBed } from '../support/relay-bed.ts';

let bed: MatrixBed;
let hands: RelayBed;
let appservice: AppserviceProcess;

beforeAll(async () => {
  bed = await startMatrixBed('life');
  hands = new RelayBed(bed);
  appservice = await startAppservice(bed);
  await appservice.ready();
});

afterAll(async () => {
  await appservice.stop();
  await hands.stop();
  await bed.stop();
});

const DESK_BOT = '@ecritoire_desk:desk.localhost';
const TOOL_BOT = '@ecritoire_gta:desk.localhost';

/** An agent in her desk with one item. */
async function desk(localpart: string): Promise<{ agent: Person; room: string; address: string }> {
  await hands.accept(localpart, { id: `${localpart}/1`, title: 'Premier' });
  await hands.messages(localpart, 1);
  await hands.drained();
  const address = `desk:ville-claire:${localpart}`;
  const room = await hands.room(address);
  const agent = await bed.signIn(localpart);
  expect((await agent.call('POST', `/rooms/${encodeURIComponent(room)}/join`, {})).status).toBe(200);
  return { agent, room, address };
}

const asBot = (as: string, method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown) =>
  hands.matrix.client.call(method, `/_matrix/client/v3${path}`, { as, ...(body !== undefined && { body }) });

/** The sentences with these words that the admins were told. */
async function said(words: string): Promise<string[]> {
  const room = await hands.room('admin:ville-claire');
  const read = async (): Promise<string[]> =>
    (await hands.timeline(room)).map(({ content }) => String(content.body)).filter((body) => body.includes(words));
  await until(async () => ((await read()).length > 0 ? true : undefined), { everyMs: 100 });
  return read();
}

/** How often they were. */
const told = async (words: string): Promise<number> => (await said(words)).length;

async function otherRoom(address: string, old: string): Promise<string> {
  const find = async (): Promise<string | undefined> => {
    const row = await bed.store.selectFrom('work.rooms').select('room_id').where('address', '=', address).executeTakeFirst();
    return row?.room_id == null || row.room_id === old ? undefined : row.room_id;
  };
  const found = await until(find, { everyMs: 100 });
  expect(found).toBeDefined();
  await hands.drained();
  return found ?? '';
}

/** The items shown in a room, in order; what else is said there (the help) comes when it comes. */
const titlesIn = async (room: string): Promise<string[]> =>
  (await hands.timeline(room)).flatMap(
    ({ content }) => /"title":"([^"]+)"/.exec(JSON.stringify(content['fr.ecritoire.item'] ?? {}))?.[1] ?? [],
  );

/** A desk of an older version: only there can the one who made a room be put out of it. */
async function oldDesk(localpart: string): Promise<{ room: string; address: string; other: Person }> {
  const other = await bed.signIn(`chef-${localpart}`);
  const address = `desk:ville-claire:${localpart}`;
  const made = await asBot(DESK_BOT, 'POST', '/createRoom', {
    room_version: '10',
    room_alias_name: `desk_ville-claire_${localpart}`,
    invite: [other.mxid],
    initial_state: [
      {
        type: 'fr.ecritoire.desk',
        state_key: '',
        content: { v: 1, agent: `@${localpart}:desk.localhost`, organisation: 'ville-claire' },
      },
    ],
    power_level_content_override: { users: { [DESK_BOT]: 100, [other.mxid]: 101 } },
  });
  const room = String(made.body?.room_id);
  await bed.store
    .insertInto('work.rooms')
    .values({ address, organisation: 'ville-claire', room_id: room, rebuilt_at: new Date() })
    .execute();
  await hands.accept(localpart, { id: `${localpart}/1`, title: 'Premier' });
  await hands.messages(localpart, 1);
  await hands.drained();
  await other.call('POST', `/rooms/${encodeURIComponent(room)}/join`, {});
  return { room, address, other };
}

describe('an agent', () => {
  test('who left her desk is invited again at her next session; items go on meanwhile', async () => {
    const { agent, room } = await desk('ada');
    await agent.call('POST', `/rooms/${encodeURIComponent(room)}/leave`, {});
    expect(await told('ada a quitté son bureau')).toBe(1);
    await hands.accept('ada', { title: 'Pendant ce temps' });
    await hands.drained();
    expect(await titlesIn(room)).toEqual(['Premier', 'Pendant ce temps']);
    await hands.matrix.ensureAgentRooms('ville-claire', 'ada');
    expect(await hands.state(room, 'm.room.member', agent.mxid)).toMatchObject({ membership: 'invite' });
  });
});

describe('an agent whose account is deactivated', () => {
  /** Known, and signed in before. */
  async function employ(localpart: string): Promise<void> {
    await addPeople(bed, [localpart]);
    await bed.store
      .insertInto('record.identities')
      .values({ issuer: 'https://essai', sub: localpart, localpart, provider: 'essai' })
      .execute();
  }

  const deactivate = (localpart: string) => bed.administer('POST', `/v1/deactivate/@${localpart}:desk.localhost`, { erase: false });

  test('while items wait for her has a sentence of her own; they are kept in her desk, nothing is tried for ever', async () => {
    await employ('ines');
    const { room } = await desk('ines');
    bed.proxy.fault = () => ({ status: 503, body: '' });
    await hands.accept('ines', { title: 'Attend' });
    expect((await deactivate('ines')).status).toBe(200);
    bed.proxy.fault = () => undefined;
    expect(await told('Le compte Matrix de ines a été désactivé')).toBe(1);
    await hands.accept('ines', { title: 'Vient après' });
    await hands.drained();
    expect(await titlesIn(room)).toEqual(['Premier', 'Attend', 'Vient après']);
    expect(await hands.state(room, 'm.room.member', '@ines:desk.localhost')).toMatchObject({ membership: 'leave' });
    expect(await bed.store.selectFrom('work.outbox').select('id').where('dead_at', 'is not', null).execute()).toEqual([]);
  });

  test('before she had a desk gets one that nobody reads, once', async () => {
    await employ('jade');
    await bed.signIn('jade');
    expect((await deactivate('jade')).status).toBe(200);
    await hands.accept('jade', { title: 'Pour plus tard' });
    expect(await hands.messages('jade', 1)).toHaveLength(1);
    await hands.drained();
  });
});

describe('the desk bot', () => {
  test.each(['kick', 'ban'])('that met a %s makes the desk anew, with what is open, and says so', async (act) => {
    const { room, address, other } = await oldDesk(`${act}-bureau`);
    const body = { user_id: DESK_BOT };
    expect((await other.call('POST', `/rooms/${encodeURIComponent(room)}/${act}`, body)).status).toBe(200);
    const next = await otherRoom(address, room);
    expect(await titlesIn(next)).toEqual(['Premier']);
    expect(await hands.state(next, 'fr.ecritoire.desk')).toMatchObject({ agent: `@${act}-bureau:desk.localhost` });
    expect(await told(`retiré de son propre salon (${address})`)).toBe(1);
    await hands.accept(`${act}-bureau`, { title: 'Deuxième' });
    await hands.drained();
    expect(await titlesIn(next)).toEqual(['Premier', 'Deuxième']);
  });
});

describe('a tool’s bot', () => {
  test.each(['kick', 'ban'])('that met a %s comes back with its next message, and the admins are told', async (act) => {
    const { room, address, other } = await oldDesk(`${act}-outil`);
    const body = { user_id: TOOL_BOT };
    expect((await other.call('POST', `/rooms/${encodeURIComponent(room)}/${act}`, body)).status).toBe(200);
    await new Promise((done) => setTimeout(done, 500));
    await hands.accept(`${act}-outil`, { title: 'Deuxième' });
    await hands.drained();
    expect(await titlesIn(room)).toEqual(['Premier', 'Deuxième']);
    expect(await bed.store.selectFrom('work.outbox').select('id').where('dead_at', 'is not', null).execute()).toEqual([]);
    expect(await said(`(${address})`)).toEqual([
      `«\u00a0ecritoire_gta\u00a0» a été retiré d’un salon d’Écritoire (${address}). Il y reviendra avec son prochain message.`,
    ]);
  });
});

describe('a room', () => {
  test('that was upgraded by us is followed: the new one is marked and gets the open items', async () => {
    const { room, address } = await desk('cleo');
    const upgraded = await asBot(DESK_BOT, 'POST', `/rooms/${encodeURIComponent(room)}/upgrade`, { new_version: '12' });
    expect(upgraded.status).toBe(200);
    const next = await otherRoom(address, room);
    expect(next).toBe(upgraded.body?.replacement_room);
    expect(await hands.state(next, 'fr.ecritoire.desk')).toMatchObject({ agent: '@cleo:desk.localhost' });
    await hands.drained(); // other things that waited for a room may come first
    expect(await titlesIn(next)).toEqual(['Premier']);
    expect(await told('a été mis à niveau')).toBe(1);
  });

  test('that was replaced by one of somebody else is made anew, with the open items', async () => {
    const { room, address } = await desk('dana');
    const tombstone = { body: 'ailleurs', replacement_room: '!ailleurs:desk.localhost' };
    await asBot(DESK_BOT, 'PUT', `/rooms/${encodeURIComponent(room)}/state/m.room.tombstone/`, tombstone);
    const next = await otherRoom(address, room);
    await hands.drained(); // other things that waited for a room may come first
    expect(await titlesIn(next)).toEqual(['Premier']);
    expect(await hands.state(next, 'm.room.member', '@dana:desk.localhost')).toMatchObject({ membership: 'invite' });
  });

  test('in which the desk bot lost its power says so, once', async () => {
    const made = await asBot(DESK_BOT, 'POST', '/createRoom', { room_version: '11', invite: [TOOL_BOT] });
    const room = String(made.body?.room_id);
    await bed.store
      .insertInto('work.rooms')
      .values({ address: 'desk:ville-claire:eva', organisation: 'ville-claire', room_id: room })
      .execute();
    const power = (await hands.state(room, 'm.room.power_levels')) ?? {};
    const taken = await asBot(DESK_BOT, 'PUT', `/rooms/${encodeURIComponent(room)}/state/m.room.power_levels/`, {
      ...power,
      users: { [DESK_BOT]: 50 },
    });
    expect(taken.status).toBe(200);
    expect(await told('n’a plus les droits')).toBe(1);
  });
});

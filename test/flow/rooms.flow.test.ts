import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MatrixBed, startMatrixBed } from '../support/matrix-bed.ts';
import { RelayBed } from '../support/relay-bed.ts';

let bed: MatrixBed;
let hands: RelayBed;

beforeAll(async () => {
  bed = await startMatrixBed('rooms');
  hands = new RelayBed(bed);
});

afterAll(async () => {
  await hands.stop();
  await bed.stop();
});

const DESK_BOT = '@ecritoire_desk:desk.localhost';

/** Makes a room as one of our bots, past our own code. */
async function makeRoom(as: string, body: Record<string, unknown>): Promise<string> {
  await hands.matrix.ensureRoom('platform'); // the bots exist afterwards
  const { status, body: made } = await hands.matrix.client.call('POST', '/_matrix/client/v3/createRoom', { as, body });
  expect(status).toBe(200);
  return String(made?.room_id);
}

async function resolve(alias: string): Promise<unknown> {
  const { body } = await hands.matrix.client.call(
    'GET',
    `/_matrix/client/v3/directory/room/${encodeURIComponent(`#${alias}:desk.localhost`)}`,
  );
  return body?.room_id;
}

describe('a desk room', () => {
  test('is marked, private, unfederated, with its agent invited although she never came', async () => {
    const roomId = await hands.matrix.ensureRoom('desk:ville-claire:claire.morel');
    expect(await hands.state(roomId, 'fr.ecritoire.desk')).toEqual({
      v: 1,
      agent: '@claire.morel:desk.localhost',
      organisation: 'ville-claire',
    });
    expect(await hands.state(roomId, 'm.room.create')).toMatchObject({ 'm.federate': false });
    expect(await hands.state(roomId, 'm.room.name')).toEqual({ name: 'Bureau – Ville-Claire' });
    expect(await hands.state(roomId, 'm.room.join_rules')).toMatchObject({ join_rule: 'invite' });
    expect(await hands.state(roomId, 'm.room.encryption')).toBeUndefined();
    expect(await hands.state(roomId, 'm.room.member', '@claire.morel:desk.localhost')).toMatchObject({ membership: 'invite' });
    const power = await hands.state(roomId, 'm.room.power_levels');
    expect(power).toMatchObject({ users_default: 0, events_default: 0, state_default: 100, invite: 100, kick: 100, ban: 100, redact: 100 });
  });

  test('is made with the bot that speaks first there invited, and any other is invited when it comes', async () => {
    const address = 'desk:ville-claire:luc.premier';
    const roomId = await hands.matrix.ensureRoom(address, 'ecritoire_gta');
    expect(await hands.state(roomId, 'm.room.member', '@ecritoire_gta:desk.localhost')).toMatchObject({ membership: 'invite' });
    for (const bot of ['ecritoire_gta', 'ecritoire_parapheur']) {
      expect(await hands.matrix.ensureMember({ address, roomId, bots: [] }, bot)).toBe(true);
      expect(await hands.state(roomId, 'm.room.member', `@${bot}:desk.localhost`)).toMatchObject({ membership: 'join' });
    }
  });

  test('lets its agent write and react, but neither write state nor invite', async () => {
    const roomId = await hands.matrix.ensureRoom('desk:ville-claire:paul.vidal');
    const paul = await bed.signIn('paul.vidal');
    const room = `/rooms/${encodeURIComponent(roomId)}`;
    expect((await paul.call('POST', `${room}/join`, {})).status).toBe(200);
    expect((await paul.call('PUT', `${room}/send/m.room.message/1`, { msgtype: 'm.text', body: 'bonjour' })).status).toBe(200);
    for (const type of ['fr.ecritoire.tool/gta', 'fr.ecritoire.desk/', 'm.room.name/', 'm.room.topic/']) {
      expect((await paul.call('PUT', `${room}/state/${type}`, { name: 'à moi', topic: 'à moi' })).status).toBe(403);
    }
    expect((await paul.call('POST', `${room}/invite`, { user_id: '@marc.roche:desk.localhost' })).status).toBe(403);
  });

  test('is one, however many ask for it at once, from several processes too', async () => {
    const other = new RelayBed(bed);
    try {
      const asked = [hands, other, hands, other].map(({ matrix }) => matrix.ensureRoom('desk:ville-claire:nadia.benali'));
      expect(new Set(await Promise.all(asked)).size).toBe(1);
    } finally {
      await other.stop();
    }
  });

  test('is found again by its alias when the store has forgotten it', async () => {
    const roomId = await hands.matrix.ensureRoom('desk:ville-claire:marc.roche');
    await bed.store.deleteFrom('work.rooms').where('address', '=', 'desk:ville-claire:marc.roche').execute();
    expect(await hands.matrix.ensureRoom('desk:ville-claire:marc.roche')).toBe(roomId);
  });

  test('is made anew when its alias leads to a room that somebody else made', async () => {
    await hands.matrix.ensureRoom('platform');
    await hands.matrix.join(await hands.matrix.ensureRoom('platform'), 'ecritoire_gta');
    const taken = await makeRoom('@ecritoire_gta:desk.localhost', { room_alias_name: 'desk_ville-claire_ines.faure', invite: [DESK_BOT] });
    const roomId = await hands.matrix.ensureRoom('desk:ville-claire:ines.faure');
    expect(roomId).not.toBe(taken);
    expect(await resolve('desk_ville-claire_ines.faure')).toBe(roomId);
    expect(await hands.state(roomId, 'fr.ecritoire.desk')).toMatchObject({ agent: '@ines.faure:desk.localhost' });
  });

  test('is made anew when its making was broken off before its mark', async () => {
    const broken = await makeRoom(DESK_BOT, { room_alias_name: 'desk_ville-claire_leo.long' });
    const roomId = await hands.matrix.ensureRoom('desk:ville-claire:leo.long');
    expect(roomId).not.toBe(broken);
    expect(await resolve('desk_ville-claire_leo.long')).toBe(roomId);
  });

  test('of another agent is not taken for hers, although the desk bot made it', async () => {
    const marked = await makeRoom(DESK_BOT, {
      room_alias_name: 'desk_ville-claire_eva.court',
      initial_state: [
        { type: 'fr.ecritoire.desk', state_key: '', content: { v: 1, agent: '@autre:desk.localhost', organisation: 'ville-claire' } },
      ],
    });
    expect(await hands.matrix.ensureRoom('desk:ville-claire:eva.court')).not.toBe(marked);
  });
});

describe('an organisation room', () => {
  test('is the space of its organisation', async () => {
    const roomId = await hands.matrix.ensureRoom('organisation:ville-claire');
    expect(await hands.state(roomId, 'm.room.create')).toMatchObject({ type: 'm.space', 'm.federate': false });
  });

  test('is read-only for agents, who are invited when their desk is made', async () => {
    const rooms = await hands.matrix.ensureAgentRooms('rivebelle', 'bruno.leroy');
    const bruno = await bed.signIn('bruno.leroy');
    for (const room of [rooms.desk, rooms.organisation]) {
      expect((await bruno.call('POST', `/rooms/${encodeURIComponent(room)}/join`, {})).status).toBe(200);
    }
    const path = `/rooms/${encodeURIComponent(rooms.organisation)}/send/m.room.message/1`;
    expect((await bruno.call('PUT', path, { msgtype: 'm.text', body: 'bonjour' })).status).toBe(403);
    // Asked again, with her in both rooms: nothing changes.
    expect(await hands.matrix.ensureAgentRooms('rivebelle', 'bruno.leroy')).toEqual(rooms);
  });
});

test('no room has an address that is none', async () => {
  await expect(hands.matrix.ensureRoom('desk:ville-claire')).rejects.toMatchObject({ code: 'invalid' });
});

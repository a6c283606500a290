/**
 * Makes our rooms, once each: the alias is the name, the marker state says that the making was finished, an advisory
 * lock of the store keeps replicas from making one twice. Everything may be repeated after a kill at any point.
 */
import { sql } from 'kysely';
import pLimit from 'p-limit';
import { DESK_BOT } from '#desk/access.ts';
import { DeskError } from '#desk/errors.ts';
import { deskStateContent, EVENT } from '#desk/event.ts';
import type { Store } from '#store/open.ts';
import { type Address, deskAddress, findRoom, keepBot, keepRoom, readAddress } from '#store/rooms.ts';
import type { Bots } from './bridge.ts';
import type { Answer, Ask, MatrixClient } from './client.ts';
import { creationOf } from './creation.ts';
import { aliasOf } from './names.ts';

export type RoomsOptions = {
  client: MatrixClient;
  bots: Bots;
  store: Store;
  serverName: string;
  organisations: readonly { id: string; name: string }[];
  onStep?: (step: string) => void;
};

export interface Rooms {
  /**
   * The room of an address, made when there is none, and then with `bot` (a localpart) invited. Safe to call twice at once, by two
   * processes too. Throws `unavailable` or `invalid`.
   */
  ensureRoom(address: string, bot?: string): Promise<string>;
  /** Desk and organisation room of an agent, both made when missing, the agent invited where she is not in. */
  ensureAgentRooms(organisation: string, localpart: string): Promise<{ desk: string; organisation: string }>;
  /** Brings one of our bots (a localpart) into a room: registered, joined, and invited by the desk bot before where need be. False: refused. */
  join(roomId: string, bot: string): Promise<boolean>;
  /** The same for a room by address, remembered in the store; `bots`: those that the store has in it. */
  ensureMember(room: { address: string; roomId: string; bots: readonly string[] }, bot: string): Promise<boolean>;
  /** Invites a person, who need not exist yet; nothing happens when she is in or invited. False: refused. */
  invite(roomId: string, mxid: string): Promise<boolean>;
}

const AT_ONCE = 4; // rooms made at the same time: Synapse makes about ten a second, and each holds a store connection
const CREATE_TIMEOUT_MS = 60_000;
const UNFINISHED_WAIT_MS = 700; // a room whose making goes on has its alias before its marker

export function makeRooms(options: RoomsOptions): Rooms {
  const making = new Map<string, Promise<string>>();
  const slot = pLimit(AT_ONCE);
  const ensureRoom = async (address: string, bot?: string): Promise<string> => {
    const known = await findRoom(options.store, address);
    if (known !== undefined) return known.roomId;
    const running = making.get(address) ?? slot(() => makeOnce(options, address, bot)).finally(() => making.delete(address));
    making.set(address, running);
    return running;
  };
  const join = (roomId: string, bot: string): Promise<boolean> => joinBot(options, roomId, bot);
  const inviteOne = (roomId: string, mxid: string): Promise<boolean> => invite(options, roomId, mxid);
  return {
    ensureRoom,
    join,
    invite: inviteOne,
    async ensureAgentRooms(organisation, localpart) {
      const desk = await ensureRoom(deskAddress(organisation, localpart));
      const shared = await ensureRoom(`organisation:${organisation}`);
      for (const room of [desk, shared]) await inviteOne(room, `@${localpart}:${options.serverName}`);
      return { desk, organisation: shared };
    },
    async ensureMember({ address, roomId, bots }, bot) {
      await options.bots.ensure(bot);
      if (bot === DESK_BOT || bots.includes(bot)) return true;
      const joined = await join(roomId, bot);
      if (joined) await keepBot(options.store, address, bot);
      options.onStep?.('rooms.joined');
      return joined;
    },
  };
}

/** One advisory lock per address, held in a transaction so that it ends with the process whatever happens. */
async function makeOnce(options: RoomsOptions, text: string, bot: string | undefined): Promise<string> {
  const address = readAddress(text);
  if (address === undefined) throw new DeskError('invalid', `No room has the address ${text}`);
  await options.bots.ensure(DESK_BOT);
  return options.store.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`room ${text}`}, 0))`.execute(trx);
    const known = await findRoom(trx, text);
    if (known !== undefined) return known.roomId;
    const room = await adoptOrCreate(options, address, bot);
    options.onStep?.('rooms.made');
    await keepRoom(trx, text, room);
    return room.roomId;
  });
}

async function adoptOrCreate(
  options: RoomsOptions,
  address: Address,
  bot: string | undefined,
): Promise<{ roomId: string; isNew: boolean }> {
  for (let round = 0; round < 3; round += 1) {
    const adopted = await adopt(options, address);
    if (adopted !== undefined) return { roomId: adopted, isNew: false };
    const answer = await create(options, address, bot);
    const roomId = answer.body?.room_id;
    if (answer.status === 200 && typeof roomId === 'string') return { roomId, isNew: true };
    if (answer.errcode !== 'M_ROOM_IN_USE') throw unavailable('make a room', answer);
  }
  throw new DeskError('unavailable', `The alias #${aliasOf(address)} is taken again and again`);
}

/** The room behind our alias when it is ours and finished. An alias that leads elsewhere is taken away. */
async function adopt(options: RoomsOptions, address: Address): Promise<string | undefined> {
  const alias = encodeURIComponent(`#${aliasOf(address)}:${options.serverName}`);
  const path = `/_matrix/client/v3/directory/room/${alias}`;
  const found = await options.client.call('GET', path);
  if (found.status === 404) return undefined;
  const roomId = found.body?.room_id;
  if (found.status !== 200 || typeof roomId !== 'string') throw unavailable('resolve an alias', found);
  if (await isOurs(options, address, roomId)) {
    if (address.kind === 'desk') await invite(options, roomId, `@${address.localpart}:${options.serverName}`);
    return roomId;
  }
  const removed = await options.client.call('DELETE', path); // without user_id: as the owner of the namespace
  if (removed.status !== 200 && removed.status !== 404) throw unavailable('take an alias back', removed);
  options.onStep?.('rooms.freed');
  return undefined;
}

async function isOurs(options: RoomsOptions, address: Address, roomId: string): Promise<boolean> {
  const bot = `@${DESK_BOT}:${options.serverName}`;
  for (let round = 0; round < 3; round += 1) {
    const creation = await readState(options, roomId, 'm.room.create');
    if (creation !== undefined && creation.sender !== bot) return false;
    if (creation !== undefined && !(await isStanding(options, roomId))) return false;
    if (creation !== undefined && 'predecessor' in creation.content) await markSuccessor(options, address, roomId);
    if (creation !== undefined && (await isFinished(options, address, roomId))) return true;
    await new Promise((resolve) => setTimeout(resolve, UNFINISHED_WAIT_MS));
  }
  return false;
}

/** Neither replaced by another room nor one that the desk bot was put out of: it may still read what was there before. */
async function isStanding(options: RoomsOptions, roomId: string): Promise<boolean> {
  if ((await readState(options, roomId, 'm.room.tombstone')) !== undefined) return false;
  const member = await readState(options, roomId, 'm.room.member', `@${DESK_BOT}:${options.serverName}`);
  return member?.content.membership === 'join';
}

/** A homeserver that upgrades a room copies none of our states: the room that replaces a desk is marked as that desk. */
async function markSuccessor(options: RoomsOptions, address: Address, roomId: string): Promise<void> {
  if (address.kind !== 'desk' || (await isFinished(options, address, roomId))) return;
  const content = deskStateContent({ agent: `@${address.localpart}:${options.serverName}`, organisation: address.organisation });
  const answer = await asBot(options, 'PUT', `/rooms/${encodeURIComponent(roomId)}/state/${EVENT.desk}/`, { body: content });
  if (answer.status !== 200 && answer.status !== 403) throw unavailable('mark a room', answer);
}

/** A desk room is finished with its `fr.ecritoire.desk`; of the others the homeserver writes the name last. */
async function isFinished(options: RoomsOptions, address: Address, roomId: string): Promise<boolean> {
  if (address.kind !== 'desk') return (await readState(options, roomId, 'm.room.name')) !== undefined;
  const state = await readState(options, roomId, EVENT.desk);
  return state?.content.agent === `@${address.localpart}:${options.serverName}` && state.content.organisation === address.organisation;
}

type StateEvent = { sender: string; content: Record<string, unknown> };

/** A state event as the desk bot sees it; undefined when there is none or the bot is not in that room. */
async function readState(options: RoomsOptions, roomId: string, type: string, key = ''): Promise<StateEvent | undefined> {
  const answer = await asBot(
    options,
    'GET',
    `/rooms/${encodeURIComponent(roomId)}/state/${encodeURIComponent(type)}/${encodeURIComponent(key)}`,
    {
      query: { format: 'event' },
    },
  );
  if (answer.status === 403 || answer.status === 404) return undefined;
  const { sender, content } = answer.body ?? {};
  if (answer.status !== 200 || typeof sender !== 'string' || typeof content !== 'object' || content === null)
    throw unavailable('read a room', answer);
  return { sender, content: content as Record<string, unknown> };
}

function create(options: RoomsOptions, address: Address, bot: string | undefined): Promise<Answer> {
  return asBot(options, 'POST', '/createRoom', { body: creationOf(address, { ...options, bot }), timeoutMs: CREATE_TIMEOUT_MS });
}

/** Most are in or invited when they are to come in (a room is made with its first bot), so asking comes last. */
async function joinBot(options: RoomsOptions, roomId: string, bot: string): Promise<boolean> {
  await options.bots.ensure(bot);
  if (await enter(options, roomId, bot)) return true;
  const mxid = `@${bot}:${options.serverName}`;
  await invite(options, roomId, mxid);
  if (await enter(options, roomId, bot)) return true;
  // A homeserver that was restored may not know this bot any more.
  options.bots.forget(bot);
  await options.bots.ensure(bot);
  // It may have been banned: whoever has the power takes that back.
  await asBot(options, 'POST', `/rooms/${encodeURIComponent(roomId)}/unban`, { body: { user_id: mxid } });
  await invite(options, roomId, mxid);
  return enter(options, roomId, bot);
}

async function enter({ client, serverName }: RoomsOptions, roomId: string, bot: string): Promise<boolean> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/join`;
  const answer = await client.call('POST', path, { as: `@${bot}:${serverName}`, body: {} });
  if (answer.status !== 200 && answer.status !== 403 && answer.status !== 404) throw unavailable('join a bot', answer);
  return answer.status === 200;
}

async function invite(options: RoomsOptions, roomId: string, mxid: string): Promise<boolean> {
  const answer = await asBot(options, 'POST', `/rooms/${encodeURIComponent(roomId)}/invite`, { body: { user_id: mxid } });
  if (answer.status === 200) return true;
  // 403: she is in already (Synapse), or we may not; the join or the next read tells.
  if (answer.status === 403 || answer.status === 404 || answer.status === 400) return false;
  throw unavailable('invite', answer);
}

const asBot = ({ client, serverName }: RoomsOptions, method: 'GET' | 'POST' | 'PUT', path: string, ask: Ask): Promise<Answer> =>
  client.call(method, `/_matrix/client/v3${path}`, { as: `@${DESK_BOT}:${serverName}`, ...ask });

function unavailable(what: string, { reason, retryAfterMs, status }: Answer): DeskError {
  const options = retryAfterMs === undefined ? {} : { retryAfterMs };
  return new DeskError('unavailable', `The homeserver did not ${what}: ${reason === '' ? String(status) : reason}`, options);
}

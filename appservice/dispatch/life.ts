/**
 * What happens to our rooms themselves: an agent leaves, a bot is put out, a room is replaced, power is taken away. Each is
 * met in the way that loses nothing, and said in one sentence to the organisation's admins.
 */
import { DESK_BOT, deskBot, isOurBot, localpartOf } from '#desk/access.ts';
import type { MatrixEvent } from '#desk/event.ts';
import { ADMIN } from '#desk/words.ts';
import type { Store } from '#store/open.ts';
import { enqueue, noticedSince, noticeRow } from '#store/outbox.ts';
import { leaveRoom } from '#store/resend.ts';
import { dropBot, findAddress, organisationOf, readAddress } from '#store/rooms.ts';

const QUIET_MS = 3_600_000; // the same sentence about the same room at most once an hour
const POWER = 100; // what writing state in our rooms takes

type Around = { serverName: string; isDeactivated: (localpart: string) => Promise<boolean> };
type Place = Around & { address: string; roomId: string };

/** Meets such an event; false when it is none. */
export async function meetLife(db: Store, event: MatrixEvent, { serverName, isDeactivated }: Around): Promise<boolean> {
  if (event.state_key === undefined) return false;
  const meet = MEETINGS[event.type];
  if (meet === undefined) return false;
  const roomId = event.room_id ?? '';
  const address = await findAddress(db, roomId);
  if (address !== undefined) await meet(db, event, { address, roomId, serverName, isDeactivated });
  return true;
}

const MEETINGS: Readonly<Record<string, (db: Store, event: MatrixEvent, place: Place) => Promise<void>>> = {
  'm.room.member': meetMember,
  'm.room.tombstone': meetTombstone,
  'm.room.power_levels': meetPower,
};

async function meetMember(db: Store, event: MatrixEvent, place: Place): Promise<void> {
  const { state_key: who = '', sender, content } = event;
  if (content.membership !== 'leave' && content.membership !== 'ban') return;
  const address = readAddress(place.address);
  if (isOurBot(who, place.serverName) && sender !== who) await meetRemoval(db, localpartOf(who), place);
  else if (address?.kind === 'desk' && localpartOf(who) === address.localpart) await meetLeaving(db, address.localpart, place);
}

/** Whoever deactivates an account makes it leave every room. What is for her goes on to her desk, where it is kept. */
async function meetLeaving(db: Store, agent: string, place: Place): Promise<void> {
  const isDeactivated = await place.isDeactivated(agent).catch(() => false);
  if (isDeactivated) await say(db, place, 'deactivated', ADMIN.deactivated({ agent }));
  else await say(db, place, 'left', ADMIN.left({ agent }));
}

/** A tool's bot is brought in again when it next has something to say; without the desk bot a room cannot go on. */
async function meetRemoval(db: Store, bot: string, place: Place): Promise<void> {
  await dropBot(db, place.address, bot);
  if (bot !== DESK_BOT) return say(db, place, `removed|${bot}`, ADMIN.botRemoved({ bot, room: place.address }));
  const items = await leaveRoom(db, place.address, place.roomId);
  await say(db, place, 'lost', ADMIN.roomLost({ room: place.address, items }));
}

/** Whatever it was replaced by: the next room is that one if our desk bot made it, else one of ours. */
async function meetTombstone(db: Store, _event: MatrixEvent, place: Place): Promise<void> {
  const items = await leaveRoom(db, place.address, place.roomId);
  await say(db, place, 'replaced', ADMIN.roomReplaced({ room: place.address, items }));
}

/** From room version 12 on a creator's power is not named and cannot be taken away. */
async function meetPower(db: Store, event: MatrixEvent, place: Place): Promise<void> {
  const bot = deskBot(place.serverName);
  const before = powerOf(event.unsigned?.prev_content, bot);
  const now = powerOf(event.content, bot) ?? 0;
  if (before !== undefined && before >= POWER && now < POWER) await say(db, place, 'powerless', ADMIN.powerless({ room: place.address }));
}

function powerOf(content: unknown, mxid: string): number | undefined {
  const users: unknown = typeof content === 'object' && content !== null ? Reflect.get(content, 'users') : undefined;
  const power: unknown = typeof users === 'object' && users !== null ? Reflect.get(users, mxid) : undefined;
  return typeof power === 'number' ? power : undefined;
}

async function say(db: Store, { address }: Place, what: string, sentence: string): Promise<void> {
  const organisation = organisationOf(address);
  const to = organisation === null ? 'platform' : `admin:${organisation}`;
  const subject = `life|${what}|${address}`;
  if (await noticedSince(db, { address: to, subject, ms: QUIET_MS })) return;
  await enqueue(db, [noticeRow(to, subject, sentence)]);
}

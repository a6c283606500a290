/** The first paint: one answer of the homeserver and one of the appservice, both with the agent's own token, become the desk. */
import { isDeskRoom } from '#desk/access.ts';
import { readDesk } from '#desk/event.ts';
import { emptyRoom } from '#lib/desk/desk.svelte.ts';
import { DeskRoom } from '#lib/desk/room.ts';
import type { Snapshot, StoredRow } from '#lib/desk/snapshot.ts';
import type { RoomNews } from '#lib/matrix/feed.ts';
import { firstAnswer } from '#lib/matrix/open-feed.ts';
import { type Call, callOver } from '#lib/matrix/homeserver.ts';
import { events } from '#lib/matrix/raw.ts';
import { readItems, type Rows } from './items.ts';
import type { Desk as SessionDesk, Session } from './session.ts';
import { settings } from './settings.ts';

type Settings = Awaited<ReturnType<typeof settings>>;

/** Room by room, at most so many messages are fetched singly when the appservice is silent. */
const SINGLE_EVENTS = 20;

/** Draws the agent's desk as it stands now. Throws a Refusal when the homeserver does not answer. */
export async function drawDesk(session: Session): Promise<Snapshot> {
  const config = await settings();
  const now = Date.now();
  const call = callOver(fetch, config.homeserver.url, { authorization: `Bearer ${session.accessToken}` });
  const connId = `page-${crypto.randomUUID()}`;
  const interest = {
    desks: session.desks.map((desk) => desk.room),
    organisationRooms: [...new Set(session.desks.map((desk) => desk.organisationRoom))],
  };
  const [answer, rows] = await Promise.all([
    firstAnswer(call, interest, connId),
    interest.desks.length === 0 ? undefined : readItems(session.accessToken, { rooms: interest.desks }),
  ]);
  const news = new Map(answer.rooms.map((room) => [room.room, room]));
  const believed = session.desks.filter((desk) => isOurs(news.get(desk.room), session.mxid, config.serverName));
  const rooms = await Promise.all(believed.map((desk) => drawRoom(call, { desk, news, rows, now, config, session })));
  const { pos, kind } = answer;
  const { mxid: agent, name, deviceId: device } = session;
  const isShared = session.idleUntil !== undefined;
  return { now, pos, feed: kind, connId, agent, name, serverName: config.serverName, device, isShared, rooms };
}

/** Only a room that our desk bot created, for this very agent, is a desk. */
function isOurs(news: RoomNews | undefined, agent: string, serverName: string): boolean {
  const all = [...(news?.state ?? []), ...(news?.timeline ?? [])];
  const create = all.find((event) => event.type === 'm.room.create');
  const desk = all.findLast((event) => event.type === 'fr.ecritoire.desk' && event.state_key === '');
  const read = desk && readDesk(desk);
  return (
    create !== undefined &&
    read !== undefined &&
    isDeskRoom({ creator: create.sender, deskState: desk }, serverName) &&
    read.agent === agent
  );
}

type Drawing = {
  desk: SessionDesk;
  news: ReadonlyMap<string, RoomNews>;
  rows: Rows | undefined;
  now: number;
  config: Settings;
  session: Session;
};

async function drawRoom(call: Call, { desk, news, rows, now, config, session }: Drawing) {
  const connections = config.connections.filter((connection) => connection.organisation === desk.organisation && !connection.retired);
  const labels = Object.fromEntries(connections.map(({ id, label }) => [id, label]));
  const marks = Object.fromEntries(connections.flatMap(({ id, mark }) => (mark === undefined ? [] : [[id, mark]])));
  const room = new DeskRoom(emptyRoom({ ...desk, marks, labels }), { agent: session.mxid, serverName: config.serverName }, now);
  const own = news.get(desk.room);
  const organisation = news.get(desk.organisationRoom);
  room.chosen.said = rows?.settings[desk.room];
  for (const event of [...(organisation?.state ?? []), ...(organisation?.timeline ?? [])]) room.takeState(event, now);
  const wanted = own ? room.take(own, now).wanted : [];
  room.older = own?.prevBatch;
  if (rows) {
    const ofRoom = (found: Rows) => found.rows.filter((row) => row.room === desk.room);
    room.takeRows(ofRoom(rows), now);
    room.next = rows.next;
    await fetchWanted(room, wanted, session, now, ofRoom);
  } else {
    await fetchFirst(call, room, now);
  }
  return room.snapshot();
}

/** Items that were edited within the window but came before it, and stand on no first screen. */
async function fetchWanted(
  room: DeskRoom,
  wanted: string[],
  session: Session,
  now: number,
  ofRoom: (found: Rows) => StoredRow[],
): Promise<void> {
  const eventIds = [...new Set(wanted)].filter((eventId) => !room.items.has(eventId)).slice(0, 50);
  if (eventIds.length === 0) return;
  const found = await readItems(session.accessToken, { rooms: [room.room], eventIds });
  if (found) room.takeRows(ofRoom(found), now);
}

/** Without the appservice: the first open messages that the tools' states name, one by one and without triage marks. */
async function fetchFirst(call: Call, room: DeskRoom, now: number): Promise<void> {
  const named = [...room.tools.values()]
    .flatMap((tool) => tool.first.map((one) => one.event_id))
    .filter((eventId) => !room.items.has(eventId));
  const path = (eventId: string) => `/_matrix/client/v3/rooms/${encodeURIComponent(room.room)}/event/${encodeURIComponent(eventId)}`;
  const found = await Promise.all(named.slice(0, SINGLE_EVENTS).map((eventId) => call('GET', path(eventId)).catch(() => undefined)));
  room.takeSingle(events(found), now);
}

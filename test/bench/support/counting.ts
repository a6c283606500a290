/**
 * A homeserver that only counts: it answers what the appservice asks as Synapse would, keeps nothing and sends nothing by
 * itself but the pings it is asked for. `node counting.ts '{"port": N}'`, then `POST /appservice` with `{url, hsToken}`;
 * `GET /count` answers `{sends, states, members, rooms}`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { DESK_BOT } from '../../../appservice/desk/access.ts';

const { port } = z.object({ port: z.number() }).parse(JSON.parse(process.argv[2] ?? '{}'));
const count = { sends: 0, states: 0, members: 0, rooms: 0 };
export type Counted = typeof count;

let serial = 0;
const next = (): string => String((serial += 1));

type Rule = [method: string, path: RegExp, answer: () => object];
/** Who may join: `<room id> <mxid>`, by an invitation that came with the room or after it. */
const invited = new Set<string>();
const Inviting = z.object({ invite: z.array(z.string()).optional(), user_id: z.string().optional() });

const RULES: readonly Rule[] = [
  ['PUT', /\/rooms\/[^/]+\/send\//, () => ({ event_id: `$${next()}`, n: (count.sends += 1) })],
  ['PUT', /\/rooms\/[^/]+\/state\//, () => ({ event_id: `$${next()}`, n: (count.states += 1) })],
  ['GET', /^\/count$/, () => count],
  ['GET', /\/versions$/, () => ({ versions: ['v1.11', 'v1.17'] })],
  ['POST', /\/register$/, () => ({ user_id: `@${next()}:desk.localhost` })],
  ['GET', /\/account\/whoami$/, () => ({ user_id: `@${DESK_BOT}:desk.localhost` })],
  ['GET', /\/profile\//, () => ({})],
  ['PUT', /\/(profile|devices|presence)\//, () => ({})],
];

type Reply = { status: number; body: object };

function answer(method: string, { pathname, searchParams }: URL): Reply {
  const rule = RULES.find(([wanted, pattern]) => wanted === method && pattern.test(pathname));
  if (rule !== undefined) return { status: 200, body: rule[2]() };
  const joined = /\/rooms\/([^/]+)\/join$/.exec(pathname)?.[1];
  if (method !== 'POST' || joined === undefined) return { status: 404, body: { errcode: 'M_NOT_FOUND', error: 'Nothing here' } };
  if (!invited.has(`${decodeURIComponent(joined)} ${searchParams.get('user_id') ?? ''}`)) {
    return { status: 403, body: { errcode: 'M_FORBIDDEN', error: 'You are not invited to this room.' } };
  }
  return { status: 200, body: { n: (count.members += 1) } };
}

/** Makes a room or invites into one; undefined: asked is something else. */
function invite(pathname: string, asked: string): object | undefined {
  const into = /\/rooms\/([^/]+)\/invite$/.exec(pathname)?.[1];
  if (into === undefined && !pathname.endsWith('/createRoom')) return undefined;
  const { invite: all = [], user_id } = Inviting.parse(JSON.parse(asked));
  const room = into === undefined ? `!${next()}:desk.localhost` : decodeURIComponent(into);
  for (const mxid of user_id === undefined ? all : [user_id]) invited.add(`${room} ${mxid}`);
  return into === undefined ? { room_id: room, n: (count.rooms += 1) } : { n: (count.members += 1) };
}

const Appservice = z.object({ url: z.string(), hsToken: z.string() });
let appservice: z.infer<typeof Appservice> | undefined;

/** As Synapse does: answers only when the appservice has. */
async function ping(body: string): Promise<object> {
  const headers = { authorization: `Bearer ${appservice?.hsToken ?? ''}`, 'content-type': 'application/json' };
  await fetch(`${appservice?.url ?? ''}/_matrix/app/v1/ping`, { method: 'POST', headers, body });
  return { duration_ms: 1 };
}

async function hear(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '', 'http://localhost');
  const isPost = request.method === 'POST';
  if (!isPost || url.pathname.endsWith('/join')) {
    request.resume().once('end', () => send(response, answer(request.method ?? 'GET', url)));
    return;
  }
  const body = await text(request);
  if (url.pathname === '/appservice') appservice = Appservice.parse(JSON.parse(body));
  const isPing = url.pathname.endsWith('/ping');
  const said = url.pathname === '/appservice' ? {} : isPing ? await ping(body) : invite(url.pathname, body);
  send(response, said === undefined ? answer('POST', url) : { status: 200, body: said });
}

function send(response: ServerResponse, { status, body }: Reply): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

const server = createServer((request, response) => {
  hear(request, response).catch(() => response.destroy());
});
server.keepAliveTimeout = 60_000;
server.listen(port, '127.0.0.1', () => process.send?.('listening'));
process.on('disconnect', () => process.exit());

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
const RULES: readonly Rule[] = [
  ['PUT', /\/rooms\/[^/]+\/send\//, () => ({ event_id: `$${next()}`, n: (count.sends += 1) })],
  ['PUT', /\/rooms\/[^/]+\/state\//, () => ({ event_id: `$${next()}`, n: (count.states += 1) })],
  ['POST', /\/rooms\/[^/]+\/(join|invite)$/, () => ({ n: (count.members += 1) })],
  ['POST', /\/createRoom$/, () => ({ room_id: `!${next()}:desk.localhost`, n: (count.rooms += 1) })],
  ['GET', /^\/count$/, () => count],
  ['GET', /\/versions$/, () => ({ versions: ['v1.11', 'v1.17'] })],
  ['POST', /\/register$/, () => ({ user_id: `@${next()}:desk.localhost` })],
  ['GET', /\/account\/whoami$/, () => ({ user_id: `@${DESK_BOT}:desk.localhost` })],
  ['GET', /\/profile\//, () => ({})],
  ['PUT', /\/(profile|devices|presence)\//, () => ({})],
];

function answer(response: ServerResponse, method: string, path: string): void {
  const rule = RULES.find(([wanted, pattern]) => wanted === method && pattern.test(path));
  const body = JSON.stringify(rule === undefined ? { errcode: 'M_NOT_FOUND', error: 'Nothing here' } : rule[2]());
  response.writeHead(rule === undefined ? 404 : 200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
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
  const path = (request.url ?? '').split('?')[0] ?? '';
  const isPing = request.method === 'POST' && path.endsWith('/ping');
  if (!isPing && path !== '/appservice') {
    request.resume().once('end', () => answer(response, request.method ?? 'GET', path));
    return;
  }
  const body = await text(request);
  if (!isPing) appservice = Appservice.parse(JSON.parse(body));
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(isPing ? await ping(body) : {}));
}

const server = createServer((request, response) => {
  hear(request, response).catch(() => response.destroy());
});
server.keepAliveTimeout = 60_000;
server.listen(port, '127.0.0.1', () => process.send?.('listening'));
process.on('disconnect', () => process.exit());

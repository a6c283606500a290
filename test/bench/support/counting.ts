/**
 * A homeserver that only counts: it answers what the appservice asks as Synapse would, keeps nothing and sends nothing by
 * itself. `node counting.ts '{"port": N}'`; `GET /count` answers `{sends, states, members, rooms}`.
 */
import { createServer, type ServerResponse } from 'node:http';
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
  ['POST', /\/ping$/, () => ({ duration_ms: 1 })],
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

const server = createServer((request, response) => {
  const path = (request.url ?? '').split('?')[0] ?? '';
  request.resume().once('end', () => answer(response, request.method ?? 'GET', path));
});
server.keepAliveTimeout = 60_000;
server.listen(port, '127.0.0.1', () => process.send?.('listening'));
process.on('disconnect', () => process.exit());

import { createServer, type IncomingMessage, request, type RequestListener, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sealSession, type Session, SHARED_IDLE_MS } from '../../../../web/src/lib/server/session.ts';
import { makePipe, type PipeSettings } from '../../../../web/server/pipe.ts';

/** The homeserver is the edge: what the pipe sends it, and what of its answer comes through. */
let homeserver: Server;
let web: Server;
let config: PipeSettings;
let answerWith: RequestListener;
let seen: IncomingMessage[];

const KEY = Buffer.alloc(32, 7).toString('base64');
const SESSION: Session = {
  id: 'b7e7a2c4-0000-4000-8000-000000000000',
  mxid: '@claire.morel:desk.localhost',
  localpart: 'claire.morel',
  name: 'Claire Morel',
  deviceId: 'D',
  accessToken: 'syt_secret',
  expiresAt: Date.now() + 3_600_000,
  provider: 'essai',
  desks: [],
};

const listen = (server: Server): Promise<string> =>
  new Promise((done) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      done(`http://127.0.0.1:${String(typeof address === 'object' && address ? address.port : 0)}`);
    }),
  );
const close = (server: Server): Promise<void> =>
  new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });

beforeEach(async () => {
  seen = [];
  answerWith = (_request, response) => void response.setHeader('content-type', 'application/json').end('{}');
  homeserver = createServer((incoming, response) => {
    seen.push(incoming);
    answerWith(incoming, response);
  });
  const url = await listen(homeserver);
  web = createServer((incoming, response) => void pipe(incoming, response));
  const publicUrl = await listen(web);
  config = { publicUrl, serverName: 'desk.localhost', homeserver: { url }, session: { cookieKeys: [KEY] }, organisations: [] };
  const pipe = makePipe(config);
});
afterEach(async () => {
  await close(web);
  await close(homeserver);
});

type Sent = { path?: string; method?: string; headers?: Record<string, string>; body?: string; session?: Partial<Session> | 'none' };

async function send({
  path = '/_matrix/client/v3/sync',
  method = 'GET',
  headers = { 'x-ecritoire': '1' },
  body,
  session = {},
}: Sent = {}): Promise<Response> {
  const cookie: Record<string, string> =
    session === 'none' ? {} : { cookie: `a=b; ecritoire=${await sealSession({ ...SESSION, ...session }, config)}; c=d` };
  return fetch(config.publicUrl + path, { method, headers: { ...cookie, ...headers }, body });
}

describe('the pipe', () => {
  it('sends the path and query as they came, with the session’s token and without the cookie', async () => {
    const path = '/_matrix/client/v3/rooms/%21abc%3Adesk.localhost/messages?dir=b&filter=%7B%22a%22%3A1%7D';
    const answer = await send({
      path,
      headers: { 'x-ecritoire': '1', authorization: 'Bearer mine', 'x-forwarded-for': '203.0.113.1, 203.0.113.9' },
    });
    expect(answer.status).toBe(200);
    expect(seen[0]?.url).toBe(path);
    expect(seen[0]?.headers).toMatchObject({ authorization: 'Bearer syt_secret', 'x-forwarded-for': '203.0.113.9' });
    expect(seen[0]?.headers).not.toHaveProperty('cookie');
    expect(seen[0]?.headers).not.toHaveProperty('origin');
    expect(seen[0]?.headers).not.toHaveProperty('x-ecritoire');
  });

  it('passes a large body through in both directions', async () => {
    answerWith = (incoming, response) => void incoming.pipe(response.setHeader('content-type', 'application/json'));
    const body = JSON.stringify({ body: 'é'.repeat(5_000_000) });
    const answer = await send({ method: 'PUT', path: '/_matrix/client/v3/rooms/%21a/send/m.room.message/1', body });
    expect(await answer.text()).toBe(body);
  });

  it('keeps cookies, CORS and caching of the homeserver to itself', async () => {
    answerWith = (_incoming, response) => {
      const headers = {
        'set-cookie': 'a=b',
        'access-control-allow-origin': '*',
        'cache-control': 'public',
        authorization: 'x',
        'retry-after': '3',
        server: 'Synapse',
      };
      response.writeHead(429, { ...headers, 'content-type': 'application/json' }).end('{"errcode":"M_LIMIT_EXCEEDED"}');
    };
    const answer = await send();
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBe('3');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    for (const name of ['set-cookie', 'access-control-allow-origin', 'authorization', 'server'])
      expect(answer.headers.get(name), name).toBeNull();
  });

  it('makes media harmless on our origin', async () => {
    answerWith = (_incoming, response) =>
      void response.writeHead(200, { 'content-type': 'text/html', 'content-disposition': 'inline; filename="plan.html"' }).end('<script>');
    const answer = await send({ path: '/_matrix/client/v1/media/download/desk.localhost/abc', headers: {} });
    expect(answer.headers.get('content-security-policy')).toContain('sandbox;');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="plan.html"');
    expect(answer.headers.get('cache-control')).toContain('private');
  });

  it('refuses before the homeserver hears of it', async () => {
    const cases: [Sent, number][] = [
      [{ headers: {} }, 403],
      [{ headers: { 'x-ecritoire': '1', origin: 'https://evil.example' } }, 403],
      [{ path: '/_matrix/client/v1/media/download/a/b', headers: { 'sec-fetch-site': 'cross-site' } }, 403],
      [{ session: 'none' }, 401],
      [{ session: { expiresAt: Date.now() - 1 } }, 401],
      [{ session: { mxid: '@claire.morel:elsewhere.example' } }, 401],
      [{ path: '/_matrix/client/v3/account/whoami' }, 404],
      [{ path: '/_matrix/client/v3/sync?access_token=x' }, 404],
      [{ path: '/_matrix/client/v3/sync', method: 'POST' }, 404],
    ];
    for (const [sent, status] of cases) {
      expect((await send(sent)).status, JSON.stringify(sent)).toBe(status);
    }
    expect(seen).toEqual([]);
  });

  it('does not follow or hand on a redirect', async () => {
    answerWith = (_incoming, response) => void response.writeHead(307, { location: 'https://elsewhere.example/' }).end();
    const answer = await send({ path: '/_matrix/client/v1/media/download/a/b', headers: {} });
    expect([answer.status, answer.headers.get('location')]).toEqual([502, null]);
  });

  it('says in JSON when the homeserver is down', async () => {
    await close(homeserver);
    const answer = await send();
    expect([answer.status, ((await answer.json()) as { errcode: string }).errcode]).toEqual([502, 'M_UNKNOWN']);
  });

  it('lets go of the homeserver when the page goes', async () => {
    const cookie = `ecritoire=${await sealSession(SESSION, config)}`;
    const gone = new Promise<void>((done) => {
      answerWith = (incoming) => void incoming.socket.once('close', () => done());
    });
    const poll = request(`${config.publicUrl}/_matrix/client/v3/sync`, { headers: { cookie, 'x-ecritoire': '1' } });
    poll.on('error', () => undefined);
    poll.end();
    await expect.poll(() => seen.length).toBe(1);
    poll.destroy();
    await gone;
  });

  it('begins a shared computer’s idle time anew when she writes, not when the page polls', async () => {
    const session = { idleUntil: Date.now() + SHARED_IDLE_MS / 2 };
    expect((await send({ session })).headers.getSetCookie()).toEqual([]);
    const [renewed = ''] = (
      await send({ session, method: 'PUT', path: '/_matrix/client/v3/rooms/%21a/send/m.reaction/1', body: '{}' })
    ).headers.getSetCookie();
    expect(renewed).toMatch(/^ecritoire=[\w.-]+; Path=\/; HttpOnly; SameSite=lax$/);
    expect((await send({ session: { idleUntil: Date.now() - 1 } })).status).toBe(401);
  });
});

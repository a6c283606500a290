/** The pipe to a real homeserver, by the session of a real sign-in: what a page of ours may do, and may not. */
import { ClientEvent, createClient, type MatrixClient, RoomEvent, SyncState } from 'matrix-js-sdk';
import type { Logger } from 'matrix-js-sdk/lib/logger.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSession, SESSION_COOKIE, type Session } from '../../web/src/lib/server/session.ts';
import { claimsOf, type IdentityBed, signInByWeb, startIdentityBed, startWeb } from '../support/identity-bed.ts';
import { Jar } from '../support/jar.ts';
import { personOf } from '../support/people.ts';

const nothing = (): void => undefined;
/** The SDK tells every request. */
const QUIET: Logger = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: console.error, getChild: () => QUIET };

let bed: IdentityBed;
let web: Awaited<ReturnType<typeof startWeb>>;
let cookie: string;
let session: Session;
beforeAll(async () => {
  bed = await startIdentityBed();
  web = await startWeb(bed);
  const jar = new Jar();
  await signInByWeb(bed, jar, claimsOf(personOf('claire.morel')));
  const value = jar.cookie(new URL(bed.config.publicUrl).host, SESSION_COOKIE);
  const opened = await openSession(value, bed.config, Date.now());
  if (!opened) throw new Error('no session');
  session = opened;
  cookie = `${SESSION_COOKIE}=${value ?? ''}`;
});
afterAll(async () => {
  await web.stop();
  await bed.stop();
});

const fetchPiped: typeof fetch = (url, init) =>
  fetch(url, { ...init, headers: { ...Object.fromEntries(new Headers(init?.headers)), cookie, 'x-ecritoire': '1' } });
const piped = (method: string, path: string, body?: unknown): Promise<Response> =>
  fetchPiped(bed.config.publicUrl + path, { method, body: body === undefined ? undefined : JSON.stringify(body) });
const roomPath = (): string => `/_matrix/client/v3/rooms/${encodeURIComponent(session.desks[0]?.room ?? '')}`;

describe('a page', () => {
  it('reads its desk by one sliding sync', async () => {
    const room = session.desks[0]?.room ?? '';
    const answer = await piped('POST', '/_matrix/client/unstable/org.matrix.simplified_msc3575/sync?timeout=0', {
      conn_id: 'test',
      room_subscriptions: { [room]: { timeline_limit: 50, required_state: [['fr.ecritoire.desk', '']] } },
    });
    expect(answer.status).toBe(200);
    const { rooms } = (await answer.json()) as { rooms: Record<string, { required_state: { type: string }[] }> };
    expect(rooms[room]?.required_state.map((event) => event.type)).toContain('fr.ecritoire.desk');
  });

  it('writes, reacts, reads back and takes back', async () => {
    const sent = await piped('PUT', `${roomPath()}/send/m.room.message/pipe-1`, { msgtype: 'm.text', body: 'Bonjour' });
    const { event_id: eventId } = (await sent.json()) as { event_id: string };
    const again = (await (
      await piped('PUT', `${roomPath()}/send/m.room.message/pipe-1`, { msgtype: 'm.text', body: 'Bonjour' })
    ).json()) as { event_id: string };
    expect(again.event_id).toBe(eventId);
    expect(await (await piped('GET', `${roomPath()}/event/${encodeURIComponent(eventId)}`)).json()).toMatchObject({
      content: { body: 'Bonjour' },
      sender: session.mxid,
    });
    expect((await piped('PUT', `${roomPath()}/redact/${encodeURIComponent(eventId)}/pipe-2`, {})).status).toBe(200);
    expect((await piped('POST', `${roomPath()}/receipt/m.read/${encodeURIComponent(eventId)}`, {})).status).toBe(200);
  });

  it('cannot write the state of its desk, make rooms, or see or end devices', async () => {
    for (const [method, path] of [
      ['PUT', `${roomPath()}/state/fr.ecritoire.desk`],
      ['POST', '/_matrix/client/v3/createRoom'],
      ['GET', '/_matrix/client/v3/devices'],
      ['POST', '/_matrix/client/v3/logout/all'],
      ['GET', '/_matrix/client/v3/account/whoami'],
      ['POST', `/_matrix/client/v3/user/${encodeURIComponent(session.mxid)}/openid/request_token`],
    ] as const) {
      expect((await piped(method, path, method === 'GET' ? undefined : {})).status, path).toBe(404);
    }
  });

  it('is refused without its header and without its cookie', async () => {
    const url = `${bed.config.publicUrl}/_matrix/client/v3/joined_rooms`;
    expect((await fetch(url, { headers: { cookie } })).status).toBe(403);
    expect((await fetch(url, { headers: { 'x-ecritoire': '1' } })).status).toBe(401);
    expect((await fetchPiped(url)).status).toBe(200);
  });

  it('reaches nothing of the homeserver by another door', async () => {
    for (const path of [
      '/_synapse/admin/v1/server_version',
      '/_matrix/../_synapse/admin/v1/server_version',
      '/_MATRIX/client/versions',
      '/_matrix',
    ]) {
      expect((await piped('GET', path)).status, path).toBe(404);
    }
  });
});

describe('matrix-js-sdk', () => {
  let client: MatrixClient;
  afterAll(() => client.stopClient());

  it('starts, sees its rooms, writes and hears its own message without ever holding a token', async () => {
    client = createClient({
      baseUrl: bed.config.publicUrl,
      userId: session.mxid,
      deviceId: session.deviceId,
      fetchFn: fetchPiped,
      disableVoip: true,
      logger: QUIET,
    });
    const prepared = new Promise<void>((done, failed) => {
      client.on(ClientEvent.Sync, (state, _before, detail) =>
        state === SyncState.Prepared ? done() : state === SyncState.Error && failed(detail?.error ?? new Error('sync')),
      );
    });
    await client.startClient({ initialSyncLimit: 5, lazyLoadMembers: true });
    await prepared;
    const room = session.desks[0]?.room ?? '';
    expect(client.getRooms().map((one) => one.roomId)).toContain(room);
    const heard = new Promise<string>((done) =>
      client.on(RoomEvent.Timeline, (event) => event.getContent().body === 'Par le SDK' && done(event.getId() ?? '')),
    );
    await client.sendTextMessage(room, 'Par le SDK');
    expect(await heard).toMatch(/^[$~]/);
    await client.setPresence({ presence: 'online', status_msg: 'au bureau' });
    expect((await client.getPresence(session.mxid)).presence).toBe('online');
    expect(client.getAccessToken()).toBeNull();
  });
});

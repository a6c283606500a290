/**
 * The least that an act takes: a bare homeserver, an application service of a few lines that waits as long as the tool does, and
 * one client. Request → transaction → the tool's time → one edit → the client's parked sliding sync has it.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { freePort } from '../../support/trial/ports.ts';
import { prepareSynapse, startSynapse } from '../../support/synapse.ts';

const [REQUEST, EDIT] = ['fr.ecritoire.action', 'm.room.message'];
const GAP_MS = 300;

const Transaction = z.object({ events: z.array(z.looseObject({ type: z.string(), room_id: z.string(), event_id: z.string() })) });
const Synced = z.object({ pos: z.string(), rooms: z.record(z.string(), z.looseObject({ timeline: z.array(z.unknown()).optional() })) });

type Call = (method: string, path: string, body?: unknown) => Promise<Record<string, unknown>>;

/** Milliseconds from each request to the answer that brings its edit, the tool's time included. */
export async function actFloor({ acts, toolMs }: { acts: number; toolMs: number }): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'ecritoire-etalon-'));
  const [asToken, hsToken] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')];
  const door = createServer();
  await new Promise<void>((done) => door.listen(0, '127.0.0.1', done));
  const registrationFile = join(folder, 'registration.json');
  const url = `http://127.0.0.1:${String((door.address() as AddressInfo).port)}`;
  await writeFile(registrationFile, JSON.stringify(registration({ url, asToken, hsToken })), { mode: 0o600 });
  const homeserver = { app_service_config_files: [registrationFile] };
  const python = await prepareSynapse();
  const synapse = await startSynapse({ folder: join(folder, 'synapse'), port: await freePort(), python, homeserver });
  try {
    const bot = callAs(synapse.url, asToken);
    const agent = callAs(synapse.url, await openAccount(bot, 'etalon_agent'));
    const { room_id: room } = z.object({ room_id: z.string() }).parse(await agent('POST', '/v3/createRoom', { preset: 'public_chat' }));
    await bot('POST', `/v3/join/${encodeURIComponent(room)}`, {});
    door.on('request', (request, response) => {
      void bodyOf(request).then((body) => {
        response.end('{}');
        const { events } = Transaction.catch({ events: [] }).parse(body);
        for (const { type, event_id } of events) if (type === REQUEST) setTimeout(() => void edit(bot, room, event_id), toolMs);
      });
    });
    return await measure(agent, room, acts);
  } finally {
    await synapse.stop();
    door.close();
    door.closeAllConnections();
    await rm(folder, { recursive: true, force: true });
  }
}

function registration({ url, asToken, hsToken }: { url: string; asToken: string; hsToken: string }) {
  const namespaces = { users: [{ exclusive: true, regex: '@etalon_.*' }], aliases: [], rooms: [] };
  return { id: 'etalon', url, as_token: asToken, hs_token: hsToken, sender_localpart: 'etalon_bot', rate_limited: false, namespaces };
}

function callAs(homeserver: string, token: string): Call {
  return async (method, path, body) => {
    const answer = await fetch(`${homeserver}/_matrix/client${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${path} answered ${String(answer.status)}`);
    return z.record(z.string(), z.unknown()).parse(await answer.json());
  };
}

async function openAccount(bot: Call, username: string): Promise<string> {
  const opened = await bot('POST', '/v3/register', { type: 'm.login.application_service', username });
  return z.object({ access_token: z.string() }).parse(opened).access_token;
}

async function edit(bot: Call, room: string, request: string): Promise<void> {
  const content = { msgtype: 'm.text', body: '* Fait', 'm.new_content': { msgtype: 'm.text', body: 'Fait' } };
  const relation = { 'm.relates_to': { rel_type: 'm.replace', event_id: request } };
  await bot('PUT', `/v3/rooms/${encodeURIComponent(room)}/send/${EDIT}/${request.slice(1)}`, { ...content, ...relation });
}

async function measure(agent: Call, room: string, acts: number): Promise<number[]> {
  const path = '/unstable/org.matrix.simplified_msc3575/sync';
  const body = { conn_id: 'etalon', room_subscriptions: { [room]: { timeline_limit: 50, required_state: [['m.room.create', '']] } } };
  let { pos } = Synced.parse(await agent('POST', `${path}?timeout=0`, body));
  const taken: number[] = [];
  for (let act = 0; act < acts; act += 1) {
    const began = performance.now();
    const sent = agent('PUT', `/v3/rooms/${encodeURIComponent(room)}/send/${REQUEST}/act-${String(act)}`, { askedAt: Date.now() });
    for (let isThere = false; !isThere;) {
      const answer = Synced.parse(await agent('POST', `${path}?timeout=20000&pos=${encodeURIComponent(pos)}`, body));
      pos = answer.pos;
      isThere = JSON.stringify(answer.rooms[room]?.timeline ?? []).includes('"m.replace"');
    }
    taken.push(performance.now() - began);
    await sent;
    await new Promise((done) => setTimeout(done, GAP_MS));
  }
  return taken;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
}

/** A server that begins to open a connection and falls silent before it is open: nobody waits for it for ever. */
import { type AddressInfo, createServer, type Server } from 'node:net';
import { sql } from 'kysely';
import { afterEach, expect, test } from 'vitest';
import { storeTrouble } from '../../../../appservice/store/failure.ts';
import { openStore } from '../../../../appservice/store/open.ts';

const AUTHENTICATION_OK = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]); // 'R', its length, nothing more is asked

let server: Server;

afterEach(() => server.close());

async function startSilentServer(): Promise<string> {
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write(AUTHENTICATION_OK));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `postgres://nobody@127.0.0.1:${String((server.address() as AddressInfo).port)}/store`;
}

test('a question asked there fails as one to a store that is stuck', async () => {
  const { store } = openStore(await startSilentServer());
  const failure = await sql`select 1`.execute(store).catch((error: unknown) => error);
  expect(storeTrouble(failure)).toBe('stuck');
  await store.destroy();
}, 20_000);

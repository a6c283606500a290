/**
 * The door for tools on a store, and nothing behind it: accepting without a relay. Run as a process of its own, as the
 * appservice is: `node door.ts '<DoorSettings as JSON>'`; says `{port}` on its IPC channel and ends with it.
 */
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { Router } from 'express';
import { Registry } from 'prom-client';
import { z } from 'zod';
import { hooks } from '../../../appservice/http/hooks.ts';
import { publicApp } from '../../../appservice/http/server.ts';
import { makeIngest } from '../../../appservice/ingest.ts';
import { openLog } from '../../../appservice/log.ts';
import { openStore } from '../../../appservice/store/open.ts';
import { verifyWebhook } from '../../../bots/webhook.ts';
import { ORGANISATION, TIME_ZONE, toolConnection } from './tools.ts';

const Settings = z.object({ url: z.string(), secret: z.string() });
export type DoorSettings = z.infer<typeof Settings>;

const { url, secret } = Settings.parse(JSON.parse(process.argv[2] ?? '{}'));
const connections = [toolConnection(secret)];
const { store } = openStore(url);
const { store: accepting } = openStore(url, { connections: 3, task: 'accepting' });
const organisations = [{ id: ORGANISATION, name: 'Ville-Claire', timeZone: TIME_ZONE, admins: [] }];
const ingest = makeIngest({
  store,
  accepting,
  config: { serverName: 'desk.localhost', organisations, connections, appservice: { recordKey: Buffer.alloc(32, 7) } },
});
const door = hooks({
  verify: verifyWebhook,
  accept: ingest.accept,
  reject: ingest.reject,
  connections,
  ready: () => true,
  log: openLog('error'),
  register: new Registry(),
});
const server = createServer(publicApp({ hooks: door, transactions: Router() }));
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit());

/**
 * A door of its own process that ends by SIGKILL at one step of accepting: `node mortal-door.ts DATABASE_URL STEP`. Prints
 * its port. Configured as the bed it shares the database with; its secrets come as JSON in DOOR_CONNECTIONS.
 */
import type { AddressInfo } from 'node:net';
import express from 'express';
import { Registry } from 'prom-client';
import type { LoadedConnection } from '../../config/load.ts';
import { hooks } from '../../appservice/http/hooks.ts';
import { makeIngest } from '../../appservice/ingest.ts';
import { openLog } from '../../appservice/log.ts';
import { openStore } from '../../appservice/store/open.ts';
import { verifyWebhook } from '../../bots/webhook.ts';

const [url = '', step = ''] = process.argv.slice(2);
const connections = JSON.parse(process.env.DOOR_CONNECTIONS ?? '[]') as LoadedConnection[];
const organisations = [{ id: 'ville-claire', name: 'Ville-Claire', timeZone: 'Europe/Paris', admins: [] }];
const config = { serverName: 'desk.localhost', organisations, connections, appservice: { recordKey: Buffer.alloc(32, 7) } };
const { store } = openStore(url);
const onStep = (name: string): void => {
  if (name === step) process.kill(process.pid, 'SIGKILL');
};
const { accept, reject } = makeIngest({ store, config, onStep });
const log = openLog('error');
const door = hooks({ verify: verifyWebhook, accept, reject, connections, ready: () => true, log, register: new Registry() });
const server = express()
  .use(door)
  .listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());

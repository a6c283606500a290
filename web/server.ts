/** Starts the web: `node web/server.ts --config FILE`, after `vite build`. */
import { parseArgs } from 'node:util';
import type { RequestHandler } from 'express';
import { loadConfig } from '../config/load.ts';
import { makeWeb } from './server/app.ts';

const CONFIG = 78; // EX_CONFIG of sysexits.h: starting again does not help

const { values } = parseArgs({ options: { config: { type: 'string' } } });
if (values.config === undefined) {
  console.error('Indiquez la configuration\u00a0: node web/server.ts --config FICHIER');
  process.exit(CONFIG);
}
const config = await loadConfig(values.config).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(CONFIG);
});

// Read by SvelteKit's part (its adapter, and web/src/lib/server/settings.ts) as soon as it is imported.
Object.assign(process.env, {
  ECRITOIRE_CONFIG: config.file,
  ECRITOIRE_LOG: config.log,
  PROTOCOL_HEADER: 'x-forwarded-proto',
  HOST_HEADER: 'x-forwarded-host',
});
const built = new URL('../build/handler.js', import.meta.url).href;
const { handler } = (await import(built).catch((cause: unknown) => {
  console.error('Les pages ne sont pas construites\u00a0: lancez «\u00a0npx vite build\u00a0».', cause);
  process.exit(1);
})) as { handler: RequestHandler };

const { host, port } = config.web.listen;
const server = makeWeb(config, handler).listen(port, host, (error) => {
  if (error) {
    console.error(`Le web ne peut pas écouter sur ${host}:${String(port)}\u00a0: ${error.message}`);
    process.exit(1);
  }
  console.log(`web: ${config.publicUrl}`);
});
server.requestTimeout = 0; // a large file over a slow line; the homeserver has its own limits
server.keepAliveTimeout = 65_000; // longer than a balancer keeps a connection

const DRAIN_MS = 5_000; // parked polls are cut after this
function stop(): void {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => process.exit(0), DRAIN_MS).unref();
}
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
if (process.send) {
  process.on('disconnect', () => process.exit());
}

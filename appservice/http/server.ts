/** Listeners: the public one (hooks, the homeserver's transactions) and how any of them is opened and closed. */
import { createServer, type Server } from 'node:http';
import express, { type Express, type Router } from 'express';

/** Bodies are read by the routers themselves: hooks verify raw bytes, transactions may be 20 MB. */
export function publicApp({ hooks, transactions }: { hooks: Router; transactions: Router }): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(transactions);
  app.use(hooks);
  app.use((_request, response) => void response.status(404).json({ title: 'Not found', status: 404 }));
  return app;
}

export interface Listener {
  /** Takes no more connections, lets requests in flight end until `patienceMs`. */
  close(patienceMs: number): Promise<void>;
}

/** Rejects when the address is taken by another program; replicas of ours share it. */
export async function openListener(app: Express, { host, port }: { host: string; port: number }): Promise<Listener> {
  const server = createServer(app);
  server.keepAliveTimeout = 30_000; // longer than clients keep theirs, so that none is closed under a request
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, reusePort: process.platform === 'linux' }, resolve);
  });
  return { close: (patienceMs) => closeServer(server, patienceMs) };
}

function closeServer(server: Server, patienceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cutting = setTimeout(() => server.closeAllConnections(), patienceMs);
    server.close(() => {
      clearTimeout(cutting);
      resolve();
    });
    server.closeIdleConnections();
  });
}

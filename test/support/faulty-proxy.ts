/** A real HTTP proxy in front of Synapse that can answer in its place, cut connections, hold answers back or lose them. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

/**
 * What happens to a request instead of passing. `lost`: Synapse gets it, its answer does not come back. `holdMs`: Synapse
 * gets it, its answer comes so much later.
 */
export type Fault = { status: number; headers?: Record<string, string>; body: string } | 'cut' | 'lost' | { holdMs: number };

export interface FaultyProxy {
  readonly url: string;
  /** Asked for each request; undefined lets it pass. */
  fault: (request: { method: string; path: string; body: string }) => Fault | undefined;
  /** Every request that came, in order. */
  readonly seen: { method: string; path: string; at: number }[];
  stop(): Promise<void>;
}

export async function startFaultyProxy(port: number): Promise<FaultyProxy> {
  const seen: FaultyProxy['seen'] = [];
  const server = createServer((incoming, outgoing) => {
    const asked = { method: incoming.method ?? 'GET', path: incoming.url ?? '/' };
    seen.push({ ...asked, at: Date.now() });
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      const fault = proxy.fault({ ...asked, body: body.toString() });
      if (fault === 'cut') incoming.socket.destroy();
      else if (typeof fault === 'object' && 'status' in fault) outgoing.writeHead(fault.status, fault.headers).end(fault.body);
      else pass(incoming, outgoing, { port, body, fault });
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const proxy: FaultyProxy = {
    url: `http://127.0.0.1:${String(typeof address === 'object' && address !== null ? address.port : 0)}`,
    fault: () => undefined,
    seen,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
  return proxy;
}

type Passing = { port: number; body: Buffer; fault: 'lost' | { holdMs: number } | undefined };

function pass(incoming: IncomingMessage, outgoing: ServerResponse, { port, body, fault }: Passing): void {
  const { method, url, headers } = incoming;
  // A connection of its own: one kept for later would be the former process's after a restart.
  const onward = request({ host: '127.0.0.1', port, method, path: url, headers, agent: false }, (answer) => {
    answer.on('close', () => answer.complete || incoming.socket.destroy());
    if (fault === 'lost') {
      answer.resume().on('end', () => incoming.socket.destroy());
      return;
    }
    setTimeout(() => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    }, fault?.holdMs ?? 0);
  });
  onward.on('error', () => incoming.socket.destroy());
  outgoing.on('close', () => onward.destroy());
  onward.end(body);
}

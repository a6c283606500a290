/** A real HTTP proxy in front of Synapse that can answer in its place, cut connections, or lose answers on the way back. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

/** What happens to a request instead of passing. `lost`: Synapse gets it, its answer does not come back. */
export type Fault = { status: number; headers?: Record<string, string>; body: string } | 'cut' | 'lost';

export interface FaultyProxy {
  readonly url: string;
  /** Asked for each request; undefined lets it pass. */
  fault: (request: { method: string; path: string }) => Fault | undefined;
  /** Every request that came, in order. */
  readonly seen: { method: string; path: string; at: number }[];
  stop(): Promise<void>;
}

export async function startFaultyProxy(port: number): Promise<FaultyProxy> {
  const seen: FaultyProxy['seen'] = [];
  const server = createServer((incoming, outgoing) => {
    const asked = { method: incoming.method ?? 'GET', path: incoming.url ?? '/' };
    seen.push({ ...asked, at: Date.now() });
    const fault = proxy.fault(asked);
    if (fault === 'cut') incoming.socket.destroy();
    else if (typeof fault === 'object') outgoing.writeHead(fault.status, fault.headers).end(fault.body);
    else pass(incoming, outgoing, { port, isLost: fault === 'lost' });
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

function pass(incoming: IncomingMessage, outgoing: ServerResponse, { port, isLost }: { port: number; isLost: boolean }): void {
  const { method, url, headers } = incoming;
  const onward = request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
    if (isLost) {
      answer.resume().on('end', () => incoming.socket.destroy());
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  onward.on('error', () => incoming.socket.destroy());
  incoming.pipe(onward);
}

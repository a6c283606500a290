/**
 * The line between a browser and everything, as its HTTP proxy: it can be cut for real. What a browser calls offline lets through
 * what is on its way while a page is left.
 */
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Line {
  readonly url: string;
  /** Nothing passes any more, and what was passing is cut off. */
  cut(): void;
  mend(): void;
  stop(): Promise<void>;
}

export async function startLine(): Promise<Line> {
  let isCut = false;
  const server = createServer((incoming, outgoing) => {
    const { method, url = '', headers } = incoming;
    if (isCut) return void incoming.socket.destroy();
    const onward = request(url, { method, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('error', () => outgoing.destroy()).pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    cut: () => {
      isCut = true;
      server.closeAllConnections();
    },
    mend: () => {
      isCut = false;
    },
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

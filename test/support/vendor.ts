/** A tool with a `callback`: what it gets is kept, what it answers is the test's to say. And a trial in which it is the « gta » connection. */
import { createServer, type Server } from 'node:http';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { type Started, startTrial } from './started.ts';
import { openLocal } from './trial/local.ts';

export type Asked = {
  id: string;
  data: { action: string; input: Record<string, unknown>; item: { key: string }; agent: { mail?: string } };
};
export type VendorAnswer = { status: number; body?: unknown; afterMs?: number };

export class Vendor {
  readonly asked: Asked[] = [];
  /** By default it is done: the item comes back as such. */
  answer: ((asked: Asked) => VendorAnswer) | undefined;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<Vendor> {
    const server = createServer();
    const vendor = new Vendor(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const asked = JSON.parse(Buffer.concat(chunks).toString()) as Asked;
        vendor.asked.push(asked);
        const done = { status: 200, body: { item: { key: asked.data.item.key, title: asked.data.item.key, state: 'done' } } };
        const { status, body = {}, afterMs = 0 }: VendorAnswer = vendor.answer?.(asked) ?? done;
        setTimeout(() => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)), afterMs);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return vendor;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/ecritoire`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** A trial whose « gta » is acted at. `stop` ends both and leaves nothing. */
export async function startActingTrial(): Promise<{ trial: Started; vendor: Vendor; stop: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'ecritoire-agir-'));
  const vendor = await Vendor.start();
  const { configFile } = await openLocal(folder, { usualPorts: false });
  const config = parseDocument(await readFile(configFile, 'utf8'));
  const { connections } = config.toJS() as { connections: { id: string }[] };
  config.setIn(['connections', connections.findIndex(({ id }) => id === 'gta'), 'callback'], vendor.url);
  await writeFile(configFile, config.toString({ lineWidth: 140 }), { mode: 0o600 });
  const trial = await startTrial({ folder });
  return {
    trial,
    vendor,
    stop: async () => {
      await trial.stop();
      vendor.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

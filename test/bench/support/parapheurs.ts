/**
 * Parapheurs that only answer: each agent has one desk with one folder, which takes three calls to read. They note when each
 * desk is asked for. `node parapheurs.ts '{"ports": […]}'`; told `measure` they forget what was, told `figures` they say it.
 */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

/** Between two looks at one desk, seconds; a desk that was not looked at again counts as long as it waited. */
export type Figures = { sweeps: number; calls: number; desks: number; intervals: number[] };

const { ports } = z.object({ ports: z.array(z.number()) }).parse(JSON.parse(process.argv[2] ?? '{}'));
const lastAt = new Map<string, number>();
const seen = new Set<string>();
let intervals: number[] = [];
let [sweeps, calls] = [0, 0];

const page = (content: object[]): object => ({ content, number: 0, totalElements: content.length, totalPages: 1, last: true });
const named = (id: string): object => ({ id, name: `Nom de ${id}` });

function answer(path: string, { agent, port }: { agent: string; port: number }): object {
  if (path.endsWith('/desks')) {
    look(`${port} ${agent}`);
    // Pending folders are not counted: the list is read each time.
    return page([{ ...named(`bureau-${agent}`), tenantId: 't', pendingFoldersCount: null, lateFoldersCount: 0, delegatingDesks: [] }]);
  }
  const folder = { ...named(`${port}-${agent}`), dueDate: '2026-12-01T00:00:00.000+00:00', metadata: {} };
  if (path.endsWith('/PENDING')) return page([folder]);
  const steps = [
    { id: 'a1', action: 'START', state: 'VALIDATED', desks: [named('emetteur')] },
    { id: 'a2', action: 'VISA', state: 'PENDING', desks: [named(`bureau-${agent}`)] },
    { id: null, action: 'ARCHIVE', state: 'UPCOMING', desks: [named('emetteur')] },
  ];
  return {
    ...folder,
    type: named('type'),
    subtype: named('sous-type'),
    originDesk: named('emetteur'),
    stepList: steps,
    documentList: [named('d')],
  };
}

function look(desk: string): void {
  const now = performance.now();
  const before = lastAt.get(desk);
  sweeps += 1;
  if (before !== undefined) intervals.push((now - before) / 1000);
  lastAt.set(desk, now);
  seen.add(desk);
}

for (const port of ports) {
  const server = createServer((request, response) => {
    const send = (body: object): void => {
      const bytes = JSON.stringify(body);
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(bytes) });
      response.end(bytes);
    };
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (request.method === 'POST') {
      const token = async (): Promise<void> => {
        const form = new URLSearchParams(await text(request));
        send({ access_token: form.get('username') ?? '', expires_in: 900, refresh_token: '', refresh_expires_in: 0, token_type: 'Bearer' });
      };
      token().catch(() => response.destroy());
      return;
    }
    calls += 1;
    send(answer(path, { agent: request.headers.authorization?.replace('Bearer ', '') ?? '', port }));
  });
  server.keepAliveTimeout = 120_000;
  server.listen(port, '127.0.0.1');
}

process.on('message', (word) => {
  if (word === 'figures') {
    const waiting = [...lastAt.values()].map((at) => (performance.now() - at) / 1000);
    process.send?.({ sweeps, calls, desks: seen.size, intervals: [...intervals, ...waiting] } satisfies Figures);
  }
  [intervals, sweeps, calls] = [[], 0, 0];
  seen.clear();
});
process.on('disconnect', () => process.exit());
process.send?.('listening');

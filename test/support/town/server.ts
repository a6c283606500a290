/** The town's own address: pages of its tools, what agents ask of them, and its control surface. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { DeskError } from '#desk/errors.ts';
import type { Callback, CallbackAnswer } from './callback.ts';
import type { Control } from './control.ts';
import { PAGE_HEADERS, townPage } from './pages.ts';

export type Parts = { control: Control; callbacks: ReadonlyMap<string, Callback>; secretOf: (tool: string) => string | undefined };

/** `parts` is undefined until the town is open; its pages are there before. */
export function townServer(parts: () => Parts | undefined): Server {
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      void serve(request, response, { body: Buffer.concat(chunks), parts: parts() }).catch((error: unknown) => {
        json(response, error instanceof DeskError && error.code === 'auth' ? 401 : 500, { error: 'refused' });
      });
    });
  });
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { body, parts }: { body: Buffer; parts: Parts | undefined },
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://town');
  const [, first = '', tool = ''] = url.pathname.split('/');
  const { method = 'GET' } = request;
  if (first === 'control' && parts !== undefined) {
    // A page in somebody's browser is nobody to control the town.
    const isBrowser = request.headers.origin !== undefined;
    const asked = { method, path: url.pathname.slice('/control'.length), query: url.searchParams };
    const said = isBrowser ? { status: 403, json: { error: 'not for browsers' } } : parts.control.answer(asked);
    json(response, said.status, said.json);
    return;
  }
  const callback = first === 'callback' ? parts?.callbacks.get(tool) : undefined;
  if (callback !== undefined && method === 'POST') {
    const secret = parts?.secretOf(tool) ?? '';
    return answerCallback(request, response, { callback, run: () => callback.answer({ headers: request.headers, body, secret }) });
  }
  const { status, html } = townPage(url.pathname);
  response.writeHead(status, PAGE_HEADERS).end(html);
}

/** Of faults the tools that post know those of their answers. */
async function answerCallback(
  request: IncomingMessage,
  response: ServerResponse,
  { callback: { fault }, run }: { callback: Callback; run: () => Promise<CallbackAnswer> },
): Promise<void> {
  if (fault?.kind === 'gone') request.socket.destroy();
  else if (fault?.kind === 'login-page')
    response.writeHead(200, PAGE_HEADERS).end('<!doctype html><title>Connexion</title><form method="post"></form>');
  else if (fault?.kind === 'status') json(response, fault.status, {});
  else {
    const said = await run();
    setTimeout(() => json(response, said.status, said.json), fault?.kind === 'slow' ? fault.ms : 0);
  }
}

function json(response: ServerResponse, status: number, content: unknown): void {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(`${JSON.stringify(content, null, 2)}\n`);
}

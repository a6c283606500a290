/**
 * What every twin is made of: a small Node server that speaks its tool's protocol, counts the calls made and can be told to
 * misbehave as servers do. A folder's `twin.ts` adds the protocol and a few objects; tests and `npm start` use the same.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** How a server goes wrong. `from`: only from the nth call on (1 is the first), so that a list breaks half-way. */
export type Fault =
  | { kind: 'status'; status: number; headers?: Record<string, string>; body?: string; from?: number }
  /** What was asked is done at once, and answered late. `only`: those calls alone. */
  | { kind: 'slow'; ms: number; from?: number; only?: (call: TwinCall) => boolean }
  | { kind: 'login-page'; from?: number }
  | { kind: 'login-redirect'; from?: number }
  | { kind: 'elsewhere'; location: string; from?: number }
  | { kind: 'truncated'; from?: number }
  /** Nobody listens any more. */
  | { kind: 'gone'; from?: number }
  /** What it answers, changed: another case, every object twice, another encoding. */
  | { kind: 'mangled'; change: (text: string) => string | Buffer; from?: number }
  /** The connection breaks after the tool did what was asked. */
  | { kind: 'hang-up'; from?: number };

export type TwinCall = { method: string; path: string; query: URLSearchParams; headers: IncomingMessage['headers']; body: Buffer };
export type TwinAnswer = { status?: number; headers?: Record<string, string>; json?: unknown; body?: string | Buffer };

/** What a town tells of an object; a tool takes of it what it has a place for. Times are RFC 3339; `dueAt` may be a day. */
export type Told = {
  /** Its own, greater than those of earlier objects: its key at the tool is made of it. */
  number: number;
  kind: string;
  title: string;
  /** Mail addresses of those who are asked. */
  agents: readonly string[];
  /** ms: when it became as it is now. */
  at: number;
  summary?: string;
  by?: string;
  dueAt?: string;
  startsAt?: string;
  endsAt?: string;
  place?: string;
  documents?: readonly string[];
  dossier?: string;
};

/** The control surface of the suite and the town. Agents are named by their mail address, `claire@ville.example`. */
export interface RunningTwin {
  readonly url: string;
  /** The connection's settings, secrets in clear. */
  readonly config: Record<string, unknown>;
  /** Signing secrets of its webhooks, if it makes any. */
  readonly secrets?: readonly string[];
  /** The secret of one agent's account, for a bot that has accounts. */
  account?(agent: string): Record<string, unknown>;
  /** Every call since the start, in order. */
  readonly calls: readonly TwinCall[];
  /** How many calls changed something at the tool. */
  acted(): number;
  /** A new object that asks something of these agents; answers its key. */
  add(agents: readonly string[], title?: string): string;
  /** So many at once, where one after the other takes too long. */
  addMany?(agents: readonly string[], count: number): string[];
  /** It is about something else now (its revision grows), or nobody is asked any more. */
  change(key: string): void;
  settle(key: string): void;
  /** For a town: the object is new, or otherwise than it was; answers its key. The same is said again after a restart. */
  tell?(object: Told): string;
  /** Whether anybody is still asked something by it. */
  isOpen?(key: string): boolean;
  /** Sessions end before their time; who signs in anew goes on. For a tool that has sessions. */
  expire?(): void;
  /** Until called again without one. */
  fail(fault?: Fault): void;
  /** Credentials no longer hold: everybody's, or those of one agent. */
  revoke(agent?: string): void;
  /** They hold again. */
  restore?(): void;
  /** The request by which the tool tells of an object, signed; for a bot that has `read`. */
  push?(key: string): { headers: Record<string, string>; body: Uint8Array };
  stop(): Promise<void>;
}

export type TwinOptions = {
  port?: number;
  /** In place of the signing secret it has otherwise. */
  secret?: string;
  /** Where files are dropped; kept at the end. */
  folder?: string;
  /** What a browser sees where the tool has only answers for programs. */
  page?: (path: string) => string;
};

export interface Twin {
  start(options?: TwinOptions): Promise<RunningTwin>;
  /** Rules of the suite that cannot hold for this tool, each with its reason. */
  skip?: readonly { rule: string; reason: string }[];
}

const PAGE =
  '<!doctype html><html><head><title>Connexion</title></head><body><form method="post"><input type="password" name="password"></form></body></html>';

export interface TwinServer {
  readonly url: string;
  readonly calls: TwinCall[];
  fail(fault?: Fault): void;
  stop(): Promise<void>;
}

type ServeOptions = Pick<TwinOptions, 'port' | 'page'> & { onUpgrade?: (request: IncomingMessage, stream: Duplex) => void };

/** Serves `answer` on loopback, misbehaving as told. `onUpgrade`: for a tool that has WebSockets. */
export async function serve(answer: (call: TwinCall) => TwinAnswer, { port = 0, page, onUpgrade }: ServeOptions = {}): Promise<TwinServer> {
  const calls: TwinCall[] = [];
  let fault: Fault | undefined;
  let since = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://twin');
      const call: TwinCall = {
        method: request.method ?? 'GET',
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        body: Buffer.concat(chunks),
      };
      calls.push(call);
      forgetOld(calls);
      const active = fault !== undefined && calls.length - since >= (fault.from ?? 1) ? fault : undefined;
      const faulty = active === undefined ? undefined : faultyAnswer(active);
      const said = faulty ?? forBrowser(call, answer(call), page);
      if (active?.kind === 'hang-up') {
        request.socket.destroy();
        return;
      }
      const { status, headers, bytes } = encode(said, active);
      setTimeout(
        () => {
          response.writeHead(status, headers);
          response.end(bytes);
        },
        active?.kind === 'slow' && active.only?.(call) !== false ? active.ms : 0,
      );
    });
  });
  server.on('connection', (socket) => {
    if (fault?.kind === 'gone') socket.destroy();
  });
  if (onUpgrade !== undefined) server.on('upgrade', onUpgrade);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    fail(next) {
      fault = next;
      since = calls.length;
      if (fault?.kind === 'gone') server.closeAllConnections();
    },
    stop: () => close(server),
  };
}

const KEPT = 5000; // calls remembered whole

/** A town runs for days: of what was asked long ago only method and path are kept. */
function forgetOld(calls: TwinCall[]): void {
  const at = calls.length - 1 - KEPT;
  const old = calls[at];
  if (old !== undefined) calls[at] = { method: old.method, path: old.path, query: NOTHING, headers: {}, body: EMPTY };
}

const [NOTHING, EMPTY] = [new URLSearchParams(), Buffer.alloc(0)];

/** A person who follows a link has no token to show. */
function forBrowser({ method, path, headers }: TwinCall, said: TwinAnswer, page: TwinOptions['page']): TwinAnswer {
  const isAsked = method === 'GET' && headers.accept?.includes('text/html') === true;
  if (page === undefined || !isAsked || (said.status ?? 200) < 400) return said;
  return { headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }, body: page(path) };
}

/** Faults that come instead of the tool's answer; slow, truncated, mangled and hang-up come with it. */
function faultyAnswer(fault: Fault): TwinAnswer | undefined {
  switch (fault.kind) {
    case 'status':
      return { status: fault.status, headers: fault.headers ?? {}, body: fault.body ?? '' };
    case 'login-page':
      return { headers: { 'content-type': 'text/html; charset=utf-8' }, body: PAGE };
    case 'login-redirect':
      return { status: 302, headers: { location: '/cas/login?service=x' } };
    case 'elsewhere':
      return { status: 302, headers: { location: fault.location } };
    case 'slow':
    case 'truncated':
    case 'gone':
    case 'mangled':
    case 'hang-up':
      return undefined;
  }
}

function encode({ status = 200, headers = {}, json, body = '' }: TwinAnswer, fault: Fault | undefined) {
  const whole = json === undefined ? Buffer.from(body) : Buffer.from(JSON.stringify(json));
  const bytes = fault?.kind === 'mangled' ? Buffer.from(fault.change(whole.toString())) : whole;
  const sent = fault?.kind === 'truncated' ? bytes.subarray(0, Math.floor(bytes.length / 2)) : bytes;
  return { status, headers: { ...(json !== undefined && { 'content-type': 'application/json' }), ...headers }, bytes: sent };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

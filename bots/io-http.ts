/** HTTP as a bot may use it: its own origins, time-outs, size limits, no redirect elsewhere, DeskErrors for whatever is not well. */
import type { Dispatcher } from 'undici';
import { request as undiciRequest } from 'undici';
import { DeskError, LogInPage } from '#desk/errors.ts';
import type { BotLog } from './log.ts';
import type { AddressGuard } from './io-guard.ts';
import { codeOf, isDefinite, isLoginPage, isUnsent, leadsToLogin, networkError, retryAfterMs, wordsOf } from './io-status.ts';

export type HttpRequest = {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'PROPFIND' | 'REPORT' | 'OPTIONS';
  query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  headers?: Readonly<Record<string, string>>;
  /** One of: a JSON value, form fields, or bytes as they are (then say their type in `headers`). */
  json?: unknown;
  form?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  /** It changes nothing at the tool although its method could (a token, a search by POST). */
  reads?: true;
  /** Statuses besides 2xx that the bot wants to see itself. */
  accept?: readonly number[];
  /** `any`: an HTML page is a good answer. By default a page where data is expected is a log-in page or a broken tool. */
  expect?: 'data' | 'any';
  /** For tools that say no with 200 (OCS v1): what it makes of such an answer is thrown, and nothing was done unless it is `unavailable`. */
  refusal?: (answer: HttpAnswer) => DeskError | undefined;
  timeoutMs?: number;
  /** Bytes of the answer, 10 MB unless said. */
  maxBytes?: number;
};

export type HttpAnswer = {
  status: number;
  /** Lower-case names; the first value of each. */
  headers: Readonly<Record<string, string>>;
  url: string;
  bytes: Uint8Array;
  /** In the charset of its content type, else UTF-8. */
  text(): string;
  /** Throws `unavailable` when it is not JSON: half an answer. */
  json(): unknown;
};

/** `path` begins with a slash and comes after the base address; or it is a whole address of one of the origins. */
export type Http = (path: string, request?: HttpRequest) => Promise<HttpAnswer>;

export type HttpOptions = {
  origins: readonly string[];
  guard: AddressGuard;
  log: BotLog;
  requestId: string;
  inTurn: <Answer>(call: () => Promise<Answer>) => Promise<Answer>;
  timeouts: { read: number; act: number };
  acts: { open: number };
};

const SAFE = ['GET', 'HEAD', 'OPTIONS', 'PROPFIND', 'REPORT'];
const MOST_REDIRECTS = 3;
const MAX_BYTES = 10_000_000;

export function makeHttp(options: HttpOptions): Http {
  return (path, request = {}) => options.inTurn(() => call(addressOf(path, request, options), request, options));
}

function addressOf(path: string, { query }: HttpRequest, { origins, guard }: HttpOptions): URL {
  const base = origins[0] ?? '';
  const url = URL.canParse(path) ? new URL(path) : new URL(`${base.replace(/\/+$/, '')}${path.startsWith('/') ? '' : '/'}${path}`);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [value]) url.searchParams.append(name, String(one));
  }
  checkOrigin(url, origins);
  guard.checkHost(url.hostname);
  return url;
}

function checkOrigin(url: URL, origins: readonly string[]): void {
  const isOwn = origins.some((origin) => URL.canParse(origin) && new URL(origin).origin === url.origin);
  if (!isOwn || url.username !== '' || url.password !== '') throw new DeskError('config', `${url.origin} is no origin of this connection`);
}

async function call(first: URL, request: HttpRequest, options: HttpOptions): Promise<HttpAnswer> {
  const { method = 'GET' } = request;
  const isActing = !SAFE.includes(method) && request.reads !== true;
  if (isActing) options.acts.open += 1;
  let url = first;
  for (let redirects = 0; ; redirects += 1) {
    const what = `${method} ${url.pathname}`;
    const answer = await send(url, request, { ...options, what, isActing });
    if (isActing && isDefinite(answer.status)) options.acts.open -= 1;
    const next = nextAddress(answer, { url, what, request, options });
    if (next === undefined) return checked(answer, { what, request, options, isActing });
    if (isActing || redirects === MOST_REDIRECTS) throw new DeskError('config', `${what}: redirected`);
    url = next;
  }
}

type Sending = HttpOptions & { what: string; isActing: boolean };

async function send(
  url: URL,
  request: HttpRequest,
  { what, isActing, guard, log, requestId, timeouts, acts }: Sending,
): Promise<HttpAnswer> {
  const started = performance.now();
  const timeoutMs = request.timeoutMs ?? (isActing ? timeouts.act : timeouts.read);
  const { headers, body } = encode(request);
  try {
    const response = await undiciRequest(url, {
      method: (request.method ?? 'GET') as Dispatcher.HttpMethod,
      headers: { accept: 'application/json', 'user-agent': 'Ecritoire', ...headers, ...request.headers },
      body: body ?? null,
      dispatcher: guard.dispatcher,
      signal: AbortSignal.timeout(timeoutMs),
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    const bytes = await readBody(response.body, { limit: request.maxBytes ?? MAX_BYTES, what });
    log.debug({ requestId, call: what, status: response.statusCode, ms: Math.round(performance.now() - started) }, 'called a tool');
    return makeAnswer({ status: response.statusCode, headers: firstValues(response.headers), url: url.href, bytes, what });
  } catch (error) {
    if (isActing && isUnsent(error)) acts.open -= 1;
    const said = networkError(error, what);
    log.debug({ requestId, call: what, error: said.code, ms: Math.round(performance.now() - started) }, 'called a tool in vain');
    throw said;
  }
}

function encode({ json, form, body }: HttpRequest): { headers: Record<string, string>; body?: string | Uint8Array } {
  if (json !== undefined) return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(json) };
  if (form !== undefined)
    return { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(form).toString() };
  return { headers: {}, ...(body !== undefined && { body }) };
}

class TooLarge extends Error {}

async function readBody(body: AsyncIterable<Uint8Array>, { limit, what }: { limit: number; what: string }): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.length;
      if (size > limit) throw new TooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    // No DeskError: what was sent may have been done, only its answer is not to be read.
    if (error instanceof TooLarge) throw new Error(`${what}: more than ${limit} bytes`, { cause: error });
    throw error;
  }
  return Buffer.concat(chunks);
}

function firstValues(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, (Array.isArray(value) ? value[0] : value) ?? '']));
}

function makeAnswer({ what, ...answer }: Omit<HttpAnswer, 'text' | 'json'> & { what: string }): HttpAnswer {
  const charset = /charset="?([\w-]+)/i.exec(answer.headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  const text = (): string => decoder(charset).decode(answer.bytes);
  const json = (): unknown => {
    try {
      return JSON.parse(text());
    } catch (cause) {
      throw new DeskError('unavailable', `${what}: the answer is not JSON`, { cause });
    }
  };
  return { ...answer, text, json };
}

/** A charset nobody knows is read as UTF-8, broken characters and all. */
function decoder(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}

type Going = { url: URL; what: string; request: HttpRequest; options: HttpOptions };

/** Where a redirect leads within the own origins; a log-in page, wherever it is, means that the credentials are not (or no longer) good. */
function nextAddress({ status, headers }: HttpAnswer, { url, what, request, options }: Going): URL | undefined {
  if (status < 300 || status > 399 || status === 304 || request.accept?.includes(status) === true) return undefined;
  const location = headers['location'] ?? '';
  const next = URL.canParse(location, url.href) ? new URL(location, url.href) : undefined;
  if (leadsToLogin(location, url.href)) throw new LogInPage(`${what}: redirected to a log-in page`);
  if (next === undefined) throw new DeskError('config', `${what}: redirected nowhere`);
  checkOrigin(next, options.origins);
  options.guard.checkHost(next.hostname);
  return next;
}

function checked(answer: HttpAnswer, { what, request, options, isActing }: Omit<Going, 'url'> & { isActing: boolean }): HttpAnswer {
  const { status, headers } = answer;
  if (request.accept?.includes(status) === true) return answer;
  if (status >= 200 && status < 300) {
    const refusal = pageError(answer, { what, request }) ?? request.refusal?.(answer);
    if (refusal === undefined) return answer;
    if (isActing && refusal.code !== 'unavailable') options.acts.open -= 1;
    throw refusal;
  }
  const toolNow = Date.parse(headers['date'] ?? ''); // its clock need not be ours
  const retry = retryAfterMs(headers['retry-after'], Number.isNaN(toolNow) ? Date.now() : toolNow);
  const words = wordsIn(answer);
  throw new DeskError(codeOf(status), `${what}: ${status}`, {
    ...(retry !== undefined && { retryAfterMs: retry }),
    ...(words !== undefined && { words }),
  });
}

function pageError(answer: HttpAnswer, { what, request }: Pick<Going, 'what' | 'request'>): DeskError | undefined {
  if (request.expect === 'any' || !isPage(answer)) return undefined;
  if (!isLoginPage(answer.text())) return new DeskError('unavailable', `${what}: a page instead of data`);
  return new LogInPage(`${what}: a log-in page instead of data`);
}

function isPage({ headers, bytes }: HttpAnswer): boolean {
  const type = headers['content-type'] ?? '';
  return /html/i.test(type) || (type === '' && /^\s*<(!doctype html|html)/i.test(Buffer.from(bytes.subarray(0, 100)).toString('latin1')));
}

function wordsIn(answer: HttpAnswer): string | undefined {
  try {
    return wordsOf(JSON.parse(answer.text()));
  } catch {
    return undefined; // a page, or half an answer: nothing to be quoted
  }
}

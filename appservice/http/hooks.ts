/**
 * The door for any tool (HOOKS.md): `POST /hooks/:connection`, its handshake and its schema. The order of the checks is part
 * of the contract: until the signature holds, a known connection answers like an unknown one, in the same time.
 */
import { hash } from 'node:crypto';
import { type Request, type Response, Router } from 'express';
import { Counter, register as defaultRegister, type Registry } from 'prom-client';
import type { LoadedConnection } from '#config/load.ts';
import { type Accept, dataSchema, readDeliveries, type Reject } from '#desk/delivery.ts';
import { DeskError } from '#desk/errors.ts';
import type { verifyWebhook } from '../../bots/webhook.ts';
import type { Log } from '../log.ts';
import { type Answer, problem, send } from './hook-answers.ts';
import { readBody } from './raw-body.ts';

export type HookConnection = Pick<LoadedConnection, 'id' | 'bot' | 'order' | 'hosts' | 'secrets' | 'callback' | 'retired' | 'settings'>;

export type HooksOptions = {
  /** `verifyWebhook` of the bot contract. */
  verify: typeof verifyWebhook;
  accept: Accept;
  reject: Reject;
  connections: readonly HookConnection[];
  /** False until store and homeserver are there: everything is answered 503 meanwhile. */
  ready: () => boolean;
  log: Log;
  /** Milliseconds. */
  clock?: () => number;
  /** What a post says of its connection's health; called after the answer. */
  onDelivery?: (connectionId: string, what: 'accepted' | 'bad_signature' | 'invalid') => void;
  /** A commit failed: the store's fault, or not. */
  onStoreFailure?: (error: unknown) => void;
  register?: Registry;
  /** Takes what a tool posts in its own form, verified by its bot. Throws `auth`, or `invalid` for what cannot be used. */
  receive?: (connectionId: string, request: { headers: Request['headers']; body: Uint8Array; now: number }) => Promise<void>;
};

const LARGEST_BODY = 5_000_000; // bytes
const MOST_WAITING = 1000; // posts of one connection that wait for their commit; beyond, it is asked to come again
const MOST_BYTES = 256_000_000; // bodies that wait, of all connections

const ONE = 'application/cloudevents+json';
const BATCH = 'application/cloudevents-batch+json';

/** Mount it before anything that reads bodies: the signature is over the raw bytes. */
export function hooks(options: HooksOptions): Router {
  const door = new Door(options);
  const router = Router();
  router.use('/hooks', async (request, response) => {
    const answer = await door.answer(request, response).catch((error: unknown) => {
      // A sender that hung up hears nothing any more; for anyone else nothing was committed.
      if (!request.destroyed) options.log.error({ error: sayError(error) }, 'a hook could not be answered');
      return problem('store');
    });
    if (!response.headersSent && !response.destroyed) send(response, answer);
  });
  return router;
}

class Door {
  readonly #options: HooksOptions;
  readonly #clock: () => number;
  readonly #connections = new Map<string, HookConnection>();
  readonly #waiting = new Map<string, number>();
  readonly #counters: Counters;
  #waitingBytes = 0;

  constructor(options: HooksOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
    this.#counters = openCounters(options.register ?? defaultRegister);
    for (const connection of options.connections) this.#connections.set(connection.id, connection);
  }

  async answer(request: Request, response: Response): Promise<Answer> {
    if (!this.#options.ready()) return problem('starting');
    const name = /^\/([^/]+)$/.exec(request.path)?.[1];
    if (name === undefined) return problem('not_found');
    if (name === 'schema.json' && (request.method === 'GET' || request.method === 'HEAD')) {
      return { status: 200, body: dataSchema, type: 'application/schema+json' };
    }
    if (request.method === 'OPTIONS') return shakeHands(request);
    if (request.method !== 'POST') return problem('method');
    const answer = await this.#receive(request, response, name);
    const label = this.#connections.has(name) ? name : 'unknown';
    this.#counters.answers.inc({ connection: label, status: String(answer.status) });
    return answer;
  }

  async #receive(request: Request, response: Response, name: string): Promise<Answer> {
    const body = await readBody(request, LARGEST_BODY);
    if (body === 'too_large') return problem('body_too_large');
    const connection = this.#connections.get(name);
    const { receive } = this.#options;
    if (connection?.settings !== undefined && !connection.retired && receive !== undefined)
      return this.#inTurn(name, body.length, () => this.#handOver(request, response, { name, body, receive }));
    const payload = this.#verify(request, connection, body);
    if (connection === undefined || payload === undefined) {
      if (connection) this.#tell(response, connection.id, 'bad_signature');
      return problem('signature');
    }
    if (connection.retired) return problem('retired');
    const mode = modeOf(request);
    if (mode === undefined) return problem('content_type');
    const reading = readDeliveries(payload, {
      mode,
      digest,
      contract: { ...connection, connection: connection.id, hasCallback: connection.callback !== undefined },
    });
    if (reading.kind === 'too_large') return problem('events_too_large', { detail: reading.detail });
    if (reading.kind === 'invalid') {
      this.#tell(response, connection.id, 'invalid');
      await this.#options.reject(connection.id, payload, reading.errors);
      return problem('invalid', { errors: reading.errors });
    }
    if (reading.unknownFields > 0) this.#counters.unknownFields.inc({ connection: connection.id }, reading.unknownFields);
    const isBatch = mode === 'batch';
    return this.#inTurn(connection.id, payload.length, async () => {
      const verdict = await this.#options.accept(connection.id, reading.deliveries);
      if (verdict.kind === 'conflict') {
        const detail = 'cet identifiant a déjà été employé avec un autre contenu';
        return problem('delivery_conflict', {
          errors: verdict.indexes.slice(0, 20).map((index) => ({ pointer: isBatch ? `/${index}` : '', detail })),
        });
      }
      this.#tell(response, connection.id, 'accepted');
      // The relay names the delivery again when its item is in the room.
      this.#options.log.info({ connection: connection.id, ...nameDeliveries(reading.deliveries), ...verdict.counts }, 'accepted');
      return { status: 202, body: verdict.counts };
    });
  }

  /** A connection whose bot reads what its tool posts. */
  async #handOver(
    request: Request,
    response: Response,
    { name, body, receive }: { name: string; body: Buffer; receive: NonNullable<HooksOptions['receive']> },
  ): Promise<Answer> {
    try {
      await receive(name, { headers: request.headers, body, now: this.#clock() });
    } catch (error) {
      if (!(error instanceof DeskError) || (error.code !== 'auth' && error.code !== 'invalid')) throw error;
      const isForged = error.code === 'auth';
      this.#tell(response, name, isForged ? 'bad_signature' : 'invalid');
      if (isForged) return problem('signature');
      const errors = [{ pointer: '', detail: 'corps illisible' }];
      await this.#options.reject(name, body, errors);
      return problem('invalid', { errors });
    }
    this.#tell(response, name, 'accepted');
    return { status: 202, body: {} };
  }

  /** The payload's bytes when they are genuine. Costs the same for a connection that does not exist. */
  #verify(request: Request, connection: HookConnection | undefined, body: Buffer): Uint8Array | undefined {
    try {
      return this.#options.verify({ secrets: connection?.secrets ?? [], headers: request.headers, body, now: this.#clock() });
    } catch (error) {
      if (error instanceof DeskError && error.code === 'auth') return undefined;
      throw error;
    }
  }

  /** Holds back a connection that sends faster than the store commits; the others do not wait behind it. */
  async #inTurn(connection: string, bytes: number, commit: () => Promise<Answer>): Promise<Answer> {
    const waiting = this.#waiting.get(connection) ?? 0;
    if (waiting >= MOST_WAITING || this.#waitingBytes + bytes > MOST_BYTES) return problem('too_many');
    this.#waiting.set(connection, waiting + 1);
    this.#waitingBytes += bytes;
    try {
      return await commit();
    } catch (error) {
      this.#options.log.error({ connection, error: sayError(error) }, 'deliveries could not be committed');
      this.#options.onStoreFailure?.(error);
      return problem('store');
    } finally {
      this.#waiting.set(connection, (this.#waiting.get(connection) ?? 1) - 1);
      this.#waitingBytes -= bytes;
    }
  }

  #tell(response: Response, connection: string, what: 'accepted' | 'bad_signature' | 'invalid'): void {
    response.once('close', () => this.#options.onDelivery?.(connection, what));
  }
}

type Counters = { answers: Counter<'connection' | 'status'>; unknownFields: Counter<'connection'> };

function openCounters(register: Registry): Counters {
  return {
    answers: counter(register, 'ecritoire_hook_answers_total', 'Answers to posts, by connection and status', ['connection', 'status']),
    unknownFields: counter(register, 'ecritoire_hook_unknown_fields_total', 'Members of accepted events that the contract does not know', [
      'connection',
    ]),
  };
}

/** One counter per registry, however many doors are opened on it. */
function counter<Label extends string>(register: Registry, name: string, help: string, labelNames: Label[]): Counter<Label> {
  const known = register.getSingleMetric(name);
  return known instanceof Counter ? known : new Counter({ name, help, labelNames, registers: [register] });
}

/** The CloudEvents webhook handshake. What it grants depends on no connection; a callback address in it is never fetched. */
function shakeHands(request: Request): Answer {
  const origin = request.headers['webhook-request-origin'];
  const granted: Record<string, string> =
    typeof origin === 'string' && origin !== '' ? { 'WebHook-Allowed-Origin': origin, 'WebHook-Allowed-Rate': '*' } : {};
  return { status: 200, headers: { Allow: 'POST, OPTIONS', ...granted } };
}

/** Structured or batch, unpacked, in UTF-8; undefined for everything else. Binary mode would leave its attributes unsigned. */
function modeOf(request: Request): 'one' | 'batch' | undefined {
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '').split(';').map((part) => part.trim().toLowerCase());
  const isForeign = parameters.some((parameter) => /^charset\s*=/.test(parameter) && !/^charset="?utf-?8"?$/.test(parameter));
  if (isForeign || request.headers['content-encoding'] !== undefined) return undefined;
  if (type === ONE) return 'one';
  return type === BATCH ? 'batch' : undefined;
}

const nameDeliveries = (deliveries: readonly { id: string }[]): object =>
  deliveries.length === 1 ? { delivery: deliveries[0]?.id } : { deliveries: deliveries.map(({ id }) => id) };

const digest = (text: string): string => hash('sha256', text, 'hex');

/** Errors of the store may quote rows: only their message and code are told. */
function sayError(error: unknown): { message: string; code?: string } {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  return { message: error instanceof Error ? error.message : 'unknown', ...(code !== undefined && { code }) };
}

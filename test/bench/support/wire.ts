/**
 * A sender as light as can be, so that on shared cores it measures the door and not itself: signed requests made
 * beforehand, written to plain sockets, of the answers only the status is read.
 */
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { signWebhook } from '../../../bots/webhook.ts';

/** A whole request as bytes. */
export function signedRequest({
  path,
  secret,
  id,
  events,
}: {
  path: string;
  secret: string;
  id: string;
  events: object | readonly object[];
}): Buffer {
  const body = Buffer.from(JSON.stringify(events));
  const type = Array.isArray(events) ? 'application/cloudevents-batch+json' : 'application/cloudevents+json';
  const signed = signWebhook({ secret, id, timestamp: Math.floor(Date.now() / 1000), body });
  const headers = { host: '127.0.0.1', 'content-type': type, 'content-length': String(body.length), ...signed };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`), body]);
}

/** One kept connection: a request at a time, answered with its status. */
export class Wire {
  readonly #socket: Socket;
  #said = '';
  #answer: ((status: number) => void) | undefined;
  #fail: ((error: Error) => void) | undefined;

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => this.#read(text));
    this.#socket.on('error', (error) => this.#fail?.(error));
    this.#socket.on('close', () => this.#fail?.(new Error('the door closed the connection')));
  }

  ask(request: Buffer): Promise<number> {
    return new Promise((answer, fail) => {
      this.#answer = answer;
      this.#fail = fail;
      this.#socket.write(request);
    });
  }

  end(): void {
    this.#fail = undefined;
    this.#socket.destroy();
  }

  #read(text: string): void {
    this.#said += text;
    const head = this.#said.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(this.#said)?.[1] ?? 0);
    if (this.#said.length < head + 4 + length) return;
    const status = Number(this.#said.slice(9, 12));
    this.#said = '';
    this.#answer?.(status);
  }
}

/** `latencies` in ms; `refused` counts answers that were not 202. */
export type Fired = { ms: number; latencies: number[]; refused: number };

/**
 * Sends each lane over a connection of its own, one request after the other. With `perSecond` the requests of all lanes
 * are due in turn, and a late one counts from when it was due.
 */
export async function fire(
  port: number,
  lanes: readonly (readonly Buffer[])[],
  { perSecond }: { perSecond?: number } = {},
): Promise<Fired> {
  const wires = lanes.map(() => new Wire(port));
  const fired: Fired = { ms: 0, latencies: [], refused: 0 };
  const began = performance.now();
  const work = async (wire: Wire, lane: readonly Buffer[], place: number): Promise<void> => {
    for (const [index, request] of lane.entries()) {
      let from = performance.now();
      if (perSecond !== undefined) {
        const due = began + ((index * lanes.length + place) * 1000) / perSecond;
        if (due > from) await new Promise((resolve) => setTimeout(resolve, due - from));
        from = due;
      }
      const status = await wire.ask(request);
      fired.latencies.push(performance.now() - from);
      if (status !== 202) fired.refused += 1;
    }
  };
  await Promise.all(wires.map((wire, place) => work(wire, lanes[place] ?? [], place)));
  fired.ms = performance.now() - began;
  for (const wire of wires) wire.end();
  return fired;
}

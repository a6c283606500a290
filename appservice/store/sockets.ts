/** The sockets of some connections to PostgreSQL: none waits for its first word for ever, and each can be given up. */
import { Socket } from 'node:net';
import pg from 'pg';

/** PostgreSQL takes what it is sent and says nothing: stopped, starved, or behind a network that swallows. */
export class StuckStore extends Error {
  constructor() {
    super('The store does not answer');
  }
}

const CONNECT_MS = 5000; // PostgreSQL answers a new connection in milliseconds, also to say that it is starting up

/** `answered`: bytes that had been sent when it last said something; `since`: when it was first seen to owe an answer, in ms. */
type Line = { pid?: number; answered: number; since?: number | undefined };

export class Sockets {
  readonly #open = new Map<Socket, Line>();

  /** As pg's own, not connected yet. */
  open(): Socket {
    const socket = new Socket();
    const line: Line = { answered: 0 };
    this.#open.set(socket, line);
    const late = setTimeout(() => socket.destroy(new StuckStore()), CONNECT_MS);
    socket.on('data', () => {
      clearTimeout(late);
      Object.assign(line, { answered: socket.bytesWritten, since: undefined });
    });
    socket.once('close', () => {
      clearTimeout(late);
      this.#open.delete(socket);
    });
    return socket;
  }

  /** Which process of the server is at its other end. */
  name(socket: Socket, pid: number): void {
    const line = this.#open.get(socket);
    if (line !== undefined) line.pid = pid;
  }

  /** The server's processes that have owed an answer for so long. Seen from look to look, so look often. */
  silent(forMs: number): number[] {
    const now = performance.now();
    return [...this.#open].flatMap(([socket, line]) => {
      if (socket.bytesWritten === line.answered) return [];
      line.since ??= now;
      return line.pid !== undefined && now - line.since >= forMs ? [line.pid] : [];
    });
  }

  /** Whatever waits there for an answer fails with {@link StuckStore}; the server undoes it when it is well again. All of them if none is named. */
  giveUp(pids?: readonly number[]): void {
    for (const [socket, { pid }] of this.#open)
      if (pids === undefined || (pid !== undefined && pids.includes(pid))) socket.destroy(new StuckStore());
  }
}

/** A client on one of these sockets. */
export class HeardClient extends pg.Client {
  readonly socket: Socket;

  constructor(sockets: Sockets, config: pg.ClientConfig = {}) {
    const socket = sockets.open();
    super({ ...config, stream: () => socket });
    this.socket = socket;
  }
}

/** The sockets of some connections to PostgreSQL: none waits for its first word for ever, and each can be given up. */
import { Socket } from 'node:net';
import pg from 'pg';

/** PostgreSQL takes what it is sent and says nothing: stopped, starved, or behind a network that swallows. */
export class StuckStore extends Error {
  constructor() {
    super('The store does not answer');
  }
}

const CONNECT_MS = 5000; // PostgreSQL opens a connection in milliseconds, or says as soon that it is starting up

/**
 * `pid`: once it is open; `late` gives it up when it is not by then. `answered`: bytes that had been sent when it last said
 * something; `since`: when it was first seen to owe an answer, in ms.
 */
type Line = { pid?: number; late: NodeJS.Timeout; answered: number; since?: number | undefined };

export class Sockets {
  readonly #open = new Map<Socket, Line>();

  /** As pg's own, not connected yet. */
  open(): Socket {
    const socket = new Socket();
    const late = setTimeout(() => socket.destroy(new StuckStore()), CONNECT_MS);
    const line: Line = { late, answered: 0 };
    this.#open.set(socket, line);
    socket.on('data', () => Object.assign(line, { answered: socket.bytesWritten, since: undefined }));
    socket.once('close', () => {
      clearTimeout(late);
      this.#open.delete(socket);
    });
    return socket;
  }

  /** It takes questions now; `pid` is the server's process at its other end. */
  opened(socket: Socket, pid: number): void {
    const line = this.#open.get(socket);
    if (line === undefined) return;
    clearTimeout(line.late);
    line.pid = pid;
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
  /** The server's process, as it says when it opens the connection; the library's types do not know of it. */
  declare readonly processID: number;

  constructor(sockets: Sockets, config: pg.ClientConfig = {}) {
    const socket = sockets.open();
    super({ ...config, stream: () => socket });
    this.once('connect', () => sockets.opened(socket, this.processID));
  }
}

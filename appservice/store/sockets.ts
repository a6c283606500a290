/** The sockets of some connections to PostgreSQL: none waits for its first word for ever, and all can be given up at once. */
import { Socket } from 'node:net';

/** PostgreSQL takes what it is sent and says nothing: stopped, starved, or behind a network that swallows. */
export class StuckStore extends Error {
  constructor() {
    super('The store does not answer');
  }
}

const CONNECT_MS = 5000; // PostgreSQL answers a new connection in milliseconds, also to say that it is starting up

export class Sockets {
  readonly #open = new Set<Socket>();

  /** As pg's own, not connected yet. */
  open(): Socket {
    const socket = new Socket();
    this.#open.add(socket);
    const late = setTimeout(() => socket.destroy(new StuckStore()), CONNECT_MS);
    socket.once('data', () => clearTimeout(late));
    socket.once('close', () => {
      clearTimeout(late);
      this.#open.delete(socket);
    });
    return socket;
  }

  /** Whatever waits for an answer fails with {@link StuckStore}; the server undoes it when it is well again. */
  giveUp(): void {
    for (const socket of this.#open) socket.destroy(new StuckStore());
  }
}

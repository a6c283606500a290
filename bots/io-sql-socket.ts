/** What drivers leave open about their socket: bytes that are of no protocol, and calls that nobody answers any more. */
import { Socket } from 'node:net';
import { DeskError } from '#desk/errors.ts';
import { sqlError } from './io-sql-status.ts';

/**
 * A driver that cannot read what came throws where nobody can catch it, and would end the process: then the connection ends.
 * `socket` is what a driver says it reads from, so that it is asked for again when TLS has put another in its place.
 */
export function withstand(socket: unknown): void {
  if (!(socket instanceof Socket)) return;
  const emit = socket.emit.bind(socket);
  socket.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    try {
      return emit(event, ...args);
    } catch (cause) {
      socket.destroy(cause instanceof DeskError ? cause : new DeskError('unavailable', 'SQL: the server speaks otherwise', { cause }));
      return true;
    }
  };
}

const LAST_WORDS_MS = 100; // for a driver to say better why

/** Not every driver tells the call under way that the connection is gone. */
export function closed(socket: Socket): Promise<never> {
  return new Promise((_, reject) => {
    let why: unknown;
    socket.on('error', (error) => (why ??= error));
    socket.once('close', () =>
      setTimeout(() => reject(sqlError(why ?? new DeskError('unavailable', 'SQL: the connection was closed'))), LAST_WORDS_MS),
    );
  });
}

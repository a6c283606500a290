/** The raw bytes of a request: what was signed, before anything unpacks or decodes it. */
import type { IncomingMessage } from 'node:http';
import { DeskError } from '#desk/errors.ts';

const PATIENCE = 10; // times the limit that a sender may go on for, so that it reads our answer instead of a reset

/** Reads at most `limit` bytes; `too_large` once the sender has said all. Throws `unavailable` when it went away meanwhile. */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer | 'too_large'> {
  return new Promise((done, fail) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else chunks.length = 0;
      if (length > limit * PATIENCE) done('too_large');
    });
    request.once('end', () => done(length > limit ? 'too_large' : Buffer.concat(chunks, length)));
    request.once('error', (cause) => fail(new DeskError('unavailable', 'The request broke off', { cause })));
    request.once('close', () => {
      if (!request.complete) fail(new DeskError('unavailable', 'The request broke off'));
    });
  });
}
